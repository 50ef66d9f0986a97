"""What who asks does: ask with all documents, complete what came back, take it back.

A number is never used again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.files import store
from accounts.files.intake import Accepted
from accounts.history.recording import Action, record_access
from accounts.models import Membership, Region, User
from accounts.serials import next_number
from kindergartens.calendar.published import working_calendar
from kindergartens.models import Kindergarten, Placement, Procedure, ProcedureDocument
from kindergartens.procedures import policies, rules
from kindergartens.procedures.kinds import Kind, kind_in
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.rules import Placed
from kindergartens.procedures.services.steps import (
    Event,
    kind_of,
    lock_county,
    lock_moves,
    locked,
    note,
)


@dataclass(frozen=True)
class Asked:
    """What was filled in. `details` as JSON keeps them; `files` by the title asked for."""

    reason: str
    details: Mapping[str, object] = field(default_factory=dict)
    occurred_on: dt.date | None = None
    effective_on: dt.date | None = None
    placements: Sequence[tuple[str, int | None, int]] = ()
    files: Mapping[str, Accepted] = field(default_factory=dict)

    @property
    def placed(self) -> list[Placed]:
        return [Placed(children, receiver) for _, receiver, children in self.placements]


@transaction.atomic
def ask(
    *, kind_code: str, kindergarten: Kindergarten, asked: Asked, by: User, now: dt.datetime
) -> Procedure:
    """Begin a procedure with all its documents. Raises ProcedureRefused; FileRefused for a virus."""
    post = policies.actor(by, kindergarten, *policies.ASKERS)
    today = timezone.localdate(now)
    region = kindergarten.organisation.region
    county = region.county or region
    kind = kind_in(kind_code, county.code)
    policies.check_may_ask(kind, kindergarten, kindergarten.statuses.on(today).first(), today=today)
    lock_moves(kind, county)
    _check_content(kind, kindergarten, asked, today)
    policies.check_documents(kind, list(asked.files))
    try:
        with transaction.atomic():
            procedure = Procedure.objects.create(
                number=_next_number(county, today),
                county=county,
                kindergarten=kindergarten,
                kind=kind.code,
                details=dict(asked.details),
                reason=asked.reason.strip()[:300],
                occurred_on=asked.occurred_on,
                effective_on=asked.effective_on,
                report_by=_report_by(kind, asked),
                due_on=rules.by(today, working_calendar(), **kind.check.lengths),
                asked_as=post,
                asked_at=now,
            )
    except IntegrityError:
        raise ProcedureRefused(
            f"{kindergarten}已经有一件{kind.name}在办。请在那一件上补充，或先撤回。"
        ) from None
    _hand_in(procedure, asked, post, by, now)
    note(procedure, Event.ASKED, post, now, asked.reason)
    return procedure


def _check_content(kind: Kind, kindergarten: Kindergarten, asked: Asked, today: dt.date) -> None:
    if not asked.reason.strip():
        raise ProcedureRefused("请写明事由。")
    if kind.occurs and (asked.occurred_on is None or asked.occurred_on > today):
        raise ProcedureRefused(f"请填{kind.occurs}，不能晚于今天。")
    policies.check_effective(kind, asked.effective_on, today=today)
    policies.check_no_cycle(kind, kindergarten, asked.details)
    policies.check_renewal(kind, kindergarten, asked.details)
    policies.check_term(kind, asked.details, day=asked.effective_on)
    policies.check_year(kind, kindergarten, asked.details)
    policies.check_placement(kindergarten, kind, asked.placed, day=asked.effective_on)


def _report_by(kind: Kind, asked: Asked) -> dt.date | None:
    if kind.report is not None and asked.occurred_on is not None:
        return rules.by(asked.occurred_on, working_calendar(), **kind.report.lengths)
    if kind.yearly and isinstance(asked.details.get("year"), int):
        return rules.yearly_due(int(str(asked.details["year"])), kind.yearly)
    if kind.before is not None and kind.before_field in asked.details:
        expires = dt.date.fromisoformat(str(asked.details[kind.before_field]))
        return rules.before(expires, working_calendar(), **kind.before.lengths)
    return None


def _next_number(county: Region, today: dt.date) -> str:
    """County, year, serial: 1201142026-0001. One at a time in a county."""
    lock_county(county)
    used = Procedure.objects.unscoped("numbers are counted over all of a county")
    return next_number(used, f"{county.code[:6]}{today.year}-")


def _hand_in(
    procedure: Procedure, asked: Asked, post: Membership, by: User, now: dt.datetime
) -> None:
    for title, accepted in asked.files.items():
        stored = store.keep(accepted, post=post, now=now)
        document = ProcedureDocument.objects.create(
            procedure=procedure,
            title=title,
            file=stored,
            name=accepted.name,
            added_as=post,
            added_at=now,
        )
        record_access(Action.UPLOAD, by=by, at=now, target=document)
    procedure.placements.all().delete()
    Placement.objects.bulk_create(
        Placement(
            procedure=procedure, destination=destination, receiver_id=receiver, children=children
        )
        for destination, receiver, children in asked.placements
    )


@transaction.atomic
def ask_again(*, procedure_id: int, asked: Asked, by: User, now: dt.datetime) -> Procedure:
    """Complete what was returned and hand it in again; documents handed in before stay."""
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = policies.actor(by, procedure.kindergarten, *policies.ASKERS)
    following = policies.check_step(procedure, "ask_again", kind)
    today = timezone.localdate(now)
    lock_moves(kind, procedure.county)
    _check_content(kind, procedure.kindergarten, asked, today)
    there = list(procedure.documents.values_list("title", flat=True))
    policies.check_documents(kind, [*there, *asked.files])
    procedure.state, procedure.details = following, dict(asked.details)
    procedure.reason = asked.reason.strip()[:300]
    procedure.occurred_on, procedure.effective_on = asked.occurred_on, asked.effective_on
    procedure.report_by = _report_by(kind, asked)
    procedure.due_on = rules.by(today, working_calendar(), **kind.check.lengths)
    procedure.save()
    _hand_in(procedure, asked, post, by, now)
    note(procedure, Event.ASKED_AGAIN, post, now, asked.reason)
    return procedure


@transaction.atomic
def withdraw(*, procedure_id: int, reason: str, by: User, now: dt.datetime) -> Procedure:
    """Taken back by who asked, before it was checked."""
    procedure = locked(procedure_id, by)
    post = policies.actor(by, procedure.kindergarten, *policies.ASKERS)
    following = policies.check_step(procedure, "withdraw", kind_of(procedure))
    if post.organisation_id != procedure.asked_as.organisation_id:
        raise ProcedureRefused("这件事项是别的单位提出的，由提出的单位撤回。")
    if not reason.strip():
        raise ProcedureRefused("请写明撤回的原因。")
    procedure.state, procedure.due_on, procedure.ended_at = following, None, now
    procedure.save(update_fields=["state", "due_on", "ended_at"])
    note(procedure, Event.WITHDRAWN, post, now, reason)
    return procedure
