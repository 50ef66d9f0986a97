"""Reporting periods: the months, opening the next, one month with who owes, an extension."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto


def locked_month(page: Page) -> None:
    """The newest month in which somebody may file after the lock."""
    page.goto("/periods/")
    page.locator('main tbody a[href$="tab=extended"]').first.click()


SHOTS = [
    Shot("list", "wuqing-officer", goto("/periods/")),
    Shot("open", "wuqing-officer", goto("/periods/open/")),
    Shot("rule", "wuqing-officer", goto("/periods/rule/")),
    Shot("pre-review", "wuqing-officer", goto("/periods/pre-review/")),
    Shot("month", "wuqing-officer", first_link("/periods/", "main tbody th a")),
    Shot("extended", "wuqing-officer", locked_month),
]
