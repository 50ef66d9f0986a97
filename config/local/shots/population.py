"""Population by town, entering it, entrants to come."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("table", "wuqing-officer", goto("/population/")),
    Shot("forecast", "wuqing-officer", goto("/population/forecast/")),
    Shot("edit", "wuqing-officer", first_link("/population/", "main tbody td a")),
]
