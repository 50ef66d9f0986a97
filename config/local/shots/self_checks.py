"""Self-checks: what a director has to do, one on the phone, and the county's table."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto

OWN, COUNTY = "/safety/self-checks/", "/safety/self-checks/"


def _a_problem(page: Page) -> None:
    """A line that is found wrong, not sent yet."""
    page.goto(OWN)
    page.goto(f"{page.url}fire/daily/")
    page.get_by_role("button", name="全部正常").click()
    page.locator(".check-answer.is-problem").first.click()


SHOTS = [
    Shot("to-do", "kundulun-director", goto(OWN)),
    Shot("check", "kundulun-director", _a_problem),
    Shot("one", "kundulun-director", first_link(OWN, "main tbody th a")),
    Shot("county", "kundulun-officer", goto(COUNTY)),
    Shot("of-a-kindergarten", "kundulun-officer", first_link(COUNTY, "main section[aria-labelledby=by-place] tbody th a")),
]  # fmt: skip
