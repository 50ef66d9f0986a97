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
    NEW_ENTRANTS = "new_entrants"
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
    Unknown.REDUCED_FEE: (
        "学前一年的保教费比别的年级低，或没有别的年级可比，又没有写减免前标准，分不清是不是已减免。"
        "请先登记成大班（混合班）的标准并填减免前标准，没有减免的填一样的数"
    ),
    Unknown.NEW_ENTRANTS: (
        "新入园幼儿的保教费另有标准，分不清学前一年的幼儿有几人按它交。都按一个标准的，"
        "请登记一条大班（混合班）全部幼儿的标准，起始日期不早于新入园的那一条"
    ),
    Unknown.BY_TERM: "保教费按学期收，所在地没有规定一学期算几个月，不能折成每月",
    Unknown.OTHER_UNIT: "保教费不是按月或按学期收，不能折成每月",
}


@dataclass(frozen=True)
class Fee:
    """A line of care and education: `amount` in yuan a child and unit (month, term).

    `before_waiver` is what it would be without the waiver, where the line says so. `entrants` is
    all, or new: then it is of those alone who entered `since`, the first day of the line.
    """

    scope: str
    hours: str
    unit: str
    amount: Decimal
    before_waiver: Decimal | None = None
    entrants: str = "all"
    since: dt.date = dt.date.min

    @property
    def full(self) -> Decimal:
        """Without the waiver, where nobody doubts what the amount is."""
        return self.amount if self.before_waiver is None else self.before_waiver


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

    `amount` is what the kindergarten is owed for all its `children`. `charged` is the amount in
    force for 大班, which should be no more than `parents_pay`; None where there is no 大班.
    """

    children: int
    fee: Decimal
    standard: Decimal
    waived: Decimal
    charged: Decimal | None = None

    @property
    def parents_pay(self) -> Decimal:
        return self.fee - self.waived

    @property
    def amount(self) -> Decimal:
        return self.waived * self.children


def before_waiver_problem(
    yuan: Decimal,
    *,
    everyones: Decimal | None,
    former: Decimal | None,
    ceiling: Decimal | None,
) -> str:
    """Why an amount before the waiver cannot stand, or empty: the waiver is paid by it.

    Yuan a child and unit. `everyones` is the line of all in the same unit, `former` what the line
    that it follows was without the waiver, `ceiling` the strictest in force.
    """
    if ceiling is not None and yuan > ceiling:
        return f"减免前的标准高于最高限价{ceiling:.2f}元/月。请改成不超过限价的。"
    if everyones is not None and yuan > max(everyones, former or everyones):
        return (
            f"比全园的{everyones:.2f}元高。没有减免时和全园交一样的，请改成一样的；"
            "本来就另有标准的，请先登记减免以前执行的那一条。"
        )
    return ""


def waived(fee: Decimal, standard: Decimal) -> Decimal:
    """The lower of what is charged and what public ones charge (减免额), yuan a child and month."""
    return min(fee, standard)


def waiver_of(month: Month) -> Waiver | Nothing | Unknown:
    """What a month comes to, or why there is nothing, or why nobody can say."""
    if month.month < FREE_FROM:
        return Nothing.BEFORE
    # Before the return: for a month that is not paid nobody waits for one.
    if month.months_rule == MonthsRule.TEN_MONTHS and month.month.month in HOLIDAYS:
        return Nothing.HOLIDAY
    if month.large is None or month.mixed is None:
        return Unknown.NO_RETURN
    if month.standing is None:
        return Unknown.NO_STATUS
    if month.standing == Standing.UNAPPROVED:
        return Nothing.UNAPPROVED
    if month.standard is None or month.months_rule is None:
        return Unknown.NO_STANDARD
    fee = _fee(month, month.months_rule)
    if isinstance(fee, Unknown):
        return fee
    return Waiver(
        children=month.large + month.mixed,
        fee=fee,
        standard=month.standard,
        waived=waived(fee, month.standard),
        charged=_charged(month, month.months_rule),
    )


# Whose line holds for a child of the last year, the first before the next: in 大班, in a mixed class.
OF_LARGE = ("large", "all")
OF_MIXED = ("mixed", "large", "all")
# Lines that tell what is usual without the waiver. 托班 is another item at another price.
COMPARED = ("all", "small", "middle", "large", "mixed")


def _fee(month: Month, rule: MonthsRule) -> Decimal | Unknown:
    """What a child is asked a month without the waiver: the published standard before it.

    Children of 大班 and those of mixed classes may be asked another amount: then it is not one sum.
    """
    found = []
    if month.large or not month.mixed:
        found.append(_full_fee(month, rule, OF_LARGE))
    if month.mixed:
        found.append(_full_fee(month, rule, OF_MIXED))
    for one in found:
        if isinstance(one, Unknown):
            return one
    return found[0] if len(set(found)) == 1 else Unknown.TWO_FEES


def _full_fee(month: Month, rule: MonthsRule, scopes: tuple[str, ...]) -> Decimal | Unknown:
    line = _line(month, scopes)
    if line is None:
        return Unknown.NO_FEE
    if _may_be_another(month, line, scopes):
        return Unknown.NEW_ENTRANTS
    if line.before_waiver is None and _may_be_reduced(month, line):
        return Unknown.REDUCED_FEE
    return _by_month(line.full, line.unit, rule)


def _charged(month: Month, rule: MonthsRule) -> Decimal | None:
    line = _line(month, OF_LARGE) if month.large else None
    found = _by_month(line.amount, line.unit, rule) if line is not None else None
    return None if isinstance(found, Unknown) else found


def _hours(month: Month) -> tuple[str, str]:
    """Those whose lines hold, its own before any."""
    return ("half_day" if month.half_day else "full_day", "any")


def _line(month: Month, scopes: tuple[str, ...]) -> Fee | None:
    """The line of everybody: of a grade before that of all, and of both one for its hours first."""
    order = [(scope, hours) for scope in scopes for hours in _hours(month)]
    lines = {(fee.scope, fee.hours): fee for fee in month.fees if fee.entrants == "all"}
    return next((lines[which] for which in order if which in lines), None)


def _may_be_another(month: Month, line: Fee, scopes: tuple[str, ...]) -> bool:
    """Whether a line of new entrants may hold for some of the children instead of `line`.

    Not one that `line` followed for all children of as narrow a scope. A child may have entered in
    its last year, and no return says who did: nobody is paid on a guess.
    """
    return any(
        fee.entrants == "new"
        and fee.scope in scopes
        and fee.hours in _hours(month)
        and not (line.since >= fee.since and scopes.index(line.scope) <= scopes.index(fee.scope))
        for fee in month.fees
    )


def _may_be_reduced(month: Month, line: Fee) -> bool:
    """Whether an amount may be what is left after the waiver: nobody said which it is.

    It is not where no other line is higher. With nothing beside it nobody knows; a line of all is
    the younger grades' too, unless they have their own.
    """
    beside = [_line(month, (scope,)) for scope in COMPARED if scope != line.scope]
    others = [one for one in beside if one is not None]
    if line.scope == "all" and not {"small", "middle"} <= {one.scope for one in others}:
        return False
    return not others or any(one.unit != line.unit or line.amount < one.full for one in others)


def _by_month(yuan: Decimal, unit: str, rule: MonthsRule) -> Decimal | Unknown:
    if unit == "month":
        return yuan
    if unit != "term":
        return Unknown.OTHER_UNIT
    months = MONTHS_OF_A_TERM.get(rule)
    if months is None:
        return Unknown.BY_TERM
    return (yuan / months).quantize(FEN, ROUND_HALF_UP)


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
    *,
    amount: Decimal,
    approved: Decimal,
    paid: Decimal,
    paid_on: dt.date,
    month: dt.date,
    today: dt.date,
) -> tuple[str, str] | None:
    """What is wrong with a payment: (field, what to do). Never more than approved, never ahead."""
    if paid_on > today:
        return "paid_on", "拨付日期在今天以后。拨付以后再登记，或核对日期。"
    if paid_on < month:
        return "paid_on", "拨付日期早于补助的月份，请核对日期。"
    left = approved - paid
    if amount > left:
        if left == 0:
            return "amount", "核定的已经全部拨付，没有待拨的了。"
        return "amount", f"还没有拨付的是{left:.2f}元，不能超过。要多拨的，请先改核定。"
    return None
