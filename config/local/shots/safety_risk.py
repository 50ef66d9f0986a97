"""The risk picture: kindergartens in order, one explained, towns by fields."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

RISK = "/safety/risk/"

SHOTS = [
    Shot("list", "kundulun-officer", goto(RISK)),
    Shot("one", "kundulun-officer", first_link(RISK, "main tbody th a")),
    Shot("heat", "kundulun-officer", goto("/safety/risk/heat/"), printed=True),
]
