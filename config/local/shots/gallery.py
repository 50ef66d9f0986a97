"""Every component on one page."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("components", "system", goto("/gallery/")),
]
