"""The fee schedule that a month's return begins with and is checked beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fees.models import FeeHours, LocalFeeItem, ScheduledFee
from fees.rules import published_by
from fees.selectors import in_order, lines_ever_on
from kindergartens.models import Kindergarten, MonthlyFiling
from reports.filings.checks.cells import typed_yuan
from reports.filings.checks.schedule import (
    CHARGE,
    HOURS_AFTER,
    Moved,
    ScheduledLine,
    begun,
    moved,
    offered,
)
from reports.filings.checks.sections.charges import CHARGES

if TYPE_CHECKING:
    from reports.filings.submitted import Submitted

OF_A_RETURN = "of a kindergarten whose return is in hand"


def schedule_of(kindergarten: Kindergarten, day: dt.date) -> tuple[ScheduledLine, ...]:
    """The charges in force on a day, in the order of a published sheet. One query.

    A return states one amount of a charge. Where new entrants pay otherwise it is the highest that
    may hold for somebody; what was published goes before what was not.
    """
    fees = ScheduledFee.objects.unscoped(OF_A_RETURN).filter(kindergarten=kindergarten).on(day)
    charges: dict[tuple[str, ...], list[ScheduledLine]] = {}
    for fee in sorted(fees, key=in_order):
        line = _line(fee, day)
        charges.setdefault(line.charge, []).append(line)
    return tuple(_one_of(lines) for lines in charges.values())


def _one_of(lines: Sequence[ScheduledLine]) -> ScheduledLine:
    held = max(lines, key=lambda line: (line.published is not False, line.fen))
    return replace(held, also=tuple(line.fen for line in lines if line is not held))


def schedule_of_filing(filing: MonthlyFiling) -> tuple[ScheduledLine, ...]:
    return schedule_of(filing.kindergarten, filing.period.reference_date)


def listed_for_filing(filing: MonthlyFiling) -> set[str]:
    """The names on the county's list (目录清单) on the statistical day. One query."""
    rows = LocalFeeItem.objects.of_county(filing.town).in_force(filing.period.reference_date)
    return set(rows.values_list("name", flat=True))


def moved_charges(
    filing: MonthlyFiling, draft: Mapping[str, Any], schedule: Sequence[ScheduledLine]
) -> dict[str, Moved]:
    """Rows of a draft with an amount that the schedule said before it was corrected or withdrawn.

    Nothing tells an open draft of a change: it is found as the form is read, from the copies that
    history keeps of the lines. One query, and none while every row is as the schedule says.
    """
    part = draft.get(CHARGES.code)
    rows = part if isinstance(part, Mapping) else {}
    now = {(line.charge, typed_yuan(fen)) for line in schedule for fen in (line.fen, *line.also)}
    others = {
        row: cells
        for row, cells in rows.items()
        if isinstance(cells, Mapping)
        and cells.get("amount")
        and (tuple(cells.get(name, "") for name in CHARGE), cells["amount"]) not in now
    }
    if not others:
        return {}
    day = filing.period.reference_date
    once = lines_ever_on(filing.kindergarten, day)
    return moved(others, schedule, [_line(one, day) for one in once])


def _line(fee: Any, day: dt.date) -> ScheduledLine:
    """Of a line, or of the copy that history has of one."""
    published = published_by(day, valid_from=fee.valid_from, published_on=fee.published_on)
    return ScheduledLine(
        fee.item, fee.name, _scope(fee), fee.unit, int(fee.amount * 100), published=published
    )


def _scope(fee: Any) -> str:
    if fee.hours == FeeHours.ANY:
        return fee.scope
    return f"{fee.scope}{HOURS_AFTER}{fee.hours}"


def with_charges(
    draft: Mapping[str, Any], last: Submitted | None, schedule: Sequence[ScheduledLine]
) -> dict[str, Any]:
    """The draft a month begins with, its charges from the schedule."""
    part = {} if last is None else last.part(CHARGES.code)
    carries = last is not None and last.promotion is None
    return dict(draft) | {CHARGES.code: begun(part, schedule, list(CHARGES.rows), carries=carries)}


def with_offered(draft: Mapping[str, Any], schedule: Sequence[ScheduledLine]) -> dict[str, Any]:
    """A draft with the lines of the schedule that it does not have yet, as the form offers them."""
    part = draft.get(CHARGES.code)
    there = (
        {} if not isinstance(part, Mapping) else {row: part[row] for row in CHARGES.rows_in(part)}
    )
    return dict(draft) | {CHARGES.code: {**there, **offered(there, schedule, list(CHARGES.rows))}}
