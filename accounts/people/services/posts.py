"""Ending a post, and handing it over: returns, drafts and history stay with the organisation."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.formatting import zhdate
from accounts.history.context import giving_reason
from accounts.models import Membership, Session, User
from accounts.people.policies import (
    AccountRefused,
    acting_post,
    check_holds_nothing_else,
    check_may_hand_over_alone,
    check_not_oneself,
)
from accounts.people.rules import hand_over_day_problem
from accounts.people.selectors import successors
from accounts.people.services.leaving import withdraw_what_waits
from accounts.people.services.records import Action, note
from accounts.services import appoint
from accounts.sign_in.sessions import end_sessions

ONE_DAY = dt.timedelta(days=1)


@giving_reason
@transaction.atomic
def end_post(
    *, post_id: int, last_day: dt.date, reason: str, by: User, now: dt.datetime, today: dt.date
) -> Membership:
    """End somebody's post on a day; with yesterday it ends at once. Raises AccountRefused."""
    acting_post(by, Permission.HAND_OVER_POSTS)
    post = locked_post(post_id, by, today)
    problem = hand_over_day_problem(last_day + ONE_DAY, post.valid_from, today)
    if problem:
        raise AccountRefused(problem)
    finish(post, last_day=last_day, reason=reason, by=by, now=now, today=today)
    return post


@giving_reason
@transaction.atomic
def hand_over(
    *,
    post_id: int,
    successor: User,
    first_day: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> Membership:
    """End one person's post and begin another's in the same place and role, as one act.

    The successor's post begins on `first_day`, the other ends the day before (at once when
    that is over). Returns the successor's post. Raises AccountRefused, also for a post that nobody grants
    alone: that one is ended here, and the next is asked for and approved.
    """
    acting_post(by, Permission.HAND_OVER_POSTS)
    post = locked_post(post_id, by, today)
    check_not_oneself(by, successor)
    if not User.objects.visible_to(by).filter(pk=successor.pk).exists():
        raise AccountRefused("接任的人不在您的范围内。请从列表中选择，或先为他申请账号。")
    if not successor.is_active:
        raise AccountRefused(
            f"{successor.full_name}的账号已停用，不能接任。请先恢复启用，或另选一个人。"
        )
    if successor.pk == post.user_id:
        raise AccountRefused("接任的是同一个人，不用交接。请另选一个人。")
    problem = hand_over_day_problem(first_day, post.valid_from, today)
    if problem:
        raise AccountRefused(problem)
    check_may_hand_over_alone(post)
    # Asked here too: what a page offered binds nobody.
    if not successors(by, post, today).filter(pk=successor.pk).exists():
        raise AccountRefused(
            f"{successor.full_name}不是{post.organisation}的人，也不在别处任同样的岗位，不能接任。"
            "请从列表中选择，或请有权申请的人为他申请岗位。"
        )
    then = zhdate(first_day)
    finish(
        post,
        last_day=first_day - ONE_DAY,
        reason=f"{then}起由{successor.full_name}接任。{reason}",
        by=by,
        now=now,
        today=today,
    )
    return begin_post(
        successor,
        like=post,
        first_day=first_day,
        reason=f"{then}起接替{post.user.full_name}。{reason}",
        by=by,
        now=now,
        today=today,
    )


def locked_post(post_id: int, by: User, today: dt.date) -> Membership:
    """A post that is not over, of an account the person looks after and that is another's."""
    post = (
        Membership.objects.visible_to(by)
        .select_for_update(of=("self",))
        .own()
        .select_related("user", "organisation__region", "deputises_for")
        .filter(pk=post_id)
        .first()
    )
    if post is None:
        raise AccountRefused("本区域没有这个岗位。请回到人员列表重新选择。")
    check_not_oneself(by, post.user)
    ends = post.ends_on()
    if post.ended_at is not None or (ends is not None and ends < today):
        raise AccountRefused(f"{post.user.full_name}的这个岗位已于{zhdate(ends)}结束，不用再办。")
    return post


def finish(
    post: Membership,
    *,
    last_day: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> None:
    """End a locked post. Whoever acted in it as a deputy stops too (a trigger sees to that)."""
    if last_day < today or last_day < post.valid_from:
        post.ended_at = now
    else:
        post.valid_to = min(last_day, post.valid_to or last_day)
    post.save(update_fields=["ended_at", "valid_to"])
    if post.ended_at is None:
        reason = f"任职到{zhdate(post.valid_to)}为止。{reason}"
    note(post.user, Action.POST_ENDED, by=by, now=now, post=post, reason=reason[:300])
    if post.ended_at is None:
        return
    withdraw_what_waits([post.pk], now=now, why="申请人已离任。")
    if not post.user.memberships.not_over(today).exists():
        end_sessions(user=post.user, why=Session.Ended.ROLE, now=now)


def begin_post(
    user: User,
    *,
    like: Membership,
    first_day: dt.date,
    reason: str,
    by: User,
    now: dt.datetime,
    today: dt.date,
) -> Membership:
    """Give a person the same post from a day on; one who holds it by then keeps it."""
    held = (
        user.memberships.own()
        .not_over(today)
        .filter(organisation=like.organisation, role=like.role, valid_from__lte=first_day)
        .filter(valid_to__isnull=True)
        .first()
    )
    if held is not None:
        return held
    check_holds_nothing_else(user, RoleCode(like.role), first_day)
    post = appoint(
        user=user, organisation=like.organisation, role=RoleCode(like.role), valid_from=first_day
    )
    note(user, Action.POST_BEGUN, by=by, now=now, post=post, reason=reason[:300])
    return post
