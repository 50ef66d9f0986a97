"""The fee schedule of a kindergarten as the county keeps it, what is published, charges above it."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto

ONE = "/kindergartens/"
FILINGS, DRAFT = "/fees/filings/", "main tbody th a"
PUBLISHED = "/public/counties/120114/fees/"


def _a_review(page: Page) -> None:
    """A filing that stands for review, with what the fee costs."""
    page.goto(FILINGS)
    addresses = [link.get_attribute("href") for link in page.locator("main tbody th a").all()]
    for address in addresses:
        page.goto(address or FILINGS)
        if page.get_by_text("成本核算", exact=False).count():
            return


def _a_refund(page: Page) -> None:
    """A child whose last day was today, on the line that is charged today."""
    page.goto("/fees/refunds/")
    today = page.evaluate("new Date().toISOString().slice(0, 10)")
    page.get_by_label("离园日").fill(today)
    page.get_by_role("button", name="计算").click()
    page.wait_for_load_state()


SHOTS = [
    Shot(
        "schedule",
        "wuqing-officer",
        first_link(ONE, "main tbody th a", "a[href$='/fees/']"),
    ),
    Shot(
        "new",
        "wuqing-officer",
        first_link(ONE, "main tbody th a", "a[href$='/fees/']", "a[href$='/fees/new/']"),
    ),
    Shot("filings", "wuqing-officer", goto(FILINGS)),
    Shot("filings-review", "wuqing-officer", _a_review),
    Shot("filings-lines", "wuqing-director", first_link(FILINGS, DRAFT, "a[href$='/lines/']")),
    Shot("filings-costs", "wuqing-director", first_link(FILINGS, DRAFT, "a[href$='/costs/']")),
    Shot("figures", "wuqing-officer", goto("/fees/figures/")),
    Shot("items", "wuqing-officer", goto("/fees/items/")),
    Shot("local-list", "wuqing-officer", goto("/fees/local-list/")),
    Shot("public-counties", "", goto("/public/fees/")),
    Shot("public-county", "", goto(PUBLISHED)),
    Shot("public", "", first_link(f"{PUBLISHED}?q=小燕子", "main tbody th a")),
    Shot("free-year", "kundulun-officer", goto("/fees/free-year/")),
    Shot("free-year-standards", "kundulun-officer", goto("/fees/free-year-standards/")),
    Shot(
        "free-year-month",
        "kundulun-officer",
        first_link(
            "/fees/free-year/",
            "main nav.tabs a[href*='claim_filed']",
            "main tbody th a[href*='free-year/2']",
        ),
    ),
    Shot(
        "free-year-approve",
        "kundulun-officer",
        first_link(
            "/fees/free-year/",
            "main nav.tabs a[href*='claim_filed']",
            "main tbody th a[href*='free-year/2']",
            "main a[href$='/approve/']",
        ),
    ),
    Shot("free-year-own", "kundulun-director", goto("/free-year/")),
    Shot("funding", "kundulun-officer", goto("/fees/funding/")),
    Shot(
        "funding-one",
        "kundulun-officer",
        first_link("/fees/funding/", "main tbody th a[href^='/kindergartens/']"),
    ),
    Shot("funding-standards", "kundulun-officer", goto("/fees/funding-standards/")),
    Shot("overcharging", "kundulun-officer", goto("/fees/overcharging/")),
    Shot(
        "overcharged",
        "kundulun-officer",
        first_link("/fees/overcharging/", "main tbody td a[href$='/overcharged/']"),
    ),
    Shot(
        "overcharged-repaid",
        "kundulun-officer",
        first_link(
            "/fees/overcharging/",
            "main tbody td a[href$='/overcharged/']",
            "main tbody td a[href$='/repaid/']",
        ),
    ),
    Shot("overcharged-own", "kundulun-director", goto("/fees/overcharged/")),
    Shot("meals", "kundulun-officer", goto("/fees/meals/")),
    Shot(
        "meal-account",
        "kundulun-officer",
        first_link("/fees/meals/", "main tbody th a"),
    ),
    Shot("meal-standards", "kundulun-officer", goto("/fees/meals/standards/")),
    Shot("refund-rules", "kundulun-officer", goto("/fees/refunds/")),
    Shot("refund-rule-new", "kundulun-officer", goto("/fees/refunds/new/")),
    Shot("refund", "wuqing-director", _a_refund, printed=True),
]
