"""On a phone everybody reaches every page of their menu, and ticks a whole list at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import AccountRequest
from tests.journey.test_return_to_report import Story
from tests.small_county import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]


def test_a_director_reaches_accounts_and_deputies(visit: Visit) -> None:
    page = visit(Story().director, width=390, height=844)
    page.goto("/account/")
    link = page.locator(".phone-menu").get_by_role("link", name="委托代办")
    expect(link).to_be_hidden()
    page.get_by_label("打开导航").click()
    expect(page.locator(".phone-menu").get_by_role("link", name="账号申请")).to_be_visible()
    link.click()
    page.wait_for_url("**/deputies/")


def test_one_box_ticks_all_requests_of_the_page(visit: Visit) -> None:
    story = Story()
    post = story.director.memberships.get()
    for number in ("甲", "乙", "丙"):
        AccountRequest.objects.create(
            full_name=f"示例{number}", username=f"clerk-{ord(number)}",
            organisation=post.organisation, role="kindergarten_clerk", valid_from=NOW.date(),
            reason="新学期", requested_by=story.director, requested_as=post, requested_at=NOW,
        )  # fmt: skip
    page = visit(story.officer)
    page.goto("/account-approvals/kindergartens/")
    rows = page.locator("[name=request]")
    everything = page.locator("[data-ticks-all]").first
    everything.check()
    assert [row.is_checked() for row in rows.all()] == [True] * 3
    rows.first.uncheck()
    assert not everything.is_checked()
    everything.check()
    assert page.locator("[name=request]:checked").count() == 3
