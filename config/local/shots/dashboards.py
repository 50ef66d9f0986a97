"""Figures of regions."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, goto


def open_explanation(page: Page) -> None:
    page.goto("/figures/")
    page.locator(".figure-explain").last.click()
    page.locator("dialog#explain h2").first.wait_for()


def open_explanation_page(page: Page) -> None:
    """The same explanation as a page of its own, as a link sent to a colleague opens it."""
    page.goto("/figures/")
    page.goto(page.locator(".figure-explain").last.get_attribute("href") or "")


SHOTS = [
    Shot("county", "wuqing-officer", goto("/figures/"), printed=True),
    Shot("city", "altay-city", goto("/figures/")),
    Shot("town", "wuqing-town", goto("/figures/"), printed=True),
    Shot("other-county", "kundulun-officer", goto("/figures/")),
    Shot("explanation", "wuqing-officer", open_explanation),
    Shot("explanation-page", "wuqing-officer", open_explanation_page, printed=True),
    *(
        Shot(page, "wuqing-officer", goto(f"/figures/120114/{page}/"), printed=page == "heat")
        for page in ("all", "documents", "ranking", "trend", "heat", "cuts")
    ),
    Shot("cuts-by-group", "wuqing-officer", goto("/figures/120114/cuts/?cut=town_cluster")),
    Shot("trend-of-years", "altay-city", goto("/figures/654300/trend/?months=years")),
    Shot("ranking-of-counties", "altay-city", goto("/figures/654300/ranking/")),
    Shot("heat-of-towns", "wuqing-officer", goto("/figures/120114/heat/?by=places")),
    Shot("not-found", "wuqing-officer", goto("/figures/110000/")),
]
