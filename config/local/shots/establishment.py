"""配备标准、编制和工资、结对和轮岗."""

from __future__ import annotations

from config.local.shots.walks import Shot, first_link, goto

LIST = "/staffing/posts-and-pay/"
# The first ones have real names and nothing recorded.
OF_ONE = "main tbody tr:has(.demo) th a[href$='/posts-and-pay/']"

SHOTS = [
    Shot("standards", "wuqing-officer", goto("/staffing/standards/")),
    Shot("standard-new", "wuqing-officer", goto("/staffing/standards/new/class_posts/")),
    Shot("list", "wuqing-officer", goto(LIST)),
    Shot("of-a-kindergarten", "wuqing-officer", first_link(LIST, OF_ONE)),
    Shot("pay", "wuqing-officer", first_link(LIST, OF_ONE, "a[href*='/pay/']")),
    Shot("quota", "wuqing-officer", first_link(LIST, OF_ONE, "a[href$='/quota/new/']")),
    Shot("secondments", "wuqing-officer", goto("/staff/secondments/")),
    Shot(
        "pay-ratio",
        "wuqing-officer",
        first_link("/figures/", "a[href*='/non_established_pay_ratio/']"),
    ),
]
