"""What a school bus lacks on a day, and how a plate is written. Plain Python.

Sources: 《校车安全管理条例》 (国务院令第617号, in force 2012-04-05) Art 15 (使用许可), Art 23 (驾驶资格), Art 39
(照管人员清点上下车人数); 学前教育法 Art 51.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LAST_CHECKS = {
    "device": "车内有提醒装置",
    "record": "人工清点，有记录",
    "none": "没有",
}
# A warning so many days ahead, as for the other papers.
SOON = 60
MOST_SEATS = 56
# A paper that ends farther off than this, before or behind, is a wrong year: a driver's lasts longest.
FAR = dt.timedelta(days=10 * 366)
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9学]"
)
PLATE_LIKE = "号牌号码写成“蒙B12345”这样，新能源车8位。"


def plain_plate(text: str) -> str:
    """As it is kept: without dots and blanks, in capitals."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\s·•.\-]", "", folded)


class Paper(StrEnum):
    PERMIT = "permit"  # 校车使用许可
    DRIVER = "driver"  # 驾驶资格
    LAST_CHECK = "last_check"  # 最后一人检查


@dataclass(frozen=True)
class Lack:
    """`day` is the last day of a paper; None where there is none at all. `days_left` below 0: over."""

    paper: Paper
    day: dt.date | None = None
    days_left: int | None = None

    @property
    def is_breach(self) -> bool:
        """It may not run like this; otherwise it ends soon."""
        return self.days_left is None or self.days_left < 0


def lacks(
    *,
    permit_until: dt.date | None,
    driver_until: dt.date | None,
    last_check: str,
    day: dt.date,
) -> list[Lack]:
    """What is missing, over, or ends within SOON days; the last day is still good."""
    found = []
    for paper, until in ((Paper.PERMIT, permit_until), (Paper.DRIVER, driver_until)):
        if until is None:
            found.append(Lack(paper))
        elif (until - day).days <= SOON:
            found.append(Lack(paper, until, (until - day).days))
    if last_check == "none":
        found.append(Lack(Paper.LAST_CHECK))
    return found


def bus_problem(
    *,
    plate: str,
    permit: str,
    permit_until: dt.date | None,
    driver_until: dt.date | None,
    checked_on: dt.date | None,
    rechecked_on: dt.date | None,
    today: dt.date,
) -> tuple[str, str] | None:
    """(field, what to do) where what was typed of a bus cannot be."""
    if PLATE.fullmatch(plate) is None:
        return "plate", PLATE_LIKE
    if bool(permit) != (permit_until is not None):
        return (
            ("permit_until", "写了许可证号，就要填使用许可有效期止。")
            if permit
            else ("permit", "填了有效期，就要写许可证号；没有许可的两项都留空。")
        )
    for field, day in (("permit_until", permit_until), ("driver_until", driver_until)):
        if day is not None and abs(day - today) > FAR:
            return field, f"{day:%Y-%m-%d}离今天太远，请核对年份。"
    for field, day in (("checked_on", checked_on), ("rechecked_on", rechecked_on)):
        if day is not None and day > today:
            return field, "这一天还没到，请填今天或以前的日期。"
    if rechecked_on is not None and (checked_on is None or rechecked_on < checked_on):
        return "rechecked_on", "复检在执检之后，请核对这两个日期。"
    return None
