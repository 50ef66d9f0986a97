"""What people do with a procedure: ask, hand in, return, check, decide, take back.

Each is one transaction that locks the procedure first, checks the state, and writes the change and
its event together. An ended procedure never opens again, and its number is never used again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.models import Membership, Region, User
from kindergartens.calendar.published import working_calendar
from kindergartens.changes.services import change_status
from kindergartens.models import (
    Kindergarten,
    Placement,
    Procedure,
    ProcedureDocument,
    ProcedureEvent,
)
from kindergartens.procedures import policies, rules
from kindergartens.procedures.kinds import Kind, kind_in
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.rules import Placed

State = Procedure.State
Event = ProcedureEvent.Action
LOCK_SPACE = 74_000_000


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


def stamp(procedure: Procedure) -> str:
    """The newest event of a procedure; another one: somebody acted or completed it since.

    Every act writes one under the lock, so it stands for all that a page shows: what was filled
    in, the documents, where the children go, and who did what. A page reads it before the rest.
    """
    return str(procedure.events.aggregate(newest=Max("pk"))["newest"])


Act = Callable[..., Procedure]


@transaction.atomic
def rehearse(act: Act, **values: Any) -> None:
    """Do an act and take it back at once: what would refuse it refuses it now."""
    act(**values)
    transaction.set_rollback(True)


@transaction.atomic
def as_shown(act: Act, *, procedure_id: int, seen: str, by: User, **values: Any) -> Procedure:
    """Do an act on what was shown (`stamp`). Raises ProcedureRefused where it is not that now."""
    if stamp(locked(procedure_id, by)) != seen:
        raise ProcedureRefused(
            "您看的时候，别人办过或补正过这件事项，这次没有办。下面是现在的内容，看过再办。"
        )
    return act(procedure_id=procedure_id, by=by, **values)


def kind_of(procedure: Procedure) -> Kind:
    return kind_in(procedure.kind, procedure.county.code)


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
    _lock_moves(kind, county)
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
    _note(procedure, Event.ASKED, post, now, asked.reason)
    return procedure


def _check_content(kind: Kind, kindergarten: Kindergarten, asked: Asked, today: dt.date) -> None:
    if not asked.reason.strip():
        raise ProcedureRefused("请写明事由。")
    if kind.occurs and (asked.occurred_on is None or asked.occurred_on > today):
        raise ProcedureRefused(f"请填{kind.occurs}，不能晚于今天。")
    policies.check_effective(kind, asked.effective_on, today=today)
    policies.check_no_cycle(kind, kindergarten, asked.details)
    policies.check_renewal(kind, kindergarten, asked.details)
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


def _lock_moves(kind: Kind, county: Region) -> None:
    """One at a time in a county where children or a whole kindergarten go to another one.

    Each looks at what the others do (who closes, who merges into whom), so none may begin or be
    decided beside it. Held until the transaction ends.
    """
    if kind.places_children:
        _lock_county(county)


def _lock_county(county: Region) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, county.pk])


def _next_number(county: Region, today: dt.date) -> str:
    """County, year, serial: 1201142026-0001. One at a time in a county."""
    _lock_county(county)
    head = f"{county.code[:6]}{today.year}-"
    used = Procedure.objects.unscoped("numbers are counted over all of a county").filter(
        number__startswith=head
    )
    last = used.aggregate(last=Max("number"))["last"]
    return f"{head}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


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


def _note(
    procedure: Procedure, action: Event, post: Membership, now: dt.datetime, reason: str
) -> None:
    ProcedureEvent.objects.create(
        procedure=procedure, action=action, at=now, done_as=post, reason=reason.strip()[:300]
    )


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


@transaction.atomic
def ask_again(*, procedure_id: int, asked: Asked, by: User, now: dt.datetime) -> Procedure:
    """Complete what was returned and hand it in again; documents handed in before stay."""
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = policies.actor(by, procedure.kindergarten, *policies.ASKERS)
    following = policies.check_step(procedure, "ask_again", kind)
    today = timezone.localdate(now)
    _lock_moves(kind, procedure.county)
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
    _note(procedure, Event.ASKED_AGAIN, post, now, asked.reason)
    return procedure


@transaction.atomic
def send_back(*, procedure_id: int, reason: str, by: User, now: dt.datetime) -> Procedure:
    """Back to who asked, with everything that is missing said at once."""
    procedure = locked(procedure_id, by)
    post = policies.actor(
        by, procedure.kindergarten, Permission.REVIEW_PROCEDURES, Permission.DECIDE_PROCEDURES
    )
    following = policies.check_step(procedure, "return", kind_of(procedure))
    if not reason.strip():
        raise ProcedureRefused("请一次写明要补正的全部内容，提出的人才知道怎么改。")
    procedure.state, procedure.due_on, procedure.checked_as = following, None, None
    with because(reason.strip()):
        procedure.save(update_fields=["state", "due_on", "checked_as"])
    _note(procedure, Event.RETURNED, post, now, reason)
    return procedure


@transaction.atomic
def check(
    *,
    procedure_id: int,
    reason: str,
    by: User,
    now: dt.datetime,
    conclusion: str = "",
    to_mend: str = "",
) -> Procedure:
    """Documents are right: on to the decision, or the end where nobody has to decide.

    A kind with conclusions ends with one of them.
    """
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = policies.actor(by, procedure.kindergarten, Permission.REVIEW_PROCEDURES)
    following = policies.check_step(procedure, "check", kind)
    policies.check_other_person(procedure, post, also_checked=False)
    policies.check_conclusion(kind, conclusion, to_mend)
    procedure.checked_as = post
    if following == State.APPROVED:
        procedure.conclusion, procedure.to_mend = conclusion, to_mend.strip()[:1000]
        _end(procedure, State.APPROVED, post, now, "conclusion", "to_mend")
        _note(procedure, Event.APPROVED, post, now, reason)
        return procedure
    period = kind.decide
    procedure.state = following
    procedure.due_on = (
        rules.by(timezone.localdate(now), working_calendar(), **period.lengths) if period else None
    )
    procedure.save(update_fields=["state", "due_on", "checked_as"])
    _note(procedure, Event.CHECKED, post, now, reason)
    return procedure


def check_may_decide(procedure: Procedure, by: User) -> Membership:
    """The post in which a person decides this. Raises ProcedureRefused, PermissionDenied."""
    kind = kind_of(procedure)
    post = policies.actor(by, procedure.kindergarten, Permission.DECIDE_PROCEDURES)
    policies.check_step(procedure, "approve", kind)
    policies.check_decider(kind, post)
    policies.check_other_person(procedure, post, also_checked=True)
    return post


@transaction.atomic
def approve(
    *,
    procedure_id: int,
    reason: str,
    decision_number: str,
    by: User,
    now: dt.datetime,
    effective_on: dt.date | None = None,
) -> Procedure:
    """Decide for it; what it means for the dated status takes effect on its day.

    Raises ProcedureRefused, and ChangeRefused where the status cannot change so: then nothing is
    decided either.
    """
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = check_may_decide(procedure, by)
    if not decision_number.strip():
        raise ProcedureRefused("请填决定的文号。")
    day = effective_on or procedure.effective_on
    _lock_moves(kind, procedure.county)
    # Its record is read and written below, so nobody may change it in between.
    procedure.kindergarten = _locked_kindergarten(procedure.kindergarten_id)
    policies.check_no_cycle(kind, procedure.kindergarten, procedure.details)
    policies.check_renewal(kind, procedure.kindergarten, procedure.details)
    rows = procedure.placements.values_list("children", "receiver")
    placed = [Placed(children, receiver) for children, receiver in rows]
    policies.check_placement(procedure.kindergarten, kind, placed, day=day)
    policies.check_effective(kind, day, today=timezone.localdate(now))
    if kind.has_effect and day is not None:
        change_status(
            kindergarten=procedure.kindergarten,
            valid_from=day,
            values=values_of(procedure, decision_number.strip()),
            reason=f"{kind.name}（{procedure.number}）",
            document=None,
            document_number=decision_number.strip(),
            by=by,
            now=now,
        )
    if kind.code == "licence_renewal":
        # A licence decides no figure, so it is no part of the dated status.
        procedure.kindergarten.licence_until = dt.date.fromisoformat(procedure.details["until"])
        with because(f"{kind.name}（{procedure.number}，{decision_number.strip()}）"):
            procedure.kindergarten.save(update_fields=["licence_until"])
    procedure.effective_on = day
    procedure.decision_number = decision_number.strip()[:100]
    _end(procedure, State.APPROVED, post, now, "effective_on", "decision_number")
    _note(procedure, Event.APPROVED, post, now, reason)
    return procedure


def _locked_kindergarten(key: int) -> Kindergarten:
    return (
        Kindergarten.objects.unscoped("of a procedure that is being decided")
        .select_for_update(of=("self",), no_key=True)
        .select_related("organisation__region")
        .get(pk=key)
    )


def values_of(procedure: Procedure, document_number: str) -> dict[str, object]:
    """What approving it makes of the status, as change_status takes it."""
    details: dict[str, object] = dict(procedure.details)
    if isinstance(details.get("until"), str):
        details["until"] = dt.date.fromisoformat(str(details["until"]))
    if isinstance(details.get("town"), int):
        details["town"] = Region.objects.get(pk=int(str(details["town"])))
    return rules.effect_values(procedure.kind, details, document_number=document_number)


@transaction.atomic
def refuse(*, procedure_id: int, reason: str, by: User, now: dt.datetime) -> Procedure:
    """Decide against it, with the reason."""
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = policies.actor(
        by, procedure.kindergarten, Permission.REVIEW_PROCEDURES, Permission.DECIDE_PROCEDURES
    )
    policies.check_step(procedure, "refuse", kind)
    if procedure.state == State.CHECKED or kind.decides:
        policies.check_decider(kind, post)
    policies.check_other_person(procedure, post, also_checked=procedure.state == State.CHECKED)
    if not reason.strip():
        raise ProcedureRefused("请写明不予同意的理由。")
    _end(procedure, State.REFUSED, post, now)
    _note(procedure, Event.REFUSED, post, now, reason)
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
    _note(procedure, Event.WITHDRAWN, post, now, reason)
    return procedure


def _end(
    procedure: Procedure, state: State, post: Membership, now: dt.datetime, *fields: str
) -> None:
    procedure.state, procedure.due_on = state, None
    procedure.decided_as, procedure.ended_at = post, now
    procedure.save(
        update_fields=["state", "due_on", "decided_as", "checked_as", "ended_at", *fields]
    )
