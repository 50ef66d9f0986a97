"""What is given back of a fee when a child leaves or stays away (退费), step by step. Plain Python.

Kindergartens publish how they refund: 学前教育法 Art 69. How much is a local matter, so that each rule is
a dated row of a place: care, boarding and nursery fees by the days attended beside the working days
of the month or by the months of the term that are left, meals by the days the child did not eat.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from fees.meals.rules import MEAL_FEE_NAMES
from kindergartens.calendar.rules import WorkingCalendar, working_days_between

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
MEAL_FEE = "meal_fee"
# What a place may set a rule for.
REFUNDED = {
    "care_education_fee": "保教费",
    "boarding_fee": "住宿费",
    "nursery_care_fee": "保育费（托班）",
    MEAL_FEE: "伙食费",
}


class Basis(StrEnum):
    ATTENDED = "attended"
    MONTHS_LEFT = "months_left"
    BY_DAY = "by_day"


BASES = {
    Basis.ATTENDED: "按当月出勤天数分档",
    Basis.MONTHS_LEFT: "按学期余下的月份",
    Basis.BY_DAY: "按没有到园的天数",
}


@dataclass(frozen=True)
class Band:
    """Attendance of up to `up_to` percent of the month's working days gives back `percent` of the
    fee; the share itself belongs to the band where it is `inclusive`.
    """

    up_to: Decimal
    inclusive: bool
    percent: Decimal

    def holds(self, attended: int, working: int) -> bool:
        share, limit = attended * HUNDRED, self.up_to * working
        return share <= limit if self.inclusive else share < limit


@dataclass(frozen=True)
class Rule:
    """`percent` and `least_days` go with BY_DAY (and `percent` with MONTHS_LEFT): so much of the
    fee of each day or month, from so many days away on. `bands` go with ATTENDED.
    """

    basis: Basis
    bands: tuple[Band, ...] = ()
    percent: Decimal | None = None
    least_days: int = 0


def band_problem(bands: Sequence[Band]) -> tuple[int, str]:
    """Which band (from 0) is wrong, and what to do; text empty where they cover every attendance
    once, from not a day to the whole month.
    """
    if not bands:
        return 0, "请至少填一档，最后一档到100%。"
    for at, band in enumerate(bands):
        if not 0 <= band.up_to <= HUNDRED:
            return at, "出勤比例填0到100之间的数。"
        if not 0 <= band.percent <= HUNDRED:
            return at, "退费比例填0到100之间的数。"
        if band.up_to == 0 and not band.inclusive:
            return at, "“不到0%”里没有出勤天数，请改成“含”，就是一天也没有到园。"
        before = bands[at - 1] if at else None
        if before is not None and (band.up_to, band.inclusive) <= (before.up_to, before.inclusive):
            return at, f"和上一档重叠：上一档已到{_percent(before.up_to)}，这一档要更高。"
    last = bands[-1]
    if last.up_to != HUNDRED or not last.inclusive:
        return len(bands) - 1, f"{_percent(last.up_to)}以上没有规定，最后一档要到100%（含）。"
    return 0, ""


def bands_in_words(bands: Sequence[Band]) -> list[str]:
    """出勤0天退100%; 超过0、不超过50%退50%; …"""
    said, before = [], None
    for band in bands:
        if band.up_to == 0:
            text = "一天没有到园"
        else:
            upper = "不超过" if band.inclusive else "不到"
            lower = ""
            if before is not None:
                lower = "超过" if before.inclusive else "达到"
                lower = f"{lower}{_percent(before.up_to)}、"
            text = f"出勤{lower}{upper}{_percent(band.up_to)}"
        said.append(f"{text}，退{_percent(band.percent)}")
        before = band
    return said


# ---- one child, without saying who --------------------------------------------------------------


@dataclass(frozen=True)
class Fee:
    """A line of the schedule: `amount` in yuan a child and `unit` (fees.rules.FEE_UNITS)."""

    name: str
    amount: Decimal
    unit: str


@dataclass(frozen=True)
class Facts:
    """`working` days of the month, of which the child was `absent`. `months_left` are whole months of
    the term after this one, 0 for a child that stays; `term_months` all of them. `meals_a_day` is
    needed where a meal is what is paid for.
    """

    working: int
    absent: int
    months_left: int = 0
    term_months: int = 5
    meals_a_day: int | None = None


@dataclass(frozen=True)
class Refund:
    """In yuan, rounded half up to the cent once, at the end; each step a sentence."""

    amount: Decimal
    steps: tuple[str, ...]


class CannotCompute(Exception):
    """`field` is where, the text says why and what to do."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def check_facts(facts: Facts) -> None:
    if facts.working <= 0:
        raise CannotCompute("当月没有工作日，没有可退的。请核对月份。", "working")
    if not 0 <= facts.absent <= facts.working:
        raise CannotCompute(
            f"缺勤{facts.absent}天，比当月{facts.working}个工作日还多，请核对。", "absent"
        )


def refund(fee: Fee, rule: Rule, facts: Facts) -> Refund:
    """What is given back of a fee by a rule. CannotCompute where the unit and the basis do not meet,
    or something is not told.
    """
    check_facts(facts)
    if rule.basis == Basis.ATTENDED:
        exact, steps = _attended(fee, rule, facts)
    elif rule.basis == Basis.MONTHS_LEFT:
        exact, steps = _months_left(fee, rule, facts)
    else:
        exact, steps = _by_day(fee, rule, facts)
    amount = exact.quantize(CENT, ROUND_HALF_UP)
    return Refund(amount, (*steps, f"四舍五入到分，退{amount:,}元。"))


def _month_part(fee: Fee, facts: Facts) -> tuple[Decimal, list[str]]:
    """A month's fee; of one by the term its equal part, unrounded."""
    if fee.unit == "month":
        return fee.amount, []
    if fee.unit == "term":
        part = fee.amount / facts.term_months
        said = f"{fee.name}{_yuan(fee.amount)}元/学期，一学期{facts.term_months}个月，每月{_about(part)}元。"
        return part, [said]
    raise CannotCompute(
        "这个退费办法按月算，这一项按天、按餐或按次收，套不上。请另选一项。", "line"
    )


def _attended(fee: Fee, rule: Rule, facts: Facts) -> tuple[Decimal, list[str]]:
    part, steps = _month_part(fee, facts)
    attended = facts.working - facts.absent
    at = next(i for i, one in enumerate(rule.bands) if one.holds(attended, facts.working))
    share = Decimal(attended) * HUNDRED / facts.working
    band, words = rule.bands[at], bands_in_words(rule.bands)[at]
    exact = part * band.percent / HUNDRED
    steps += [
        (
            f"当月{facts.working}个工作日，缺勤{facts.absent}天，出勤{attended}天，"
            f"占{_percent(share.quantize(CENT, ROUND_HALF_UP))}。"
        ),
        f"按这一档：{words}。",
        f"{_about(part)}元×{_percent(band.percent)}＝{_about(exact)}元。",
    ]
    if fee.unit == "term" and facts.months_left:
        none_attended = rule.bands[0].percent
        later = part * facts.months_left * none_attended / HUNDRED
        steps.append(
            f"余下{facts.months_left}个月没有到园，按{_percent(none_attended)}退："
            f"{_about(part)}元×{facts.months_left}×{_percent(none_attended)}＝{_about(later)}元。"
        )
        exact += later
    return exact, steps


def _months_left(fee: Fee, rule: Rule, facts: Facts) -> tuple[Decimal, list[str]]:
    if fee.unit != "term":
        raise CannotCompute("这个退费办法退学期余下的月份，只用于按学期收的费。", "line")
    part, steps = _month_part(fee, facts)
    percent = rule.percent or Decimal(0)
    exact = part * facts.months_left * percent / HUNDRED
    steps.append(
        f"学期余下{facts.months_left}个整月：{_about(part)}元×{facts.months_left}"
        f"×{_percent(percent)}＝{_about(exact)}元。"
    )
    return exact, steps


def _by_day(fee: Fee, rule: Rule, facts: Facts) -> tuple[Decimal, list[str]]:
    if facts.absent < rule.least_days:
        return Decimal(0), [f"缺勤{facts.absent}天，不满{rule.least_days}天，按规定不退。"]
    if fee.unit == "day":
        a_day, steps = fee.amount, []
    elif fee.unit == "meal":
        if not facts.meals_a_day:
            raise CannotCompute("这一项按餐收，请填每天几餐。", "meals_a_day")
        a_day = fee.amount * facts.meals_a_day
        steps = [f"{_yuan(fee.amount)}元/餐×每天{facts.meals_a_day}餐＝{_yuan(a_day)}元/天。"]
    else:
        part, steps = _month_part(fee, facts)
        a_day = part / facts.working
        steps.append(f"{_about(part)}元÷{facts.working}个工作日＝{_about(a_day)}元/天。")
    percent = rule.percent or Decimal(0)
    exact = a_day * facts.absent * percent / HUNDRED
    steps.append(f"{_about(a_day)}元×缺勤{facts.absent}天×{_percent(percent)}＝{_about(exact)}元。")
    return exact, steps


def absent_after(left_on: dt.date, month: dt.date, working: WorkingCalendar) -> tuple[int, int]:
    """(working days of the month, those after the last day the child came)."""
    first_before = month - dt.timedelta(days=1)
    end = (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return (
        working_days_between(first_before, end, working),
        working_days_between(left_on, end, working),
    )


def item_of(item: str, name: str) -> str | None:
    """By which rule a line of the schedule is refunded; None: no place sets one for it."""
    if item == "collected_on_behalf_fee":
        return MEAL_FEE if name in MEAL_FEE_NAMES else None
    return item if item in REFUNDED else None


def _yuan(amount: Decimal) -> str:
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _about(amount: Decimal) -> str:
    """Up to four digits behind the point; what is longer is said to be about so much."""
    short = amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return _yuan(short) if short == amount else f"约{_yuan(short)}"


def _percent(share: Decimal) -> str:
    return f"{_yuan(share)}%"


# ---- what a table comes to, for whoever sets it -------------------------------------------------

# A fee as common as any, for a look at a table before it is saved.
TRIED = {
    Basis.ATTENDED: Fee("600元/月", Decimal(600), "month"),
    Basis.MONTHS_LEFT: Fee("3000元/学期", Decimal(3000), "term"),
    Basis.BY_DAY: Fee("15元/天", Decimal(15), "day"),
}
WORKING_DAYS_TRIED = 22
ABSENT_TRIED = (1, 3, 5, 10, 11, 12, 21, 22)
MONTHS_LEFT_TRIED = (0, 1, 2, 3, 4)


def tried(rule: Rule) -> list[tuple[str, Decimal]]:
    """What a child would be given back who is away so long: (how long, yuan)."""
    fee = TRIED[rule.basis]
    if rule.basis == Basis.MONTHS_LEFT:
        return [
            (f"余下{left}个月", refund(fee, rule, Facts(WORKING_DAYS_TRIED, 0, left)).amount)
            for left in MONTHS_LEFT_TRIED
        ]
    return [
        (f"缺勤{absent}天", refund(fee, rule, Facts(WORKING_DAYS_TRIED, absent)).amount)
        for absent in ABSENT_TRIED
    ]
