"""Hazards: the list, one under a plate, the page for the phone with an entry that waits."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto

LIST = "/hazards/"
ROW = "main tbody th a"


def _waiting(page: Page) -> None:
    """Recorded without network: the entry stands above the form."""
    page.goto("/hazards/new/")
    page.wait_for_load_state()
    page.context.set_offline(True)
    page.locator("#id_place").fill("二楼东侧楼梯间")
    page.locator("#id_description").fill("扶手松动")
    page.locator("#id_field").select_option("premises")
    page.locator("#id_deadline").fill("2099-12-01")
    page.get_by_role("button", name="登记", exact=True).click()
    page.locator(".hazard-entry").wait_for()


SHOTS = [
    Shot("list", "kundulun-officer", goto(LIST)),
    Shot("plated", "kundulun-officer", first_link(f"{LIST}?plated=1", ROW)),
    Shot(
        "plate",
        "kundulun-officer",
        first_link(f"{LIST}?field=premises&grade=major", ROW, "a[href$='/plate/']"),
    ),
    Shot(
        "withdraw",
        "kundulun-director",
        first_link(f"{LIST}?q=锅炉房", ROW, "a[href$='/withdraw/']"),
    ),
    Shot("own", "kundulun-director", goto(LIST)),
    Shot("closed", "kundulun-director", first_link(f"{LIST}?state=closed", ROW)),
    Shot("new", "kundulun-director", goto("/hazards/new/")),
    Shot("ledger", "kundulun-officer", goto("/ledger/")),
    Shot("ledger-offered", "kundulun-officer", goto("/ledger/?tab=offered")),
    Shot("waiting", "kundulun-director", _waiting),
]
