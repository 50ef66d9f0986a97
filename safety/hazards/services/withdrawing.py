"""Take back what was entered by mistake: at the wrong kindergarten, or twice."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import User
from safety.hazards import policies
from safety.hazards.policies import HazardRefused
from safety.hazards.services.steps import Event, begin, note, post_of, tell
from safety.models import Hazard


@transaction.atomic
def withdraw_hazard(
    *, hazard_id: int, reason: str, seen: str, by: User, now: dt.datetime
) -> Hazard:
    """From now on it counts nowhere; row, photos and events stay, its number is not used again.

    By the organisation that reported it or by the bureau, and only while nobody but the reporter
    has acted on it. Raises HazardRefused with what to do instead, PermissionDenied. Whoever withdraws
    what it was found by (a self-check, a patrol) calls this for its open ones, with their `stamp`.
    """
    post = post_of(by, Permission.KEEP_SAFETY, Permission.DECIDE_SAFETY)
    hazard = begin(hazard_id, "withdraw", by, seen)
    policies.check_may_withdraw(hazard, by, post)
    if not reason.strip():
        raise HazardRefused("请写明为什么撤销，如：选错了幼儿园。", "reason")
    hazard.state = policies.check_step(hazard, "withdraw")
    hazard.withdrawn_reason = reason.strip()
    with because(reason):
        hazard.save(update_fields=["state", "withdrawn_reason"])
    note(hazard, Event.WITHDRAWN, post, now, reason)
    tell(hazard, "一条隐患登记已撤销，不用整改", reason, post, now)
    return hazard
