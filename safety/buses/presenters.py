"""What a bus lacks, in officers' words."""

from __future__ import annotations

from accounts.formatting import zhdate
from safety.buses.rules import Lack, Paper
from safety.buses.selectors import Bus

NONE = {
    Paper.PERMIT: "没有校车使用许可，不能接送幼儿",
    Paper.DRIVER: "没有登记驾驶人的校车驾驶资格",
    Paper.LAST_CHECK: "没有最后一人检查",
}
LABELS = {Paper.PERMIT: "使用许可", Paper.DRIVER: "驾驶资格"}


def words(bus: Bus) -> list[tuple[str, bool]]:
    """(what, whether it may not run like this), the worst first."""
    found = [(_word(lack), lack.is_breach) for lack in bus.lacks]
    return sorted(found, key=lambda pair: not pair[1])


def _word(lack: Lack) -> str:
    if lack.day is None or lack.days_left is None:
        return NONE[lack.paper]
    label = LABELS[lack.paper]
    if lack.days_left < 0:
        return f"{label}已于{zhdate(lack.day)}到期"
    return f"{label}{zhdate(lack.day)}到期，还有{lack.days_left}天"
