"""What became of every row, and who did what."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("audit", "wuqing-audit", goto("/audit/")),
    Shot("audit-changes", "wuqing-audit", goto("/changes/")),
    Shot(
        "kindergarten",
        "wuqing-officer",
        first_link("/kindergartens/", "main tbody th a", "main .page-head .actions a"),
    ),
    Shot("policies", "wuqing-officer", goto("/policies/history/")),
]
