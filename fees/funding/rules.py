"""What public money is due to a kindergarten for a year, and what of it was paid. Plain Python.

Yuan are Decimal, children whole; what nobody knows is None, never 0.
Sources: 学前教育法 Art 63 (the province sets the amounts a child; for children with disabilities
appropriately higher), Art 64 (recognised private kindergartens are supported), Art 65 (aid), Art 70
(private ones are audited every year); 民办教育促进法 (2018) Art 19 (whoever runs a non-profit school
takes no proceeds), Art 39 (the yearly accounts are audited by a firm).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

FIRST_YEAR = 2015
# A child's amount of a year outside of this is a slip of the unit.
LEAST_YUAN, MOST_YUAN = Decimal(10), Decimal(50_000)


@dataclass(frozen=True)
class Standard:
    """One place's amounts a child and year; `month` is that of the return whose children count."""

    place: str
    document: str
    yuan: Decimal
    disabled_yuan: Decimal | None
    year_before: bool
    month: int

    def counted_in(self, year: int) -> dt.date:
        """The first of the month whose return says how many children a year is paid for."""
        return dt.date(year - 1 if self.year_before else year, self.month, 1)


def holding(standards: Sequence[Standard]) -> Standard | None:
    """The one that holds: the highest, of equals the nearest place's. `standards`: nearest first.

    A nearer place may set more, never less (Art 63: the province sets what is at least paid).
    """
    return max(standards, key=lambda one: one.yuan, default=None)


def for_disabled(standards: Sequence[Standard]) -> Decimal | None:
    """The highest amount for children with disabilities, not below that for others; None: none is set."""
    found = [one.disabled_yuan for one in standards if one.disabled_yuan is not None]
    ordinary = holding(standards)
    return max([*found, ordinary.yuan]) if found and ordinary is not None else None


class Why(StrEnum):
    """Why nothing due can be computed."""

    NOT_MEANT = "not_meant"  # neither public nor a recognised private one
    DID_NOT_RUN = "did_not_run"  # on no day of the year
    CHANGED = "changed"  # in each scope's month it was one of the other
    NO_STANDARD = "no_standard"
    NO_RETURN = "no_return"
    NO_DISABLED = "no_disabled"  # a return of before children with disabilities were asked for


@dataclass(frozen=True)
class Counted:
    """Children of the accepted return of the reference month, 托班 left out."""

    children: int
    disabled: int | None


@dataclass(frozen=True)
class Due:
    """`yuan` is None where `why` says why."""

    yuan: Decimal | None = None
    children: int | None = None
    why: Why | None = None


def due(standards: Sequence[Standard], counted: Counted | None) -> Due:
    """应拨 = 标准 × 幼儿数; children with disabilities at their own amount where one is set."""
    standard = holding(standards)
    if standard is None:
        return Due(why=Why.NO_STANDARD)
    if counted is None:
        return Due(why=Why.NO_RETURN)
    higher = for_disabled(standards)
    if higher is None:
        return Due(standard.yuan * counted.children, counted.children)
    if counted.disabled is None:
        return Due(children=counted.children, why=Why.NO_DISABLED)
    others = counted.children - counted.disabled
    return Due(standard.yuan * others + higher * counted.disabled, counted.children)


class State(StrEnum):
    PAID = "paid"
    SHORT = "short"
    UNTOLD = "untold"  # nobody recorded a payment
    UNKNOWN = "unknown"  # what is due cannot be computed
    NOT_MEANT = "not_meant"
    OUTSIDE = "outside"  # not meant, and it was paid


def state(due: Due, paid: Decimal | None) -> State:
    if due.why in (Why.NOT_MEANT, Why.DID_NOT_RUN):
        return State.NOT_MEANT if paid is None else State.OUTSIDE
    if due.yuan is None:
        return State.UNKNOWN
    if paid is None:
        return State.UNTOLD
    return State.SHORT if paid < due.yuan else State.PAID


@dataclass(frozen=True)
class Money:
    """One kindergarten's year; `paid` counts towards what is due, None where nobody recorded any."""

    due: Due
    paid: Decimal | None

    @property
    def state(self) -> State:
        return state(self.due, self.paid)

    @property
    def over(self) -> Decimal | None:
        """实拨 − 应拨: below 0 is short. None where one of them is not known."""
        return None if self.due.yuan is None or self.paid is None else self.paid - self.due.yuan

    @property
    def per_child(self) -> Decimal | None:
        """实拨 ÷ 幼儿数, yuan, unrounded."""
        if self.paid is None or not self.due.children:
            return None
        return self.paid / self.due.children


@dataclass(frozen=True)
class Total:
    """Kindergartens that are meant, together.

    `due` and `children` are of those that can be computed, `paid` of all where one is recorded,
    `short` of those that are short; `per_child` is Σ ÷ Σ over those where both are known.
    `outside` was paid to those that are not meant, and is in none of the others.
    """

    kindergartens: int
    computable: int
    told: int
    children: int
    due: Decimal
    paid: Decimal
    short: Decimal
    short_of: int
    per_child: Decimal | None
    outside: Decimal
    outside_of: int


def total(rows: Iterable[Money]) -> Total:
    found = list(rows)
    outside = [row.paid for row in found if row.paid is not None and row.state == State.OUTSIDE]
    meant = [row for row in found if row.state not in (State.NOT_MEANT, State.OUTSIDE)]
    known = [row for row in meant if row.due.yuan is not None]
    told = [row for row in meant if row.paid is not None]
    both = [row for row in told if row.due.children]
    short = [-row.over for row in meant if row.over is not None and row.over < 0]
    children = sum(row.due.children or 0 for row in both)
    paid_to_them = sum((row.paid or Decimal(0) for row in both), Decimal(0))
    return Total(
        kindergartens=len(meant),
        computable=len(known),
        told=len(told),
        children=sum(row.due.children or 0 for row in known),
        due=sum((row.due.yuan or Decimal(0) for row in known), Decimal(0)),
        paid=sum((row.paid or Decimal(0) for row in told), Decimal(0)),
        short=sum(short, Decimal(0)),
        short_of=len(short),
        per_child=paid_to_them / children if children else None,
        outside=sum(outside, Decimal(0)),
        outside_of=len(outside),
    )


@dataclass(frozen=True)
class Aided:
    """Children who were given aid, and whole yuan altogether."""

    children: int
    yuan: int


@dataclass(frozen=True)
class AidOfYear:
    """Aid of one kindergarten and year: `times` counts a child in each half-year it was given some
    (人次), `halves` those that were filed.
    """

    times: int
    yuan: int
    halves: int


def aid_problem(children: int, yuan: int) -> str:
    """Why one line cannot be right; empty where it can."""
    if children and not yuan:
        return "有人，请填资助金额合计。"
    if yuan and not children:
        return "没有人，金额应填0。"
    return ""


def too_many_aided(lines: Iterable[Aided], children: int | None) -> bool:
    """Whether one kind tells of more children than the kindergarten had; None: nobody knows."""
    return children is not None and any(line.children > children for line in lines)


def payment_problem(*, year: int, paid_on: dt.date, today: dt.date) -> tuple[str, str]:
    """(field, what to do) about the days of a payment; ("", "") where nothing is wrong."""
    if not FIRST_YEAR <= year <= today.year:
        return "year", f"请填{FIRST_YEAR}年到{today.year}年之间的年度。"
    if paid_on > today:
        return "paid_on", "拨付日期还没到。请等拨付后登记，或核对日期。"
    if paid_on < dt.date(year - 1, 1, 1):
        return "paid_on", f"比{year}年早了一年以上，请核对拨付日期和年度。"
    return "", ""


def standard_problem(yuan: Decimal, disabled_yuan: Decimal | None) -> tuple[str, str]:
    """(field, what to do) about the amounts of a standard; ("", "") where nothing is wrong."""
    for field, amount in (("yuan_per_year", yuan), ("disabled_yuan_per_year", disabled_yuan)):
        if amount is not None and not LEAST_YUAN <= amount <= MOST_YUAN:
            return field, (
                f"每生每年{LEAST_YUAN}元到{MOST_YUAN}元之外，请核对单位是不是元、是不是一年的。"
            )
    if disabled_yuan is not None and disabled_yuan < yuan:
        return "disabled_yuan_per_year", (
            "残疾儿童的标准应当适当提高（学前教育法第六十三条），不能比一般标准低；没有另定的留空。"
        )
    return "", ""
