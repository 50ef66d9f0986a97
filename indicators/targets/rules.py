"""What a target may say, how far along it is, and when a target of district and towns is met.

Values as they are kept: shares as fractions (0.85), ratios as children a person, amounts in yuan.
Days in which a demand holds are half open: `ends` is the first day without it, None without end.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from indicators.catalogue import Indicator, Kind
from indicators.rules import AT_LEAST, Verdict, worst

# In the order in which they are kept and shown.
LEVELS = {
    "province": "省",
    "city": "市",
    "county": "县区",
    "town": "乡镇街道",
    "kindergarten": "幼儿园",
}
# What a value can reasonably be, by the unit in which it is read: wide enough for every document
# known, narrow enough that a slipped decimal point or another unit is noticed.
PLAUSIBLE: dict[str, tuple[Decimal, Decimal]] = {
    "名幼儿/人": (Decimal(1), Decimal(300)),
    "元/生": (Decimal(1), Decimal(100_000)),
    "平方米/生": (Decimal("0.1"), Decimal(200)),
    "册/生": (Decimal(1), Decimal(500)),
}
ANYTHING = (Decimal("0.000001"), Decimal(10) ** 9)
# The gross rate may pass 100 %.
BEYOND_WHOLE = Decimal("1.5")


def in_order(levels: Iterable[str]) -> list[str]:
    """As they are kept, so that the same levels always read the same."""
    named = set(levels)
    return [level for level in LEVELS if level in named]


def value_problem(indicator: Indicator, value: Decimal) -> str:
    """Why an indicator cannot have this target, with what should be written; "" if it can."""
    if indicator.kind is Kind.SHARE:
        most = most_of_share(indicator)
        if 0 < value <= most:
            return ""
        if most < value <= most * 100:
            return (
                f"{indicator.name}的目标{plain(value)}不合理：{plain(value)}%"
                f"应写{plain(value / 100)}。"
            )
        return f"{indicator.name}的目标{plain(value)}不合理：要大于0、不超过{plain(most)}。"
    if indicator.kind is Kind.COUNT:
        return _count_problem(indicator, value)
    least, most = PLAUSIBLE.get(indicator.unit, ANYTHING)
    if least <= value <= most:
        return ""
    example = "，例如1:7填7" if indicator.kind is Kind.RATIO else ""
    return (
        f"{indicator.name}的目标{plain(value)}不合理：一般在{plain(least)}至{plain(most)}{example}。"
        f"单位是{indicator.unit}，请核对。"
    )


def _count_problem(indicator: Indicator, value: Decimal) -> str:
    """None at all may be asked of what should not be: a target of 0."""
    if value != value.to_integral_value():
        return f"{indicator.name}数的是整数，请核对。"
    if 0 <= value <= ANYTHING[1]:
        return ""
    return (
        f"{indicator.name}的目标{plain(value)}不合理：要从0到{plain(ANYTHING[1])}。"
        f"单位是{indicator.unit}，请核对。"
    )


def most_of_share(indicator: Indicator) -> Decimal:
    """What a share's target cannot pass, as a fraction."""
    return Decimal(1) if indicator.at_most_whole else BEYOND_WHOLE


def direction_problem(indicator: Indicator, operator: str) -> str:
    """Each indicator is judged one way: more is better, or fewer children a person are."""
    if operator == indicator.operator:
        return ""
    words = "不低于（>=）" if indicator.operator == AT_LEAST else "不高于（<=）"
    return f"{indicator.name}只能用{indicator.operator}，即“{words}”。"


def by_date_problem(by_date: dt.date | None, begins: dt.date | None) -> str:
    if by_date is None or begins is None or by_date >= begins:
        return ""
    return f"达到时限{by_date}早于起始日期{begins}，请核对年份。"


@dataclass(frozen=True)
class Demand:
    """One target of a document, as far as another of the same indicator can contradict it."""

    operator: str
    value: Decimal
    levels: tuple[str, ...]
    begins: dt.date | None = None
    ends: dt.date | None = None

    def overlaps(self, other: Demand) -> bool:
        starts_in_time = self.begins is None or other.ends is None or self.begins < other.ends
        other_starts = other.begins is None or self.ends is None or other.begins < self.ends
        return starts_in_time and other_starts


def as_written(operator: str, value: Decimal) -> str:
    """A demand as a policy file has it: >=0.85."""
    return f"{operator}{plain(value)}"


def contradiction(
    one: Demand, others: Iterable[Demand], said: Callable[[str, Decimal], str] = as_written
) -> str:
    """Why two targets of one document and indicator cannot stand side by side; "" if they can.

    `said` writes an operator and a value: as a file does, unless pages have a way of their own.

    On one day and one level a document asks one thing: ≥0.90 and ≥0.85 leave open which holds, and
    ≥0.90 and ≤0.80 can never both be met.
    """
    for other in others:
        shared = [level for level in LEVELS if level in one.levels and level in other.levels]
        if not shared or not one.overlaps(other):
            continue
        where = "、".join(LEVELS[level] for level in shared)
        lines = f"{said(other.operator, other.value)}和{said(one.operator, one.value)}"
        if one.operator != other.operator:
            least, most = (one, other) if one.operator == AT_LEAST else (other, one)
            if least.value > most.value:
                return f"同一文件对{where}同时要求{lines}，不可能都达到，请核对。"
            continue
        return (
            f"同一文件对{where}在同一天里有两个目标{lines}，请只留一个；"
            "分步提高的，给后一个写起始日期，前一个到那一天为止。"
        )
    return ""


def is_softer(operator: str, own: Decimal, above: Decimal) -> bool:
    """Whether a place asks less than the place above it asks of the same level: marked, not refused."""
    return own < above if operator == AT_LEAST else own > above


def plain(value: Decimal) -> str:
    """Without needless zeros."""
    return format(value.normalize(), "f")


# ---- on the way to a by-date -------------------------------------------------------------------


class Stage(StrEnum):
    """How a figure stands on its way to a by-date. Behind and on the way: by a straight line from
    the document's first figure to the target.
    """

    REACHED = "reached"  # 已达到: the target is met before its day
    ON_THE_WAY = "on_the_way"  # 在进度上: at least what the line expects
    BEHIND = "behind"  # 落后
    EXPIRED = "expired"  # 已到期: the day is over; only the verdict counts
    UNKNOWN = "unknown"  # nothing to start from, or no figure


@dataclass(frozen=True)
class Start:
    """The first figure since a document began: where the straight line starts."""

    day: dt.date
    value: Decimal | None


@dataclass(frozen=True)
class Progress:
    """`expected` is what the line asks for today, `per_month` what is still needed each month until
    the by-date; both unrounded, in the indicator's own unit, None where they say nothing.
    """

    stage: Stage
    days_left: int
    start: Start | None
    expected: Decimal | None
    per_month: Decimal | None


def progress(
    *,
    operator: str,
    target: Decimal,
    by_date: dt.date,
    value: Decimal | None,
    met: bool,
    start: Start | None,
    today: dt.date,
) -> Progress:
    """How a figure of `today` (its statistical date) stands on its way to `by_date`."""
    left = (by_date - today).days
    if left < 0:
        return Progress(Stage.EXPIRED, left, start, None, None)
    needed = None if value is None or met else (target - value) / _months_left(today, by_date)
    expected = _on_the_line(start, target, by_date, today)
    if met:
        return Progress(Stage.REACHED, left, start, expected, None)
    if value is None or expected is None:
        return Progress(Stage.UNKNOWN, left, start, expected, needed)
    on_the_way = value >= expected if operator == AT_LEAST else value <= expected
    return Progress(Stage.ON_THE_WAY if on_the_way else Stage.BEHIND, left, start, expected, needed)


def _months_left(today: dt.date, by_date: dt.date) -> int:
    """Months of returns still to come, at least one."""
    return max(1, (by_date.year - today.year) * 12 + by_date.month - today.month)


def _on_the_line(
    start: Start | None, target: Decimal, by_date: dt.date, today: dt.date
) -> Decimal | None:
    if start is None or start.value is None or not start.day < today <= by_date:
        return None
    passed, whole = (today - start.day).days, (by_date - start.day).days
    return start.value + (target - start.value) * passed / whole


# ---- district and towns ------------------------------------------------------------------------


@dataclass(frozen=True)
class Combined:
    """A target that names the county and its towns: met when the county and every town meets it.

    `judged` towns, of which so many are `unmet`, `pending` and `unavailable`.
    """

    verdict: Verdict
    own: Verdict
    judged: int
    unmet: int
    pending: int
    unavailable: int


def combined(own: Verdict, towns: Sequence[Verdict]) -> Combined:
    """区域、镇域都要达标 (武清区两年攻坚行动实施方案 一（二）): the worst of all leads."""
    counted = Counter(towns)
    return Combined(
        verdict=worst([own, *towns]) or own,
        own=own,
        judged=len(towns),
        unmet=counted[Verdict.UNMET],
        pending=counted[Verdict.PENDING],
        unavailable=counted[Verdict.UNAVAILABLE],
    )
