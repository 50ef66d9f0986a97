"""数据核验和重算记录."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("checks", "wuqing-officer", goto("/figure-checks/")),
    Shot("runs", "wuqing-officer", goto("/figure-checks/runs/")),
]
