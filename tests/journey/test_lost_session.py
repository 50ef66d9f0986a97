"""The session ends, or the network does, while a director types: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import Session
from kindergartens.models import MonthlyFiling
from tests.journey.conftest import PASSWORD
from tests.journey.test_return_to_report import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Visit = Callable[..., Page]
SIGNED_OUT = "登录已过期。请在新窗口登录，这里填的会自动保存"


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def form(visit: Visit, story: Story) -> Page:
    """October's return, open in the browser of its director."""
    page = visit(story.director, provokes=("403", "404", "ERR_INTERNET_DISCONNECTED"))
    page.get_by_role("button", name="开始填10月月报").click()
    expect(page.locator("#remarks")).to_be_visible()
    # Its scripts too: what they do on a press is what is tested.
    page.wait_for_load_state("load")
    return page


def sign_in(page: Page, story: Story) -> None:
    page.goto("/login/")
    page.get_by_label("用户名").fill(story.director.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def expect_saved(page: Page, timeout: int = 5_000) -> None:
    expect(page.locator("[data-save=saved]")).to_be_visible(timeout=timeout)


def come_back(page: Page, event: str) -> None:
    """Headless, every tab counts as focused and visible: say what the browser would say."""
    page.bring_to_front()
    page.evaluate("event => document.dispatchEvent(new Event(event, {bubbles: true}))", event)


def remarks() -> str:
    return str(MonthlyFiling.objects.latest("pk").draft["remarks"])


def test_signing_in_again_elsewhere_saves_without_a_click(form: Page, story: Story) -> None:
    form.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    form.locator("#remarks").fill("会话过期时填的")
    expect(form.locator("[data-save=trouble]:visible")).to_contain_text(SIGNED_OUT)

    # Signing in changes the token that the open form carries.
    second = form.context.new_page()
    sign_in(second, story)
    assert remarks() == ""
    form.bring_to_front()
    expect_saved(form, timeout=20_000)
    assert remarks() == "会话过期时填的"

    # The token renewed, the form goes on as before; a button too.
    form.locator("#remarks").fill("接着填的")
    form.get_by_role("button", name="存草稿").last.click()
    expect(form.locator("main")).to_contain_text("已存草稿")
    assert remarks() == "接着填的"


@pytest.mark.parametrize(("button", "event"), [("存草稿", "visibilitychange"), ("提交", "focus")])
def test_button_pressed_while_signed_out_keeps_the_page(
    form: Page, story: Story, button: str, event: str
) -> None:
    address = form.url
    Session.objects.all().delete()
    form.locator("#remarks").fill("不能丢")
    form.get_by_role("button", name=button, exact=True).last.click()
    expect(form.locator("[data-save=trouble]:visible")).to_contain_text(SIGNED_OUT)
    assert form.url == address
    expect(form.locator("#remarks")).to_have_value("不能丢")
    expect(form.locator("[data-submits]")).not_to_have_attribute("aria-busy", "true")

    second = form.context.new_page()
    sign_in(second, story)
    come_back(form, event)
    expect_saved(form)
    assert remarks() == "不能丢"


def test_token_changed_by_signing_in_elsewhere_is_renewed_unasked(form: Page, story: Story) -> None:
    second = form.context.new_page()
    form.context.clear_cookies()
    sign_in(second, story)
    form.locator("#remarks").fill("换了令牌")
    form.get_by_role("button", name="存草稿").last.click()
    expect(form.locator("main")).to_contain_text("已存草稿")
    assert remarks() == "换了令牌"


def test_button_pressed_without_network_keeps_the_page_and_saves_later(form: Page) -> None:
    address = form.url
    form.context.set_offline(True)
    form.locator("#remarks").fill("断网时填的")
    form.get_by_role("button", name="存草稿").last.click()
    expect(form.locator("[data-save=trouble]:visible")).to_contain_text("没有网络")
    assert form.url == address
    form.context.set_offline(False)
    expect_saved(form)
    assert form.url == address
    assert remarks() == "断网时填的"


def test_someone_else_signed_in_meanwhile_is_said(form: Page, story: Story) -> None:
    form.context.clear_cookies()
    second = form.context.new_page()
    second.goto("/login/")
    second.get_by_label("用户名").fill(story.officer.username)
    second.get_by_label("密码", exact=True).fill(PASSWORD)
    second.get_by_role("button", name="登录").click()
    second.wait_for_url(lambda url: "/login/" not in url)
    form.bring_to_front()
    form.locator("#remarks").fill("别人登录了")
    expect(form.locator("[data-save=trouble]:visible")).to_contain_text(
        "现在登录的账号或岗位不能填这份月报"
    )
    expect(form.locator("#remarks")).to_have_value("别人登录了")
    assert remarks() == ""
