"""Filings under law: lists, one of them, what is owed."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

SHOTS = [
    Shot("list", "wuqing-officer", goto("/procedures/?list=all")),
    Shot("periods", "wuqing-leader", goto("/procedures/periods/")),
    Shot("waiting", "wuqing-leader", goto("/procedures/")),
    Shot("owed", "wuqing-officer", goto("/owed/")),
    Shot(
        "one", "wuqing-officer", first_link("/procedures/?list=all&kind=closure", "main tbody th a")
    ),
    Shot("choose", "wuqing-director", first_link("/procedures/", ".page-head .btn-primary")),
    Shot(
        "ask",
        "wuqing-director",
        first_link("/procedures/", ".page-head .btn-primary", "a[href$='/closure/']"),
    ),
]
