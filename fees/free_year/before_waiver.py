"""What a line's amount before the waiver is held to when it is recorded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from fees.catalogue.rules import kind_of
from fees.free_year.rules import before_waiver_problem
from fees.models import Entrants, FeeHours, FeeScope, FeeUnit, ScheduledFee
from fees.overcharging.rules import strictest
from fees.overcharging.selectors import all_ceilings, ceilings_on
from fees.rules import FeeFacts
from kindergartens.models import Kindergarten, KindergartenStatus


def recording_problem(kindergarten: Kindergarten, facts: FeeFacts, *, apart_from: int = 0) -> str:
    """Why it cannot stand beside the ceilings and the line of all of its first day; or empty.

    For whoever was found to have the kindergarten's schedule in hand. `apart_from`: the line that
    is corrected.
    """
    if facts.before_waiver is None:
        return ""
    day = facts.valid_from
    former = _full(kindergarten, facts, day - dt.timedelta(days=1), facts.scope, apart_from)
    return before_waiver_problem(
        facts.before_waiver,
        everyones=_full(kindergarten, facts, day, FeeScope.ALL, apart_from),
        former=former,
        ceiling=_ceiling(kindergarten, day) if facts.unit == FeeUnit.MONTH else None,
    )


def _full(
    kindergarten: Kindergarten, facts: FeeFacts, day: dt.date, scope: str, apart_from: int
) -> Decimal | None:
    """What everybody of a scope is asked on a day by the same unit, its own hours before any."""
    found = (
        ScheduledFee.objects.unscoped("the kindergarten was found to be theirs")
        .on(day)
        .filter(
            kindergarten=kindergarten, item=facts.item, scope=scope, unit=facts.unit,
            entrants=Entrants.ALL, hours__in={facts.hours, FeeHours.ANY.value},
        )
        .exclude(pk=apart_from)
    )  # fmt: skip
    line = max(found, key=lambda one: one.hours == facts.hours, default=None)
    if line is None:
        return None
    return line.amount if line.before_waiver is None else line.before_waiver


def _ceiling(kindergarten: Kindergarten, day: dt.date) -> Decimal | None:
    status = (
        KindergartenStatus.objects.unscoped("the kindergarten was found to be theirs")
        .on(day)
        .filter(kindergarten=kindergarten)
        .select_related("town")
        .first()
    )
    if status is None:
        return None
    kind = kind_of(ownership=status.ownership, for_profit=status.for_profit)
    held_to = strictest(ceilings_on(day, town=status.town, kind=kind, among=all_ceilings()))
    return None if held_to is None else held_to.yuan
