"""Said to be mended with evidence, re-checked by another person, closed or sent back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.files.intake import Accepted
from accounts.history.context import because
from accounts.models import User
from safety.hazards import policies, rules
from safety.hazards.policies import HazardRefused
from safety.hazards.services.steps import Event, Shows, attach, begin, note, post_of, refuse, tell
from safety.models import Hazard


@transaction.atomic
def mend(
    *, hazard_id: int, evidence: Sequence[Accepted], reason: str, seen: str, by: User,
    now: dt.datetime,
) -> Hazard:  # fmt: skip
    """Say that it is mended. Refused without a photo or document that shows it."""
    post = post_of(by, Permission.KEEP_SAFETY)
    hazard = begin(hazard_id, "mend", by, seen)
    if not evidence:
        raise HazardRefused("请交改好后的照片或检测、验收文件，没有佐证不能销号。", "evidence")
    if len(evidence) > rules.MOST_PHOTOS:
        raise HazardRefused(rules.TOO_MANY_PHOTOS, "evidence")
    hazard.state = policies.check_step(hazard, "mend")
    hazard.mended_as, hazard.mended_at = post, now
    with because("申请复查"):
        hazard.save(update_fields=["state", "mended_as", "mended_at"])
    attach(hazard, evidence, Shows.MENDED, by, post, now)
    note(hazard, Event.MENDED, post, now, reason)
    return hazard


@transaction.atomic
def recheck(
    *, hazard_id: int, passed: bool, reason: str, deadline: dt.date | None, seen: str, by: User,
    now: dt.datetime,
) -> Hazard:  # fmt: skip
    """Looked at by another person than who mended it: closed, or sent back with a reason.

    Under a plate it waits for the delisting. A major one without a plate is not closed. What was
    fixed on the spot and sent back gets a deadline.
    """
    post = post_of(by, Permission.DECIDE_SAFETY)
    act = "pass" if passed else "send_back"
    hazard = begin(hazard_id, act, by, seen)
    policies.check_other_person(hazard, post)
    if passed:
        _check_may_pass(hazard)
        hazard.state = policies.check_step(hazard, act)
        if hazard.state == rules.CLOSED:
            hazard.closed_as, hazard.closed_at = post, now
        with because("复查合格"):
            hazard.save(update_fields=["state", "closed_as", "closed_at"])
        note(hazard, Event.PASSED, post, now, reason)
        if not hazard.is_open:
            tell(hazard, "隐患复查合格，已销号", reason, post, now)
        return hazard
    if not reason.strip():
        raise HazardRefused("退回整改的，请写明哪里还没有改好。", "reason")
    today = timezone.localdate(now)
    refuse(rules.deadline_problem(deadline=deadline, was=hazard.deadline, today=today))
    hazard.state = policies.check_step(hazard, act)
    hazard.deadline, hazard.fixed_on_spot = deadline or hazard.deadline, False
    with because(reason):
        hazard.save(update_fields=["state", "deadline", "fixed_on_spot"])
    note(hazard, Event.SENT_BACK, post, now, reason, hazard.deadline)
    tell(hazard, "隐患复查不合格，请继续整改", reason, post, now)
    return hazard


def _check_may_pass(hazard: Hazard) -> None:
    if not hazard.photos.filter(shows=Shows.MENDED).exists():
        raise HazardRefused("没有改好后的照片或文件，不能销号。请退回，由责任岗位补交。")
    if hazard.is_major and not policies.plated(hazard):
        raise HazardRefused("重大隐患要先挂牌督办，复查合格后摘牌销号。定错等级的，请先改等级。")
