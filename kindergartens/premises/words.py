"""The word, icon and tone of each standing, for pages and files."""

from __future__ import annotations

from accounts.statuses import Status
from kindergartens.premises.rules import Enough, Standing

STANDING_WORDS = {Standing.MET: "达标", Standing.UNMET: "未达标", Standing.UNKNOWN: "无法计算"}
ENOUGH_STATES = {
    Enough.ENOUGH: Status("够", "circle-check", "line"),
    Enough.SHORT: Status("不够", "alert-triangle", "amber"),
    Enough.NONE: Status("没有", "circle-x", "red"),
    Enough.UNKNOWN: Status("没有清点", "circle-dashed", "grey"),
}
FIRE_STATES = {
    "passed": Status("已通过", "circle-check", "line"),
    "rectifying": Status("整改中", "progress", "blue"),
    "not_applied": Status("未申报", "clock-exclamation", "amber"),
    "failed": Status("未通过", "circle-x", "red", filled=True),
    "unknown": Status("没有登记", "circle-dashed", "grey"),
}
