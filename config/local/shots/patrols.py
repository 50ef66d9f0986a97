"""Patrols over cameras: the list, the form of exceptions, a week and its issued circular, what follows."""

from __future__ import annotations

from playwright.sync_api import Page

from config.local.shots.walks import Shot, first_link, goto

LIST, CIRCULARS = "/safety/patrols/", "/safety/patrols/circulars/"


def _with_an_exception(page: Page) -> None:
    """The last kindergarten of a town unfolded, two kinds ticked and one of them explained."""
    first_link("/safety/patrols/new/", "main tbody th a")(page)
    place = page.locator(".patrol-place").last
    place.locator("input[name=looked]").check()
    place.locator("summary").click()
    for kind in ("guard_absent", "gate_open"):
        place.locator(f"input[value={kind}]").check()
    place.locator("input[name$=-guard_absent]").fill("离园后门卫室无人")


SHOTS = [
    Shot("list", "wuqing-officer", goto(LIST)),
    Shot("one", "wuqing-officer", first_link(LIST, "main tbody th a")),
    Shot("new", "wuqing-officer", _with_an_exception),
    Shot("devices", "wuqing-officer", goto("/safety/patrols/devices/")),
    Shot(
        "kindergarten",
        "wuqing-officer",
        first_link("/safety/patrols/devices/", "main tbody th a"),
    ),
    Shot("own", "wuqing-director", goto(LIST)),
    Shot("circulars", "wuqing-officer", goto(CIRCULARS)),
    Shot("circular", "wuqing-officer", first_link(CIRCULARS, "main tbody th a")),
    Shot("talks", "wuqing-officer", goto("/safety/patrols/talks/")),
    Shot("appraisals", "wuqing-officer", goto("/safety/patrols/appraisals/")),
    Shot(
        "appraisal",
        "wuqing-officer",
        first_link("/safety/patrols/appraisals/", "main tbody th a"),
    ),
    Shot("settings", "wuqing-officer", goto("/safety/patrols/settings/")),
]
