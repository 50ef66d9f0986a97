"""Unlicensed places: when they are overdue, when they may be closed, how long the bar lasts.

Plain Python. Sources: domain facts §8.4 (准入一批、整改一批、取缔一批), 学前教育法第78条 (五至十年内不受理
举办者的申请).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

# What each route may end in. Another end needs another route first, with its reason.
ENDS: Mapping[str, frozenset[str]] = {
    "license": frozenset({"licensed"}),
    "rectify": frozenset({"licensed", "closed"}),
    "ban": frozenset({"closed"}),
    "childcare": frozenset({"childcare"}),
}
# Ends after which the place no longer keeps children of three to six: each has to be somewhere.
CHILDREN_LEAVE = frozenset({"closed", "childcare"})
BAR_YEARS = range(5, 11)


def bar_ends_on(closed_on: dt.date, years: int) -> dt.date:
    """The first day on which the operator may apply again; after 29 February, 1 March."""
    try:
        return closed_on.replace(year=closed_on.year + years)
    except ValueError:
        return dt.date(closed_on.year + years, 3, 1)


def bar_problem(*, outcome: str, route: str, years: int | None, reason: str) -> str:
    """Why the bar cannot stand so; empty when it can. A ban always bars, nothing else does."""
    barred = outcome == "closed" and route == "ban"
    if barred and years is None:
        return "取缔的要写明不受理申请的年限，五到十年（学前教育法第七十八条）。"
    if not barred:
        return "" if years is None else "只有取缔的才有不受理申请的年限，请不要填。"
    if years not in BAR_YEARS:
        return "不受理申请的年限是五到十年（学前教育法第七十八条）。"
    return "" if reason.strip() else "请写明定这个年限的理由（情节轻重）。"


def roster_children(
    counts: Iterable[tuple[dt.date, int]], placements: Iterable[tuple[dt.date, int]]
) -> int | None:
    """Children who were ever there, by day and number of the counts and of the placements.

    Who had been placed before a count is no longer in it, and who is missing from a later count
    has gone somewhere: the highest of each count with those placed before it. None: no count.
    """
    gone = list(placements)
    return max(
        (there + sum(number for left, number in gone if left < day) for day, there in counts),
        default=None,
    )


def children_not_placed(roster: int | None, placed: int) -> int | None:
    """Children of the roster without a place; negative when more are placed. None: no count."""
    return None if roster is None else roster - placed


def closing_problem(
    *,
    outcome: str,
    route: str | None,
    closed_on: dt.date,
    last_day: dt.date,
    today: dt.date,
    roster: int | None,
    placed: int,
) -> str:
    """Why a place cannot be closed on a day; empty when it can.

    `roster` is that of roster_children, `last_day` the newest day on which
    something is recorded about it.
    """
    if route is None:
        return "还没有定处置方式。请先定准入、整改、取缔或转托育。"
    if outcome not in ENDS[route]:
        return "这个结果和现在的处置方式不符。请先改处置方式，写明原因。"
    if closed_on > today:
        return f"办结日期不能晚于今天{today:%Y-%m-%d}。"
    if closed_on < last_day:
        return f"{last_day:%Y-%m-%d}还有记录，办结日期不能早于这一天。"
    if outcome not in CHILDREN_LEAVE:
        return ""
    missing = children_not_placed(roster, placed)
    if missing is None:
        return "还没有查明幼儿人数，不能办结。请先登记一次查看，没有幼儿的写0。"
    if missing > 0:
        return (
            f"花名册上有{roster}名幼儿，已安置{placed}名，还有{missing}名没有安置，不能办结。"
            "请先登记幼儿去向。"
        )
    if missing < 0:
        return (
            f"花名册上有{roster}名幼儿，去向登记了{placed}名，多{-missing}名。"
            "请撤销登记错的去向，或补一次查看。"
        )
    return ""


def check_problem(
    *, day: dt.date, today: dt.date, found_on: dt.date, closed_on: dt.date | None, running: bool,
    children: int | None, staff: int | None,
) -> str:  # fmt: skip
    """Why a check cannot be recorded; empty when it can."""
    if day > today:
        return f"查看日期不能晚于今天{today:%Y-%m-%d}。"
    if day < found_on:
        return f"查看日期不能早于发现日期{found_on:%Y-%m-%d}。"
    if closed_on is not None and day < closed_on:
        return f"{closed_on:%Y-%m-%d}已办结，这里只登记办结以后的复查。"
    if not running and (children or staff):
        return "没有在办，幼儿和教职工应为0或不填。"
    return ""


def plan_problem(
    *, decided_on: dt.date, deadline: dt.date, today: dt.date, found_on: dt.date,
    last_decided: dt.date | None,
) -> str:  # fmt: skip
    """Why a route cannot be decided on a day; empty when it can."""
    if decided_on > today:
        return f"确定日期不能晚于今天{today:%Y-%m-%d}。"
    if decided_on < found_on:
        return f"确定日期不能早于发现日期{found_on:%Y-%m-%d}。"
    if last_decided is not None and decided_on < last_decided:
        return f"{last_decided:%Y-%m-%d}已定过处置方式，新的不能更早。"
    if deadline < decided_on:
        return "期限不能早于确定日期。"
    return ""
