"""历史数据."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("aggregates", "wuqing-officer", goto("/aggregates/")),
]
