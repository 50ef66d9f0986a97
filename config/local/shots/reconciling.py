"""对账: a month's returns beside the annual statistics."""

from __future__ import annotations

from config.local.shots.walks import Shot, goto

SHOTS = [Shot("page", "wuqing-officer", goto("/reviews/progress/reconciliation/"))]
