"""无证花名册."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("list", "kundulun-officer", goto("/unlicensed/?state=all")),
    Shot("place", "kundulun-officer", first_link("/unlicensed/", "section[aria-label] tbody th a")),
    Shot("new", "kundulun-officer", goto("/unlicensed/new/")),
    Shot(
        "close",
        "kundulun-officer",
        first_link("/unlicensed/", "section[aria-label] tbody th a", "a[href$='/close/']"),
    ),
]
