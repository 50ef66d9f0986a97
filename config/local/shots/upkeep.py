"""Drills, training, insurance and kitchens: the county's list, and a kindergarten's own page."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

LIST = "/safety/upkeep/"

SHOTS = [
    Shot("county", "kundulun-officer", goto(LIST)),
    Shot("of-a-kindergarten", "kundulun-director", goto(LIST)),
    Shot("policy", "kundulun-director", first_link(LIST, "a[href$='/upkeep/policy/new/']")),
]
