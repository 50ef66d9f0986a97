"""The fee schedule of a kindergarten, as the county keeps it and as its director reads it."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link

ONE = "/kindergartens/"

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
]
