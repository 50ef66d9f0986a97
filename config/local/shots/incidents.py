"""事故报告: the list, a case that vetoes, one that was late, forms, limits, beside the returns."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

LIST = "/safety/incidents/"
CASE = "main tbody th a[href*='/safety/incidents/SG']"

SHOTS = [
    Shot("list", "kundulun-officer", goto(LIST)),
    Shot("case-closed", "kundulun-officer", first_link(f"{LIST}?kind=violation", CASE)),
    Shot("case-late", "kundulun-officer", first_link(f"{LIST}?kind=food", CASE)),
    Shot("new", "kundulun-director", goto(f"{LIST}new/")),
    Shot("own", "kundulun-director", first_link(f"{LIST}?state=closed", CASE)),
    Shot("limits", "kundulun-officer", goto(f"{LIST}limits/")),
    Shot("returns", "kundulun-officer", goto(f"{LIST}returns/")),
    Shot("town", "wuqing-town", goto(LIST)),
]
