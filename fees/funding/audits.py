"""How the yearly audits of private kindergartens stand: filed as procedures, read here by year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from kindergartens.models import KindergartenStatus, Procedure
from kindergartens.procedures import rules as clock
from kindergartens.procedures.kinds import kind_in

KIND = "annual_audit"
IN_HAND = "of the kindergartens in hand"


class AuditState(StrEnum):
    RECEIVED = "received"
    WAITING = "waiting"
    RETURNED = "returned"
    OVERDUE = "overdue"
    NOT_YET = "not_yet"  # not handed in, and there is time


@dataclass(frozen=True)
class Audit:
    """One year's audit of one kindergarten. `due_on` is the last day to hand it in.

    `related` are transactions with related parties in yuan, `distributed` what the sponsor took of
    the proceeds; None where the report of that time was not asked. `breach`: a non-profit one's
    sponsor took some (民办教育促进法 Art 19).
    """

    state: AuditState
    due_on: dt.date
    days_over: int
    number: str = ""
    handed_in: dt.datetime | None = None
    received: dt.datetime | None = None
    auditor: str = ""
    opinion: str = ""
    related: Decimal | None = None
    distributed: Decimal | None = None
    breach: bool = False


def audits_of(
    kindergartens: Mapping[int, tuple[str, Sequence[KindergartenStatus]]],
    year: int,
    today: dt.date,
) -> dict[int, Audit]:
    """By private kindergarten in hand (its town's code, its statuses). One query."""
    rows = (
        Procedure.objects.unscoped(IN_HAND)
        .filter(kind=KIND, details__year=year, kindergarten__in=kindergartens.keys())
        .exclude(state__in=[Procedure.State.REFUSED, Procedure.State.WITHDRAWN])
        .order_by("pk")
    )
    handed_in = {row.kindergarten_id: row for row in rows}
    return {
        key: _audit(handed_in.get(key), _due_on(code, year), statuses, year, today)
        for key, (code, statuses) in kindergartens.items()
    }


@cache
def _due_on(town: str, year: int) -> dt.date:
    return clock.yearly_due(year, kind_in(KIND, town).yearly)


def _audit(
    row: Procedure | None,
    due_on: dt.date,
    statuses: Sequence[KindergartenStatus],
    year: int,
    today: dt.date,
) -> Audit:
    over = clock.days_over(due_on, today)
    if row is None:
        return Audit(AuditState.OVERDUE if over else AuditState.NOT_YET, due_on, over)
    states = {
        Procedure.State.APPROVED: AuditState.RECEIVED,
        Procedure.State.RETURNED: AuditState.RETURNED,
    }
    state = states.get(Procedure.State(row.state), AuditState.WAITING)
    distributed = _yuan(row.details.get("distributed"))
    at_end = next((one for one in statuses if one.is_in_force(dt.date(year, 12, 31))), None)
    return Audit(
        state=state,
        due_on=due_on,
        days_over=over if state == AuditState.RETURNED else 0,
        number=row.number,
        handed_in=row.asked_at,
        received=row.ended_at if state == AuditState.RECEIVED else None,
        auditor=row.details.get("auditor", ""),
        opinion=row.details.get("opinion", ""),
        related=_yuan(row.details.get("related")),
        distributed=distributed,
        breach=bool(distributed) and at_end is not None and not at_end.for_profit,
    )


def _yuan(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
