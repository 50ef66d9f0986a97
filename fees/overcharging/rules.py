"""Whether a charge of a month was more than may be charged, and by how many yuan. Plain Python.

Publication and approval: 学前教育法 Art 68, 69; not on the published list or not as published is not
to be charged, and what was charged is refunded: 发改价格〔2025〕1644号 and Art 79. Ceilings hold for
the care and education fee (保教费) a month.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

CARE_EDUCATION = "care_education_fee"
MONTH = "month"
# Of these a payer pays one in the month of the return; of a day, meal or time nobody knows how many.
ONE_A_RETURN = frozenset({"month", "term"})


class Breach(StrEnum):
    """What a charge breaks."""

    UNLISTED = "unlisted"
    OVER_CEILING = "over_ceiling"
    OVER_SCHEDULE = "over_schedule"


BREACHES = {
    Breach.UNLISTED: "公示表里没有",
    Breach.OVER_CEILING: "高于最高限价",
    Breach.OVER_SCHEDULE: "高于公示标准",
}


@dataclass(frozen=True)
class Ceiling:
    """The most a child may be asked for a month's care and education, in yuan, by one document."""

    yuan: Decimal
    document: str
    place: str


@dataclass(frozen=True)
class Charged:
    """One charge of a return. `amount` in yuan a child and unit; `scheduled` is what the schedule
    had on the statistical day when the return was submitted, None where it had no such line;
    `has_schedule`: whether it had any line that day. `ceilings`: all that hold for the kindergarten
    on that day.
    """

    item: str
    unit: str
    amount: Decimal
    payers: int
    scheduled: Decimal | None
    has_schedule: bool
    ceilings: tuple[Ceiling, ...] = ()


@dataclass(frozen=True)
class Excess:
    """A charge above what may be charged.

    `allowed` and `per_child` in yuan a child and unit; `refund` is what all payers are owed, in
    yuan, and None where the number of units is not known. `ceiling` is the one that was exceeded.
    """

    breaches: tuple[Breach, ...]
    allowed: Decimal
    per_child: Decimal
    refund: Decimal | None
    ceiling: Ceiling | None = None


def excess(charge: Charged) -> Excess | None:
    """None where nobody paid or the charge is within what may be charged, as far as is known.

    Where several limits hold the lowest counts: of two documents in force the stricter, and a
    published amount above a ceiling makes nothing lawful.
    """
    if charge.payers == 0:
        return None
    limits: list[tuple[Decimal, Breach]] = []
    if charge.scheduled is not None:
        limits.append((charge.scheduled, Breach.OVER_SCHEDULE))
    elif charge.has_schedule:
        limits.append((Decimal(0), Breach.UNLISTED))
    ceiling = strictest(charge.ceilings) if _has_ceiling(charge) else None
    if ceiling is not None:
        limits.append((ceiling.yuan, Breach.OVER_CEILING))
    broken = [(limit, breach) for limit, breach in limits if charge.amount > limit]
    if not broken:
        return None
    allowed = min(limit for limit, _ in broken)
    more = charge.amount - allowed
    breaches = {breach for _, breach in broken}
    return Excess(
        breaches=tuple(breach for breach in Breach if breach in breaches),
        allowed=allowed,
        per_child=more,
        refund=more * charge.payers if charge.unit in ONE_A_RETURN else None,
        ceiling=ceiling if Breach.OVER_CEILING in breaches else None,
    )


def strictest(ceilings: Iterable[Ceiling]) -> Ceiling | None:
    """The lowest of those in force; of equal ones the first."""
    return min(ceilings, key=lambda one: one.yuan, default=None)


def _has_ceiling(charge: Charged) -> bool:
    """A fee by the term is not divided by months here: how many a term has is a local matter."""
    return charge.item == CARE_EDUCATION and charge.unit == MONTH


@dataclass(frozen=True)
class Total:
    """Several excesses together. `refund` in yuan is of those that can be computed; `uncounted` is
    how many cannot, so that the sum is said to be at least that much.
    """

    kindergartens: int
    charges: int
    refund: Decimal
    uncounted: int


def total(found: Iterable[tuple[int, Excess]]) -> Total:
    """(kindergarten, excess) each."""
    rows = list(found)
    refunds = [one.refund for _, one in rows if one.refund is not None]
    return Total(
        kindergartens=len({kindergarten for kindergarten, _ in rows}),
        charges=len(rows),
        refund=sum(refunds, Decimal(0)),
        uncounted=len(rows) - len(refunds),
    )
