"""历史数据和社会认可度."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

OWN, NATION = "/aggregates/?region=120114", "/aggregates/?region=CN&year=2023"
ROW = "table th[scope=row] a"
SHOTS = [
    Shot("list", "wuqing-officer", goto("/aggregates/")),
    Shot("row", "wuqing-officer", first_link(OWN, ROW)),
    Shot("correct", "wuqing-officer", first_link(OWN, ROW, ".page-head a[href*=correct]")),
    Shot("nation", "wuqing-officer", first_link(NATION, ROW)),
    Shot("recognition", "wuqing-officer", goto("/recognition/")),
    Shot("recognition-new", "wuqing-officer", goto("/recognition/new/")),
]
