"""A director asks for other values in the own record; the bureau accepts or declines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access.duties import separate
from accounts.history.context import because
from accounts.models import User
from kindergartens.models import Kindergarten, RecordProposal
from kindergartens.record import policies
from kindergartens.record.catalogue import BY_KEY, FIELDS, Section
from kindergartens.record.policies import ChangedMeanwhile, Refused
from kindergartens.record.services.editing import locked, write_values
from kindergartens.record.values import as_text, current_texts, from_text, stamp

State = RecordProposal.State


@transaction.atomic
def propose(
    *,
    kindergarten_id: int,
    section: Section,
    values: Mapping[str, Any],
    seen: str,
    reason: str,
    by: User,
    now: dt.datetime,
) -> RecordProposal:
    """Ask for other values of a section. One that still waits for it is withdrawn by this one.

    The rules are asked now, so that nobody waits for what cannot be kept. Raises ChangedMeanwhile,
    Refused, NeedsMending, PermissionDenied.
    """
    kindergarten = locked(kindergarten_id, by, fields=values)
    post = policies.check_may_propose(by, kindergarten, section)
    if not reason.strip():
        raise Refused("请写明依据，如证书编号、变更原因，教育局核对时要看。")
    if seen != stamp(kindergarten, section):
        raise ChangedMeanwhile
    allowed = {*section.field_names(officer=False), *section.reasons}
    before = current_texts(kindergarten, allowed)
    wanted = {
        name: [before[name], as_text(value)]
        for name, value in values.items()
        if name in allowed and before[name] != as_text(value)
    }
    if not wanted:
        raise Refused("填写的内容和现在的资料一样，没有要改的。")
    _try(kindergarten, wanted, timezone.localdate(now))
    for waiting in kindergarten.record_proposals.waiting().filter(section=section.key):
        _close(waiting, State.WITHDRAWN, post, now, "由新的申请代替")
    return RecordProposal.objects.create(
        kindergarten=kindergarten,
        section=section.key,
        wanted=wanted,
        reason=reason.strip()[:200],
        proposed_as=post,
        proposed_at=now,
    )


def _try(kindergarten: Kindergarten, wanted: Mapping[str, Any], today: dt.date) -> None:
    """Write it and take it back: the checks of the database and of the rules in one."""
    point = transaction.savepoint()
    try:
        write_values(kindergarten, _values(wanted), today=today)
    finally:
        transaction.savepoint_rollback(point)


def _values(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: from_text(name, pair[1]) for name, pair in wanted.items()}


@transaction.atomic
def withdraw(*, proposal_id: int, by: User, now: dt.datetime) -> RecordProposal:
    """Whoever may ask for the kindergarten may take a request back. Raises Refused."""
    proposal = _locked(proposal_id, by)
    section = BY_KEY[proposal.section]
    post = policies.check_may_propose(by, proposal.kindergarten, section)
    policies.check_waits(proposal)
    _close(proposal, State.WITHDRAWN, post, now, "")
    return proposal


@transaction.atomic
def accept(*, proposal_id: int, by: User, now: dt.datetime) -> RecordProposal:
    """Put what was asked for on the record.

    Raises Refused when a field was changed by somebody since: what was asked for then was asked
    of another value. NeedsMending when the rules refuse it by now.
    """
    proposal = _locked(proposal_id, by)
    kindergarten = locked(proposal.kindergarten_id, by, fields=proposal.wanted)
    post = policies.check_manages(by, kindergarten)
    policies.check_waits(proposal)
    if not separate(proposal.proposed_as.actor, post.actor):
        raise Refused("这份申请是您自己提出的，要由另一个人核对。")
    today = timezone.localdate(now)
    current = current_texts(kindergarten, proposal.wanted)
    moved = [name for name, (before, _) in proposal.wanted.items() if current[name] != before]
    if moved:
        labels = "、".join(FIELDS[name].label if name in FIELDS else "说明" for name in moved)
        raise Refused(
            f"申请以后，{labels}已经改过，不能直接采用。请不采用这份申请并写明原因，由园长按现在的资料重新申请。"
        )
    with because(f"采用{proposal.proposed_as.user.full_name}的申请：{proposal.reason}"):
        write_values(kindergarten, _values(proposal.wanted), today=today)
    _close(proposal, State.ACCEPTED, post, now, "")
    return proposal


@transaction.atomic
def decline(*, proposal_id: int, reason: str, by: User, now: dt.datetime) -> RecordProposal:
    """Leave the record as it is; the reason is shown to who asked."""
    proposal = _locked(proposal_id, by)
    post = policies.check_manages(by, proposal.kindergarten)
    policies.check_waits(proposal)
    if not reason.strip():
        raise Refused("请写明为什么不采用，园长要看。")
    _close(proposal, State.DECLINED, post, now, reason.strip()[:200])
    return proposal


def _locked(proposal_id: int, by: User) -> RecordProposal:
    visible = RecordProposal.objects.visible_to(by).filter(pk=proposal_id)
    return (
        RecordProposal.objects.unscoped("locked for the person who was found to see it")
        .select_for_update(of=("self",))
        .select_related("kindergarten__organisation__region__county", "proposed_as__user")
        .get(pk__in=visible.values("pk"))
    )


def _close(proposal: RecordProposal, state: str, post: Any, now: dt.datetime, reason: str) -> None:
    proposal.state, proposal.decided_as, proposal.decided_at = state, post, now
    proposal.decision_reason = reason
    proposal.save(update_fields=["state", "decided_as", "decided_at", "decision_reason"])
