"""Personal data."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("own-phone", "wuqing-director", goto("/me/phone/")),
]
