"""A real Chromium against the running portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User

PASSWORD = "yanshi-only-for-tests"


def confirm(page: Page) -> None:
    """Tick every section that is as last month, and that nothing has happened."""
    page.locator("[data-none]").check()
    waiting = page.locator("[data-checks=confirm]")
    while waiting.is_visible():
        page.locator(str(waiting.get_attribute("href"))).check()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Sign a person in through the login page, in a browser of their own.

    The test fails on any script error or blocked resource the pages report, but for the refusals
    it says it `provokes` (words of the browser's message).
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visited(
        user: User, width: int = 1440, height: int = 900, provokes: tuple[str, ...] = ("409",)
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url} {message.text} {message.location}")
                if message.type == "error" and not any(words in message.text for words in provokes)
                else None
            ),
        )
        page.goto("/login/")
        page.get_by_label("用户名").fill(user.username)
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield visited
    for context in contexts:
        context.close()
    # Inside Playwright's event loop Django opened a connection of its own.
    connections.close_all()
    assert complaints == []
