"""一表多用: the forms that the month's returns fill, and one kindergarten's worksheet."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("page", "wuqing-officer", goto("/forms/")),
    Shot(
        "worksheet",
        "wuqing-officer",
        first_link("/forms/", "a.row-link"),
    ),
]
