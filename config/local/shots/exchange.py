"""Tables in: what can be imported, the page of one kind."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("list", "wuqing-officer", goto("/imports/")),
    Shot("registry", "wuqing-officer", goto("/imports/registry/")),
]
