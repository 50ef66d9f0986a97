"""What a picture is of, and the ways to a page that several pictures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from accounts.demo_logins import DEMO_PASSWORD

Walk = Callable[[Page], object]


@dataclass(frozen=True)
class Shot:
    """A page as somebody sees it: its name within the part, who signs in, how to get there."""

    name: str
    login: str  # empty: nobody is signed in
    walk: Walk
    printed: bool = False  # people print this page from the browser: its sheets are taken as well


def goto(path: str) -> Walk:
    return lambda page: page.goto(path)


def first_link(path: str, *selectors: str) -> Walk:
    """Open a page and follow the first link of each selector in turn."""

    def walk(page: Page) -> None:
        page.goto(path)
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state()

    return walk


def sign_in(page: Page, username: str) -> None:
    page.goto("/login/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form[action*=login] button[type=submit], form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)
