"""What a change of status would do to the rates."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link

OPEN = first_link(
    "/kindergartens/?ownership=non_inclusive_private",
    "main tbody th a",
    ".page-head a:has-text('变更')",
)


def see_effect(page: Page) -> None:
    OPEN(page)
    for name, value in (
        ("sponsor_type", "education"),
        ("ownership", "public"),
        ("for_profit", "no"),
    ):
        page.select_option(f"[name={name}]", value)
    page.fill("[name=reason]", "转为公办")
    page.fill("[name=document_number]", "示例文号")
    page.click("button:has-text('测算影响')")
    page.wait_for_load_state()


SHOTS = [
    Shot("change", "wuqing-officer", OPEN),
    Shot("effect", "wuqing-officer", see_effect),
]
