"""The word, icon and tone of each standing, for pages and files."""

from __future__ import annotations

from accounts.statuses import Status
from kindergartens.premises.rules import Enough, Lack, Standing, Supply

STANDING_WORDS = {Standing.MET: "达标", Standing.UNMET: "未达标", Standing.UNKNOWN: "无法计算"}
ENOUGH_STATES = {
    Enough.ENOUGH: Status("够", "circle-check", "line"),
    Enough.SHORT: Status("不够", "alert-triangle", "amber"),
    Enough.NONE: Status("没有", "circle-x", "red"),
    Enough.UNKNOWN: Status("没有清点", "circle-dashed", "grey"),
}
# In the place of an amount that cannot be computed.
LACK_WORDS = {
    Lack.COUNT: "没有清点",
    Lack.STANDARD: "无标准",
    Lack.HEADS: "无人数",
}
FIRE_STATES = {
    "passed": Status("已通过", "circle-check", "line"),
    "rectifying": Status("整改中", "progress", "blue"),
    "not_applied": Status("未申报", "clock-exclamation", "amber"),
    "failed": Status("未通过", "circle-x", "red", filled=True),
    "unknown": Status("没有登记", "circle-dashed", "grey"),
}


# Counted, and nothing to hold it against.
CANNOT_SAY = Status("无法判断", "circle-dashed", "grey")


def enough_state(supply: Supply) -> Status:
    """够不够 of one item of one kindergarten."""
    if supply.enough == Enough.UNKNOWN and supply.present is not None:
        return CANNOT_SAY
    return ENOUGH_STATES[supply.enough]
