"""Before a session idles out the page asks; staying is one click, and what is typed stays."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Session
from tests.journey.test_return_to_report import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# What is left right after the person did something, in seconds.
LONG = re.compile("^(1800|17..)$")


def idle_for(minutes: float) -> None:
    """The person has done nothing for so long."""
    Session.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=minutes))


def test_the_page_asks_before_the_session_ends(visit: Callable[..., Page]) -> None:
    page = visit(Story().director)
    page.clock.install()
    page.goto("/account/password/")
    dialog = page.locator("#session-end")
    page.locator("[name=present]").evaluate("field => { field.value = 'half a form'; }")

    # In the middle of the time nothing is asked.
    idle_for(15)
    page.clock.fast_forward("04:01")
    expect(dialog).to_have_attribute("data-left", re.compile("^(900|8..)$"))
    expect(dialog).not_to_be_visible()

    idle_for(28.5)
    page.clock.fast_forward("04:01")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("2分钟后自动退出登录")
    dialog.get_by_role("button", name="继续用").click()
    expect(dialog).to_have_attribute("data-left", LONG)
    expect(dialog).not_to_be_visible()
    assert timezone.now() - Session.objects.get().seen_at < dt.timedelta(minutes=1)

    # Whoever types is not idle, though nothing is sent.
    idle_for(28.5)
    page.locator("[name=chosen]").press("a")
    with page.expect_response("**/session/") as told:
        page.clock.fast_forward("04:01")
    assert told.value.request.method == "POST"
    assert LONG.match(told.value.text())
    expect(dialog).not_to_be_visible()
    assert timezone.now() - Session.objects.get().seen_at < dt.timedelta(minutes=1)

    idle_for(31)
    page.clock.fast_forward("04:01")
    expect(dialog).to_contain_text("已自动退出登录。请在新窗口登录")
    expect(page.locator("[name=present]")).to_have_value("half a form")
    assert Session.objects.get().ended_why == "idle"
