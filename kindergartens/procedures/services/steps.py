"""What every step of a procedure begins and ends with: its lock, its stamp, its event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Membership, Region, User
from kindergartens.models import Procedure, ProcedureEvent
from kindergartens.procedures.kinds import Kind, kind_in
from kindergartens.procedures.policies import ProcedureRefused

State = Procedure.State
Event = ProcedureEvent.Action
LOCK_SPACE = 74_000_000
Act = Callable[..., Procedure]


class ActedSince(ProcedureRefused):
    """What is there is not what was read: it is to be read again before anything is done."""


def stamp(procedure: Procedure) -> str:
    """The newest event of a procedure; another one: somebody acted or completed it since.

    Every act writes one under the lock, so it stands for all that a page shows: what was filled
    in, the documents, where the children go, and who did what. A page reads it before the rest.
    """
    return str(procedure.events.aggregate(newest=Max("pk"))["newest"])


def check_seen(procedure: Procedure, seen: str) -> None:
    """Raise ActedSince unless the procedure is what its reader was shown (`stamp`)."""
    if not seen:
        raise ActedSince(
            "没有办：看不出您看的是哪个时候的内容。下面是现在的内容，看过再从这一页办。"
        )
    if stamp(procedure) != seen:
        raise ActedSince(
            "您看的时候，别人办过或补正过这件事项，这次没有办。下面是现在的内容，看过再办。"
        )


@transaction.atomic
def rehearse(act: Act, **values: Any) -> None:
    """Do an act and take it back at once: what would refuse it refuses it now."""
    act(**values)
    transaction.set_rollback(True)


@transaction.atomic
def as_shown(act: Act, *, procedure_id: int, seen: str, by: User, **values: Any) -> Procedure:
    """Do an act on what was shown. Raises ActedSince where it is not that now."""
    check_seen(locked(procedure_id, by), seen)
    return act(procedure_id=procedure_id, by=by, **values)


def kind_of(procedure: Procedure) -> Kind:
    return kind_in(procedure.kind, procedure.county.code)


def locked(procedure_id: int, by: User) -> Procedure:
    """The procedure nobody else can change until this transaction ends. Raises ProcedureRefused."""
    procedure = (
        Procedure.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related(
            "county",
            "kindergarten__organisation__region",
            "asked_as__deputises_for",
            "checked_as__deputises_for",
        )
        .filter(pk=procedure_id)
        .first()
    )
    if procedure is None:
        raise ProcedureRefused("没有这件事项。请刷新列表。")
    return procedure


def lock_moves(kind: Kind, county: Region) -> None:
    """One at a time in a county where children or a whole kindergarten go to another one.

    Each looks at what the others do (who closes, who merges into whom), so none may begin or be
    decided beside it. Held until the transaction ends.
    """
    if kind.places_children:
        lock_county(county)


def lock_county(county: Region) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, county.pk])


def note(
    procedure: Procedure, action: Event, post: Membership, now: dt.datetime, reason: str
) -> None:
    ProcedureEvent.objects.create(
        procedure=procedure, action=action, at=now, done_as=post, reason=reason.strip()[:300]
    )


def end(
    procedure: Procedure, state: State, post: Membership, now: dt.datetime, *fields: str
) -> None:
    procedure.state, procedure.due_on = state, None
    procedure.decided_as, procedure.ended_at = post, now
    procedure.save(
        update_fields=["state", "due_on", "decided_as", "checked_as", "ended_at", *fields]
    )
