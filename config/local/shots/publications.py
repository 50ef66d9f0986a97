"""数据公布: the list, a corrected bulletin and its correction, preparing one, checking one, a figure as it was."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

LIST = "/publications/"
NEWEST = "main tbody th a[href*='/publications/']"
CORRECTED = "dl a[href*='/publications/Y']"
EXPLAINED = "main tbody th a[href*='?publication=']"

SHOTS = [
    Shot("list", "wuqing-officer", goto(LIST)),
    Shot("correction", "wuqing-leader", first_link(LIST, NEWEST)),
    Shot("corrected", "wuqing-officer", first_link(LIST, NEWEST, CORRECTED)),
    Shot("new", "wuqing-officer", goto(f"{LIST}new/")),
    Shot("figure", "wuqing-officer", first_link(LIST, NEWEST, CORRECTED, EXPLAINED)),
    Shot("verify", "wuqing-officer", first_link(LIST, NEWEST, "dl a[href*='/public/']")),
]
