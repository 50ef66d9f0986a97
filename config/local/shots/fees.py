"""The fee schedule of a kindergarten as the county keeps it, and charges above it."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

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
    Shot("overcharging", "kundulun-officer", goto("/fees/overcharging/")),
]
