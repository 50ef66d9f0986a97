"""集中整治: the list, one that is over, one under way as its bureau and one of its departments see it."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

LIST = "/safety/campaigns/"
ONE = "main tbody th a[href*='/safety/campaigns/']"

SHOTS = [
    Shot("list", "kundulun-officer", goto(LIST)),
    Shot("over", "kundulun-officer", first_link(LIST, ONE)),
    Shot("running", "wuqing-officer", first_link(LIST, ONE)),
    Shot("department", "wuqing-fire", first_link(LIST, ONE)),
    Shot("check", "wuqing-fire", first_link(LIST, ONE, "a[href*='/checks/']")),
    Shot("new", "wuqing-officer", goto(f"{LIST}new/")),
]
