"""What the bureau does: return, check, approve with what it means for the status, refuse.

An ended procedure never opens again.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, Region, User
from kindergartens.calendar.published import working_calendar
from kindergartens.changes.services import change_status
from kindergartens.models import Kindergarten, Procedure
from kindergartens.procedures import capacity, policies, rules, selectors
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.rules import Placed
from kindergartens.procedures.services.steps import (
    Event,
    State,
    end,
    kind_of,
    lock_moves,
    locked,
    note,
)


@transaction.atomic
def send_back(*, procedure_id: int, reason: str, by: User, now: dt.datetime) -> Procedure:
    """Back to who asked, with everything that is missing said at once."""
    procedure = locked(procedure_id, by)
    post = policies.actor(
        by, procedure.kindergarten, Permission.REVIEW_PROCEDURES, Permission.DECIDE_PROCEDURES
    )
    following = policies.check_step(procedure, "return", kind_of(procedure))
    policies.check_other_person(procedure, post, also_checked=False)
    if not reason.strip():
        raise ProcedureRefused("请一次写明要补正的全部内容，提出的人才知道怎么改。")
    procedure.state, procedure.due_on, procedure.checked_as = following, None, None
    with because(reason.strip()):
        procedure.save(update_fields=["state", "due_on", "checked_as"])
    note(procedure, Event.RETURNED, post, now, reason)
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
    capacity.check_reason(procedure, kind, reason)
    procedure.checked_as = post
    if following == State.APPROVED:
        procedure.conclusion, procedure.to_mend = conclusion, to_mend.strip()[:1000]
        end(procedure, State.APPROVED, post, now, "conclusion", "to_mend")
        note(procedure, Event.APPROVED, post, now, reason)
        return procedure
    period = kind.decide
    procedure.state = following
    procedure.due_on = (
        rules.by(timezone.localdate(now), working_calendar(), **period.lengths) if period else None
    )
    procedure.save(update_fields=["state", "due_on", "checked_as"])
    note(procedure, Event.CHECKED, post, now, reason)
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
    without_effect: bool = False,
) -> Procedure:
    """Decide for it; what it means for the dated status takes effect on its day.

    `without_effect`: nobody was shown an effect, so what changes the status is refused. Raises
    ProcedureRefused, and ChangeRefused where the status cannot change so: then nothing is
    decided either.
    """
    procedure = locked(procedure_id, by)
    kind = kind_of(procedure)
    post = check_may_decide(procedure, by)
    day = effective_on or procedure.effective_on
    lock_moves(kind, procedure.county)
    # Its record and status are read and written below, so nobody may change them in between.
    procedure.kindergarten = _locked_kindergarten(procedure.kindergarten_id)
    changes_status = selectors.changes_status(procedure, day)
    if changes_status and without_effect:
        raise ProcedureRefused("请先看过对三率的影响，再决定。")
    if not decision_number.strip():
        raise ProcedureRefused("请填决定的文号。")
    policies.check_no_cycle(kind, procedure.kindergarten, procedure.details)
    policies.check_renewal(kind, procedure.kindergarten, procedure.details)
    policies.check_term(kind, procedure.details, day=day)
    rows = procedure.placements.values_list("children", "receiver")
    placed = [Placed(children, receiver) for children, receiver in rows]
    policies.check_placement(procedure.kindergarten, kind, placed, day=day)
    policies.check_effective(kind, day, today=timezone.localdate(now))
    capacity.check_reason(procedure, kind, reason)
    if changes_status and day is not None:
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
    end(procedure, State.APPROVED, post, now, "effective_on", "decision_number")
    note(procedure, Event.APPROVED, post, now, reason)
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
    end(procedure, State.REFUSED, post, now)
    note(procedure, Event.REFUSED, post, now, reason)
    return procedure
