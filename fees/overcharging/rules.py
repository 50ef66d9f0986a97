"""Whether a charge of a month was more than may be charged, and by how many yuan. Plain Python.

Publication and approval: 学前教育法 Art 68, 69; not on the published list or not as published is not
to be charged, and what was charged is refunded: 发改价格〔2025〕1644号 and Art 79. Ceilings hold for
the care and education fee (保教费) a month. By the month or the term, not further ahead:
幼儿园收费管理暂行办法 (发改价格〔2011〕3207号) Art 14.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from fees.catalogue.rules import Banned
from fees.rules import plain
from fees.terms import term_of

CARE_EDUCATION = "care_education_fee"
MONTH, TERM = "month", "term"
# Of these a payer pays one in the month of the return; of a day, meal or time nobody knows how many.
ONE_A_RETURN = frozenset({MONTH, TERM})


class Breach(StrEnum):
    """What a charge breaks."""

    BANNED = "banned"
    UNLISTED = "unlisted"
    OFF_LIST = "off_list"
    UNPUBLISHED = "unpublished"
    OVER_CEILING = "over_ceiling"
    OVER_LIST = "over_list"
    OVER_SCHEDULE = "over_schedule"
    AHEAD = "ahead"


BREACHES = {
    Breach.BANNED: "一律不得收取",
    Breach.UNLISTED: "公示表里没有",
    Breach.OFF_LIST: "不在当地目录",
    Breach.UNPUBLISHED: "没有公示",
    Breach.OVER_CEILING: "高于最高限价",
    Breach.OVER_LIST: "高于当地目录标准",
    Breach.OVER_SCHEDULE: "高于公示标准",
    Breach.AHEAD: "跨学期预收",
}


@dataclass(frozen=True)
class Ceiling:
    """The most a child may be asked for a month's care and education, in yuan, by one document."""

    yuan: Decimal
    document: str
    place: str


@dataclass(frozen=True)
class Local:
    """What the county's list (目录清单) of the day says of a service or collection on behalf.

    `listed`: whether it has the name. `most` in yuan a child and the charge's own unit, None where
    it sets none for that unit; then `document` is empty.
    """

    listed: bool
    most: Decimal | None = None
    document: str = ""


@dataclass(frozen=True)
class Charged:
    """One charge of a return. `amount` in yuan a child and unit; `scheduled` is what the schedule
    had on the statistical day when the return was submitted, None where it had no such line;
    `has_schedule`: whether it had any line that day. `ceilings`: all that hold for the kindergarten
    on that day. `month` is the return's; `periods` how many months or terms were paid
    at once, by `prepaid` of the payers (None: by all).
    `local` is None where the county had no list of that class that day.
    `published`: whether that line was published by then (fees.rules.published_by), None where
    nobody knows. `banned`: what bans a charge of its name (fees.catalogue.rules.banned_name).
    """

    item: str
    unit: str
    amount: Decimal
    payers: int
    scheduled: Decimal | None
    has_schedule: bool
    ceilings: tuple[Ceiling, ...] = ()
    local: Local | None = None
    month: dt.date | None = None
    periods: int = 1
    prepaid: int | None = None
    published: bool | None = None
    banned: Banned | None = None

    @property
    def ahead(self) -> int:
        """How many of the months or terms paid at once are of a later term."""
        return beyond_term(self.month, self.unit, self.periods) if self.month else 0


def months_left(month: dt.date) -> int:
    """How many months may be paid at once in a month: to the end of its term. In the last month
    of a term the next one is paid for, too.
    """
    term = term_of(month)
    left = sum(one >= month for one in term.months)
    return left if left > 1 else left + len(term.following.months)


def beyond_term(month: dt.date, unit: str, periods: int) -> int:
    """How many of the months or terms paid at once may not be paid yet (跨学期预收)."""
    if unit == MONTH:
        return max(0, periods - months_left(month))
    return max(0, periods - 1) if unit == TERM else 0


@dataclass(frozen=True)
class Excess:
    """A charge above what may be charged.

    `allowed` in yuan a child and unit. `per_child` is what a payer is owed, in yuan: the one who paid
    the most at once; by the day, meal or time for one of them. `refund` is what all payers are owed,
    and None where the number of units is not known. `ceiling` is the one that was exceeded; `ahead`
    how many months or terms were paid too early; `local` what the county's list says where it was not
    kept to; `banned` what bans it under any name.
    """

    breaches: tuple[Breach, ...]
    allowed: Decimal
    per_child: Decimal
    refund: Decimal | None
    ceiling: Ceiling | None = None
    local: Local | None = None
    ahead: int = 0
    banned: Banned | None = None


def excess(charge: Charged) -> Excess | None:
    """None where nobody paid or the charge is within what may be charged, as far as is known.

    Where several limits hold the lowest counts: of two documents in force the stricter, and a
    published amount above a ceiling makes nothing lawful. Of what was not published by its day
    nothing may be charged, and nothing under a name that is banned, published or not.
    """
    if charge.payers == 0:
        return None
    limits: list[tuple[Decimal, Breach]] = []
    if charge.scheduled is not None:
        limits.append((charge.scheduled, Breach.OVER_SCHEDULE))
    elif charge.has_schedule:
        limits.append((Decimal(0), Breach.UNLISTED))
    if charge.banned is not None:
        limits.append((Decimal(0), Breach.BANNED))
    if charge.published is False:
        limits.append((Decimal(0), Breach.UNPUBLISHED))
    ceiling = strictest(charge.ceilings) if charge.item == CARE_EDUCATION else None
    most = None if ceiling is None else most_of(ceiling, charge.unit, charge.month)
    if most is not None:
        limits.append((most, Breach.OVER_CEILING))
    local = charge.local
    if local is not None and not local.listed:
        limits.append((Decimal(0), Breach.OFF_LIST))
    elif local is not None and local.most is not None:
        limits.append((local.most, Breach.OVER_LIST))
    broken = [(limit, breach) for limit, breach in limits if charge.amount > limit]
    ahead = charge.ahead if charge.amount else 0
    if not broken and not ahead:
        return None
    allowed = min((limit for limit, _ in broken), default=charge.amount)
    too_much = charge.amount - allowed
    # What was paid too early is owed whole, else what was too much.
    at_once = too_much * (charge.periods - ahead) + charge.amount * ahead
    prepaid = charge.payers if charge.prepaid is None else charge.prepaid
    refund = at_once * prepaid + too_much * (charge.payers - prepaid)
    breaches = {breach for _, breach in broken} | ({Breach.AHEAD} if ahead else set())
    return Excess(
        breaches=tuple(breach for breach in Breach if breach in breaches),
        allowed=allowed,
        per_child=at_once,
        refund=refund if charge.unit in ONE_A_RETURN else None,
        ceiling=ceiling if Breach.OVER_CEILING in breaches else None,
        local=local if breaches & {Breach.OFF_LIST, Breach.OVER_LIST} else None,
        ahead=ahead,
        banned=charge.banned,
    )


def strictest(ceilings: Iterable[Ceiling]) -> Ceiling | None:
    """The lowest of those in force; of equal ones the first."""
    return min(ceilings, key=lambda one: one.yuan, default=None)


def most_of(ceiling: Ceiling, unit: str, day: dt.date | None) -> Decimal | None:
    """What a ceiling allows of a unit, in yuan; None where it says nothing of that unit.

    By the term it is that of every month of the day's term, holidays too: how many of them a place
    charges for is a local matter, and what is above all of them is above for certain.
    """
    if unit == MONTH:
        return ceiling.yuan
    if unit == TERM and day is not None:
        return ceiling.yuan * len(term_of(day).months)
    return None


def left_of(refund: Decimal | None, repaid: Decimal) -> Decimal | None:
    """Yuan still to be given back; None where what is owed cannot be computed."""
    return None if refund is None else max(refund - repaid, Decimal(0))


@dataclass(frozen=True)
class Total:
    """Several excesses together. `refund` in yuan is of those that can be computed; `uncounted` is
    how many cannot, so that the sum is said to be at least that much. `repaid` is what was given back
    of all; `left` what is still owed of those that can be computed, one by one: what was given back
    beyond one excess pays no other.
    """

    kindergartens: int
    charges: int
    refund: Decimal
    uncounted: int
    repaid: Decimal = Decimal(0)
    left: Decimal = Decimal(0)


def total(found: Iterable[tuple[int, Excess, Decimal]]) -> Total:
    """(kindergarten, excess, yuan given back) each."""
    rows = list(found)
    refunds = [one.refund for _, one, _ in rows if one.refund is not None]
    lefts = [left_of(one.refund, repaid) for _, one, repaid in rows]
    return Total(
        kindergartens=len({kindergarten for kindergarten, *_ in rows}),
        charges=len(rows),
        refund=sum(refunds, Decimal(0)),
        uncounted=len(rows) - len(refunds),
        repaid=sum((repaid for *_, repaid in rows), Decimal(0)),
        left=sum((left for left in lefts if left is not None), Decimal(0)),
    )


def repayment_problem(
    *,
    month: dt.date,
    repaid_on: dt.date,
    today: dt.date,
    children: int,
    payers: int,
    yuan: Decimal,
    owed: Decimal | None,
    before: Decimal,
    reason: str,
) -> tuple[str, str] | None:
    """Why something was not given back so: (field, what to do).

    Of a charge of `month` that `payers` paid; `owed` in yuan altogether, None where nobody can
    compute it, `before` what is recorded already.
    """
    if repaid_on > today:
        return "repaid_on", "退还日期不能晚于今天，退给家长以后再登记。"
    if repaid_on < month:
        return (
            "repaid_on",
            f"这是{month.year}年{month.month}月收的，退还日期不会比这个月早。请核对。",
        )
    if not 1 <= children <= payers:
        return (
            "children",
            f"月报收费{payers}人，退还人数应是1到{payers}人。收费人数报错的，请先更正月报。",
        )
    if yuan <= 0:
        return "yuan", "退还金额要大于0。还没有退的不用登记。"
    if owed is not None and before + yuan > owed and not reason:
        return "reason", (
            f"应退{plain(owed)}元，已登记{plain(before)}元，加上这一笔多{plain(before + yuan - owed)}元。"
            "请核对金额；确实多退的，请写明原因。"
        )
    return None
