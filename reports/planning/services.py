"""What would change: a proposal with its effect on the three rates, signed, and its confirmation.

Nobody changes a status without having seen what it does. The preview is signed together with a
digest of everything it showed; confirming computes it again under the kindergarten's lock, and
where anything reads differently by then the change is not made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.roles import RoleCode
from accounts.access.scope import home_region
from accounts.models import Region, StoredFile, User
from indicators.services.what_if import Effect, effect_of
from kindergartens.changes import rules
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import Plan, change_status, plan_change
from kindergartens.changes.snapshots import stored, unstored
from kindergartens.models import Kindergarten, KindergartenStatus, Procedure
from kindergartens.procedures import services as procedures
from kindergartens.procedures.policies import ProcedureRefused

SALT = "reports.planning"
VALID_SECONDS = 30 * 60


class Stale(Exception):
    """What the preview showed no longer holds; the text says so, and nothing was changed."""


@dataclass(frozen=True)
class Proposal:
    """A change as it was asked for. `values` are of rules.FIELDS, a town as its key.

    `document` is a kept file's key; `procedure` names the procedure that decides it, if one does,
    and `procedure_stamp` what of it was read before (procedures.services.stamp).
    """

    kindergarten: int
    valid_from: dt.date
    values: Mapping[str, object]
    reason: str
    document: int | None = None
    document_name: str = ""
    document_number: str = ""
    procedure: int | None = None
    procedure_stamp: str = ""

    def arguments(self) -> dict[str, object]:
        """`values` as change_status takes them."""
        values = dict(self.values)
        town = values.get("town")
        if isinstance(town, int):
            values["town"] = Region.objects.get(pk=town)
        return values


@dataclass(frozen=True)
class Preview:
    """A proposal that may be made, what it does, and the signed form of both."""

    proposal: Proposal
    kindergarten: Kindergarten
    before: rules.Values | None
    after: rules.Values
    effect: Effect | None
    token: str
    changed: frozenset[str] = field(default_factory=frozenset)


@transaction.atomic
def preview(*, proposal: Proposal, by: User, now: dt.datetime) -> Preview:
    """Check a proposal and show its effect; nothing is written.

    Raises ChangeRefused and PermissionDenied as change_status does.
    """
    kindergarten = Kindergarten.objects.visible_to(by).get(pk=proposal.kindergarten)
    plan = plan_change(
        kindergarten=kindergarten,
        valid_from=proposal.valid_from,
        values=proposal.arguments(),
        by=by,
        now=now,
    )
    check_sponsor_stays(plan, proposal, by)
    effect = _effect(kindergarten, plan, proposal, by, now)
    before = rules.in_force(plan.timeline, proposal.valid_from)
    after = rules.in_force(plan.planned, proposal.valid_from)
    assert after is not None  # noqa: S101 - the planned row begins that day
    return Preview(
        proposal=proposal,
        kindergarten=kindergarten,
        before=before.values if before else None,
        after=after.values,
        effect=effect,
        token=_signed(proposal, by, _digest(plan, effect)),
        changed=frozenset(plan.wanted),
    )


def read(token: str, *, by: User) -> tuple[Proposal, str]:
    """The proposal in a token this person was shown in this post, and the digest of what it showed.

    Raises Stale for one that is too old or was altered; PermissionDenied for another person's.
    """
    try:
        told = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        raise Stale("测算结果已过期，什么都没有改。请重新填写并测算。") from None
    if by.acting is None or told["post"] != by.acting.pk:
        raise PermissionDenied("这份测算是在另一个岗位上做的。")
    proposal = Proposal(
        kindergarten=told["kindergarten"],
        valid_from=dt.date.fromisoformat(told["valid_from"]),
        values={name: unstored(name, value) for name, value in told["values"].items()},
        reason=told["reason"],
        document=told["document"],
        document_name=told["document_name"],
        document_number=told["document_number"],
        procedure=told["procedure"],
        procedure_stamp=told.get("procedure_stamp", ""),
    )
    return proposal, told["digest"]


@transaction.atomic
def confirm(*, token: str, by: User, now: dt.datetime) -> KindergartenStatus:
    """Make the change exactly as it was shown.

    Raises Stale where figures or rows read differently by now, and what change_status raises.
    """
    proposal, shown = read(token, by=by)
    kindergarten = Kindergarten.objects.visible_to(by).get(pk=proposal.kindergarten)
    check_still_holds(proposal=proposal, shown=shown, kindergarten=kindergarten, by=by, now=now)
    document = None
    if proposal.document is not None:
        document = StoredFile.objects.filter(pk=proposal.document).first()
        if document is None:
            raise Stale("上传的依据文件已不在，什么都没有改。请重新上传并测算。")
    return change_status(
        kindergarten=kindergarten,
        valid_from=proposal.valid_from,
        values=proposal.arguments(),
        reason=proposal.reason,
        document=document,
        document_name=proposal.document_name,
        document_number=proposal.document_number,
        by=by,
        now=now,
    )


@transaction.atomic
def confirm_decision(*, token: str, reason: str, by: User, now: dt.datetime) -> Procedure:
    """Decide for a procedure with the effect that was shown; the change comes with the decision.

    Raises Stale, ProcedureRefused (ActedSince where the procedure is another by now) and
    ChangeRefused: then nothing is decided.
    """
    proposal, shown = read(token, by=by)
    if proposal.procedure is None:
        raise Stale("这份测算不是为审批事项做的，什么都没有改。请重新测算。")
    kindergarten = Kindergarten.objects.visible_to(by).get(pk=proposal.kindergarten)
    procedure = procedures.locked(proposal.procedure, by)
    procedures.check_may_decide(procedure, by)
    procedures.check_seen(procedure, proposal.procedure_stamp)
    # What is written comes from the row, what was shown from the token.
    if procedures.values_of(procedure, proposal.document_number) != proposal.arguments():
        raise procedures.ActedSince(
            "这件事项要变更的内容和测算的不同，这次没有决定。下面是现在的内容，看过再决定。"
        )
    check_still_holds(proposal=proposal, shown=shown, kindergarten=kindergarten, by=by, now=now)
    return procedures.approve(
        procedure_id=procedure.pk,
        reason=reason,
        decision_number=proposal.document_number,
        effective_on=proposal.valid_from,
        by=by,
        now=now,
    )


def proposal_of(
    procedure: Procedure, *, decision_number: str, effective_on: dt.date | None, seen: str
) -> Proposal:
    """What approving a procedure would change, from the day it asks for unless another is given.

    `seen` is the stamp of what whoever decides has read, from the procedure's own page on.
    """
    procedures.check_seen(procedure, seen)
    values = {
        name: value.pk if isinstance(value, Region) else value
        for name, value in procedures.values_of(procedure, decision_number).items()
    }
    day = effective_on or procedure.effective_on
    if day is None:
        raise ProcedureRefused("请填从哪一天起生效。")
    return Proposal(
        kindergarten=procedure.kindergarten_id,
        valid_from=day,
        values=values,
        reason=procedure.reason,
        document_number=decision_number,
        procedure=procedure.pk,
        procedure_stamp=seen,
    )


def check_sponsor_stays(plan: Plan, proposal: Proposal, by: User) -> None:
    """Between private and public hands a kindergarten goes by 举办者变更, which a leader decides
    (学前教育法 Art 31; procedures/kinds.toml). Raises ChangeRefused for whoever is none.
    """
    before = rules.in_force(plan.timeline, proposal.valid_from)
    after = rules.in_force(plan.planned, proposal.valid_from)
    if proposal.procedure is not None or before is None or after is None:
        return
    was, becomes = (
        (
            row.values["ownership"] == rules.PUBLIC,
            row.values["sponsor_type"] in rules.PRIVATE_SPONSORS,
        )
        for row in (before, after)
    )
    leads = by.acting is not None and by.acting.role == RoleCode.BUREAU_LEADER
    if was != becomes and not leads:
        raise ChangeRefused(
            "民办园转为公办、办别在民办和公办之间变更，属于举办者变更，由教育局领导决定，"
            "不在这里登记。请到这所园的“备案审批”里提出“举办者变更”。"
        )


def check_still_holds(
    *, proposal: Proposal, shown: str, kindergarten: Kindergarten, by: User, now: dt.datetime
) -> None:
    """Raise Stale unless the effect is, under the lock, what the person was shown."""
    plan = plan_change(
        kindergarten=kindergarten,
        valid_from=proposal.valid_from,
        values=proposal.arguments(),
        by=by,
        now=now,
    )
    check_sponsor_stays(plan, proposal, by)
    if _digest(plan, _effect(kindergarten, plan, proposal, by, now)) != shown:
        raise Stale("测算之后数据有了变化，什么都没有改。请看过新的测算再确认。")


def _effect(
    kindergarten: Kindergarten, plan: Plan, proposal: Proposal, by: User, now: dt.datetime
) -> Effect | None:
    before = rules.in_force(plan.timeline, proposal.valid_from)
    after = rules.in_force(plan.planned, proposal.valid_from)
    assert after is not None  # noqa: S101 - the planned row begins that day
    return effect_of(
        kindergarten=kindergarten,
        before=before.values if before else None,
        after=after.values,
        now=now,
        home=home_region(by),
    )


def _digest(plan: Plan, effect: Effect | None) -> str:
    rows = [
        [row.valid_from.isoformat(), {n: stored(n, v) for n, v in sorted(row.values.items())}]
        for row in (*plan.timeline, *plan.planned)
    ]
    shown = [rows, [effect.month.isoformat(), effect.digest()] if effect else None]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def _signed(proposal: Proposal, by: User, digest: str) -> str:
    told: dict[str, Any] = {
        "kindergarten": proposal.kindergarten,
        "valid_from": proposal.valid_from.isoformat(),
        "values": {name: stored(name, value) for name, value in proposal.values.items()},
        "reason": proposal.reason,
        "document": proposal.document,
        "document_name": proposal.document_name,
        "document_number": proposal.document_number,
        "procedure": proposal.procedure,
        "procedure_stamp": proposal.procedure_stamp,
        "post": by.acting.pk if by.acting else None,
        "digest": digest,
    }
    return signing.dumps(told, salt=SALT, compress=True)
