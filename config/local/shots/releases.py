"""Files about persons that leave the portal."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [
    Shot("exports", "wuqing-security", goto("/exports/")),
    Shot("ask", "wuqing-security", goto("/exports/ask/people/")),
    Shot("approvals", "wuqing-leader", goto("/exports/approvals/")),
]
