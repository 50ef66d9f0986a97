"""The free last year of preschool (学前一年免保教费): what is waived, and what parents still pay.

国办发〔2025〕27号, from autumn 2025: the care and education fee (保教费) of the year before school is
waived in public kindergartens, and in approved private ones reduced by what the local public ones
of the same kind charge; what is above that may still be charged. Plain Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

# From the autumn term of 2025 (国办发〔2025〕27号).
FREE_FROM = dt.date(2025, 9, 1)
FEN = Decimal("0.01")


class Standing(StrEnum):
    """Whose children it is for. A place that nobody approved has no claim."""

    PUBLIC = "public"
    INCLUSIVE_PRIVATE = "inclusive_private"
    APPROVED_PRIVATE = "approved_private"
    UNAPPROVED = "unapproved"


class MonthsRule(StrEnum):
    """Which months a place pays for: its own matter, so a setting of its row."""

    TEN_MONTHS = "ten_months"
    IN_ATTENDANCE = "every_month_in_attendance"


MONTHS_RULES = {
    MonthsRule.TEN_MONTHS: "按10个月（9月至次年1月、3月至7月）",
    MonthsRule.IN_ATTENDANCE: "按实际在园的月份",
}
# A school year of ten months leaves out the two of the holidays; two terms of five.
HOLIDAYS = frozenset({2, 8})
MONTHS_OF_A_TERM = {MonthsRule.TEN_MONTHS: 5}


class Nothing(StrEnum):
    """Why nothing is waived. That is known, and is 0 in a sum."""

    BEFORE = "before"
    UNAPPROVED = "unapproved"
    HOLIDAY = "holiday"


class Unknown(StrEnum):
    """Why it cannot be computed. In a sum it is counted and said, and never 0."""

    NO_RETURN = "no_return"
    NO_STATUS = "no_status"
    NO_STANDARD = "no_standard"
    NO_FEE = "no_fee"
    TWO_FEES = "two_fees"
    REDUCED_FEE = "reduced_fee"
    BY_TERM = "by_term"
    OTHER_UNIT = "other_unit"


WORDS: Mapping[Nothing | Unknown, str] = {
    Nothing.BEFORE: "2025年秋季学期以前没有这项政策",
    Nothing.UNAPPROVED: "不在办或没有批准，不享受",
    Nothing.HOLIDAY: "不在补助的月份里",
    Unknown.NO_RETURN: "月报还没有接收，接收后再算",
    Unknown.NO_STATUS: "统计时点没有登记办园状态，请先登记",
    Unknown.NO_STANDARD: "所在地没有登记当时有效的公办园标准，请先登记",
    Unknown.NO_FEE: "没有登记当时执行的大班保教费，请先登记收费标准",
    Unknown.TWO_FEES: "大班和混合班的保教费不一样，请先把混合班里学前一年的收费登记成大班的标准",
    Unknown.REDUCED_FEE: "大班的保教费比全园的低，没有写减免前标准，分不清是不是已减免，请先补填",
    Unknown.BY_TERM: "保教费按学期收，所在地没有规定一学期算几个月，不能折成每月",
    Unknown.OTHER_UNIT: "保教费不是按月或按学期收，不能折成每月",
}


@dataclass(frozen=True)
class Fee:
    """A line of care and education: `amount` in yuan a child and unit (month, term).

    `before_waiver` is what it would be without the waiver, where the line says so.
    """

    scope: str
    hours: str
    unit: str
    amount: Decimal
    before_waiver: Decimal | None = None


@dataclass(frozen=True)
class Month:
    """What is known of one kindergarten and month.

    `large` are all children of 大班, `mixed` those of mixed classes who are five or older: who goes
    to school next; both None without an accepted return. `standard` is yuan a child and month.
    `fees` are the lines in force on the statistical day.
    """

    month: dt.date
    standing: Standing | None
    half_day: bool
    large: int | None
    mixed: int | None
    standard: Decimal | None
    months_rule: MonthsRule | None
    fees: tuple[Fee, ...] = ()


@dataclass(frozen=True)
class Waiver:
    """A month that can be computed. Yuan a child: `fee` before the waiver, `waived`, `parents_pay`.

    `amount` is what the kindergarten is owed for all its `children`.
    """

    children: int
    fee: Decimal
    standard: Decimal
    waived: Decimal

    @property
    def parents_pay(self) -> Decimal:
        return self.fee - self.waived

    @property
    def amount(self) -> Decimal:
        return self.waived * self.children


def waived(fee: Decimal, standard: Decimal) -> Decimal:
    """The lower of what is charged and what public ones charge (减免额), yuan a child and month."""
    return min(fee, standard)


def waiver_of(month: Month) -> Waiver | Nothing | Unknown:
    """What a month comes to, or why there is nothing, or why nobody can say."""
    if month.month < FREE_FROM:
        return Nothing.BEFORE
    if month.large is None or month.mixed is None:
        return Unknown.NO_RETURN
    if month.standing is None:
        return Unknown.NO_STATUS
    if month.standing == Standing.UNAPPROVED:
        return Nothing.UNAPPROVED
    if month.standard is None or month.months_rule is None:
        return Unknown.NO_STANDARD
    if month.months_rule == MonthsRule.TEN_MONTHS and month.month.month in HOLIDAYS:
        return Nothing.HOLIDAY
    fee = _fee(month, month.months_rule)
    if isinstance(fee, Unknown):
        return fee
    return Waiver(month.large + month.mixed, fee, month.standard, waived(fee, month.standard))


def _fee(month: Month, rule: MonthsRule) -> Decimal | Unknown:
    """What a child is asked a month without the waiver: the published standard before it.

    Children of 大班 and those of mixed classes may be asked another amount: then it is not one sum.
    """
    lines = []
    if month.large or not month.mixed:
        lines.append(_line(month, ("large", "all")))
    if month.mixed:
        lines.append(_line(month, ("mixed", "large", "all")))
    found = [_by_month(line, month, rule) for line in lines]
    for one in found:
        if isinstance(one, Unknown):
            return one
    return found[0] if len(set(found)) == 1 else Unknown.TWO_FEES


def _line(month: Month, scopes: tuple[str, ...]) -> Fee | None:
    """The line of a grade before that of all, and of both one for its hours before one for any."""
    own = "half_day" if month.half_day else "full_day"
    order = [(scope, hours) for scope in scopes for hours in (own, "any")]
    lines = {(fee.scope, fee.hours): fee for fee in month.fees}
    return next((lines[which] for which in order if which in lines), None)


def _by_month(line: Fee | None, month: Month, rule: MonthsRule) -> Decimal | Unknown:
    if line is None:
        return Unknown.NO_FEE
    if line.before_waiver is None:
        everyones = _line(month, ("all",))
        if line.scope == "large" and everyones is not None and _less(line, everyones):
            return Unknown.REDUCED_FEE
    full = line.amount if line.before_waiver is None else line.before_waiver
    if line.unit == "month":
        return full
    if line.unit != "term":
        return Unknown.OTHER_UNIT
    months = MONTHS_OF_A_TERM.get(rule)
    if months is None:
        return Unknown.BY_TERM
    return (full / months).quantize(FEN, ROUND_HALF_UP)


def _less(line: Fee, everyones: Fee) -> bool:
    """Whether a line of 大班 may be what is left after the waiver: nobody said which it is."""
    return line.unit != everyones.unit or line.amount < everyones.amount


class ClaimState(StrEnum):
    """How a claim stands, with what was paid on it."""

    FILED = "filed"
    RETURNED = "returned"
    APPROVED = "approved"
    PART_PAID = "part_paid"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


def claim_state(step: str, approved: Decimal | None, paid: Decimal) -> ClaimState:
    """`step` is what people did last; what was paid says the rest."""
    if approved is None or paid == 0:
        return ClaimState(step)
    return ClaimState.PAID if paid >= approved else ClaimState.PART_PAID


def difference(computed: Decimal | None, settled: Decimal) -> Decimal | None:
    """Yuan that the figures of today come to above (补) or below (退) what was claimed or approved.

    None where today nothing can be computed: then nobody owes anything yet.
    """
    return None if computed is None else computed - settled


def payment_problem(
    *, amount: Decimal, approved: Decimal, paid: Decimal, paid_on: dt.date, today: dt.date
) -> tuple[str, str] | None:
    """What is wrong with a payment: (field, what to do). Never more than approved, never ahead."""
    if paid_on > today:
        return "paid_on", "拨付日期在今天以后。拨付以后再登记，或核对日期。"
    if paid_on < FREE_FROM:
        return "paid_on", "2025年9月以前没有这项补助，请核对日期。"
    left = approved - paid
    if amount > left:
        if left == 0:
            return "amount", "核定的已经全部拨付，没有待拨的了。"
        return "amount", f"还没有拨付的是{left:.2f}元，不能超过。要多拨的，请先改核定人数。"
    return None
