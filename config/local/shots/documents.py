"""Papers that the portal prints; the papers themselves are taken by screenshots.py."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("list", "wuqing-officer", goto("/documents/")),
]
