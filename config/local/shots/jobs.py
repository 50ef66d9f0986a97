"""Background work."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("list", "system", goto("/jobs/")),
]
