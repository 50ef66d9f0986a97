"""Acting on behalf: an absent person's post, for some days, in a colleague's hands."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.history.context import because, giving_reason
from accounts.models import Membership, User
from accounts.people.policies import AccountRefused, acting_post, check_holds_nothing_else
from accounts.people.rules import deputy_days_problem
from accounts.people.selectors import colleagues
from accounts.people.services.records import Action, note

TAKEN_BACK = "委托人提前收回"


@giving_reason
@transaction.atomic
def name_deputy(
    *,
    colleague_id: int,
    first: dt.date,
    last: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> Membership:
    """Let a colleague act in the post one acts in now, for some days. Raises AccountRefused."""
    acting_post(by, Permission.NAME_DEPUTY)
    # Locked, so that two names given at once cannot overlap.
    own = Membership.objects.unscoped("the post one acts in").select_for_update()
    post = own.get(pk=by.acting.pk)  # type: ignore[union-attr]
    if post.deputises_for_id is not None:
        raise AccountRefused("代办期间不能再委托别人。请换成自己的岗位，或请本人委托。")
    problem = deputy_days_problem(first, last, today)
    if problem:
        raise AccountRefused(problem)
    if post.ended_at is not None or (post.valid_to is not None and last > post.valid_to):
        raise AccountRefused("代办不能超过自己的任期。请把结束日期改早，或请安全管理员办理交接。")
    colleague = colleagues(by, first, last).filter(pk=colleague_id).first()
    if colleague is None:
        raise AccountRefused("只能委托本单位在这些天里都在岗的同事。请重新选择，或改日期。")
    check_holds_nothing_else(colleague, RoleCode(post.role), first, last)
    overlapping = post.deputies.filter(
        ended_at__isnull=True, valid_from__lte=last, valid_to__gte=first
    )
    if overlapping.exists():
        raise AccountRefused("这些天已经委托了人。请先结束原来的委托，再另选一个人。")
    deputy = Membership.objects.create(
        user=colleague,
        organisation_id=post.organisation_id,
        role=post.role,
        valid_from=first,
        valid_to=last,
        deputises_for=post,
        reason=reason,
    )
    note(colleague, Action.DEPUTY_NAMED, by=by, now=now, post=deputy, reason=reason)
    return deputy


@transaction.atomic
def end_deputy(*, deputy_id: int, by: User, now: dt.datetime) -> Membership:
    """Take the post back before its last day. Raises AccountRefused when it has ended already."""
    acting_post(by, Permission.NAME_DEPUTY)
    deputy = (
        Membership.objects.unscoped("one that was named by oneself")
        .select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=deputy_id, deputises_for__user=by, ended_at__isnull=True)
        .first()
    )
    if deputy is None:
        raise AccountRefused("这次委托已经结束，不用再办。请刷新列表。")
    deputy.ended_at = now
    with because(TAKEN_BACK):
        deputy.save(update_fields=["ended_at"])
        note(deputy.user, Action.DEPUTY_ENDED, by=by, now=now, post=deputy, reason=TAKEN_BACK)
    return deputy
