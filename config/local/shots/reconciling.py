"""对账: a month's returns beside the annual statistics, and the registry beside published lists."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

PAGE = "/reviews/progress/reconciliation/"
SHOTS = [
    Shot("page", "wuqing-officer", goto(PAGE)),
    Shot(
        "explain",
        "wuqing-officer",
        first_link(PAGE, "a[href*='/reconciliation/']:has-text('写说明')"),
    ),
]
