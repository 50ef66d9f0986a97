"""The registry."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("list", "wuqing-officer", goto("/kindergartens/")),
    Shot("detail", "wuqing-officer", first_link("/kindergartens/", "main tbody th a")),
    Shot("groups", "wuqing-officer", goto("/groups/")),
    Shot("group", "wuqing-officer", first_link("/groups/", "main tbody th a")),
]
