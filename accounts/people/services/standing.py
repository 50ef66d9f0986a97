"""Whether an account is in use: switched off and on again, never deleted; idle ones go to sleep."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.history.context import because, giving_reason
from accounts.history.recording import record_access
from accounts.models import AccessRecord, Session, User
from accounts.people.policies import (
    AccountRefused,
    acting_post,
    check_did_not_reset_factor,
    check_gave_no_password,
    check_not_oneself,
)
from accounts.people.selectors import has_posts_elsewhere, looks_after
from accounts.people.services.leaving import withdraw_what_waits
from accounts.people.services.records import Action, note
from accounts.sign_in import lockout, second_factor
from accounts.sign_in.initial import issue_one_time_password
from accounts.sign_in.sessions import end_sessions

DISABLED_BY_NIGHT = "90天没有登录"


@giving_reason
@transaction.atomic
def disable(*, user_id: int, reason: str, by: User, now: dt.datetime) -> User:
    """Switch an account off at once: sessions end, open requests are withdrawn. Raises AccountRefused."""
    user = _locked(user_id, by, now, only_stops=True)
    if not user.is_active:
        raise AccountRefused(f"{user.full_name}的账号已经停用，不用再办。")
    _switch_off(user, reason, now)
    note(user, Action.DISABLED, by=by, now=now, reason=reason)
    return user


@giving_reason
@transaction.atomic
def enable(*, user_id: int, reason: str, by: User, now: dt.datetime) -> User:
    """Switch an account on again, as it was. Raises AccountRefused."""
    user = _locked(user_id, by, now)
    if user.is_active:
        raise AccountRefused(f"{user.full_name}的账号已经启用，不用再办。")
    user.is_active, user.disabled_at, user.disabled_reason = True, None, ""
    user.enabled_at = now
    user.save(update_fields=["is_active", "disabled_at", "disabled_reason", "enabled_at"])
    note(user, Action.ENABLED, by=by, now=now, reason=reason)
    return user


@giving_reason
@transaction.atomic
def give_one_time_password(*, user_id: int, reason: str, by: User, now: dt.datetime) -> str:
    """A new one-time password for who forgot it or let the first one lapse; shown once.

    Every session of the account ends. Raises AccountRefused for a disabled account.
    """
    user = _locked(user_id, by, now)
    if not user.is_active:
        raise AccountRefused(f"{user.full_name}的账号已停用。请先恢复启用，再发一次性密码。")
    check_did_not_reset_factor(by, user, now)
    password = issue_one_time_password(user, now)
    note(user, Action.ONE_TIME_PASSWORD, by=by, now=now, reason=reason)
    return password


@giving_reason
@transaction.atomic
def unlock(*, user_id: int, reason: str, by: User, now: dt.datetime) -> User:
    """Let a person whose sign-ins failed too often try again. Raises AccountRefused."""
    user = _locked(user_id, by, now)
    lockout.unlock(user=user, by=by, reason=reason, now=now)
    return user


@giving_reason
@transaction.atomic
def reset_second_factor(*, user_id: int, reason: str, by: User, now: dt.datetime) -> User:
    """For a person who lost the phone and the recovery codes. Raises AccountRefused."""
    user = _locked(user_id, by, now)
    if user.second_factor_at is None:
        raise AccountRefused(f"{user.full_name}没有开启第二因素，不用重置。")
    check_gave_no_password(by, user, now)
    second_factor.reset_second_factor(user=user, by=by, reason=reason, now=now)
    return user


@giving_reason
@transaction.atomic
def sign_out_everywhere(*, user_id: int, reason: str, by: User, now: dt.datetime) -> int:
    """End a person's sessions, for a lost phone or a computer left open; returns how many."""
    user = _locked(user_id, by, now, only_stops=True)
    ended = end_sessions(user=user, why=Session.Ended.BY_ADMINISTRATOR, now=now)
    record_access(
        AccessRecord.Action.END_SESSION, by=by, at=now, target=user, rows=ended, reason=reason
    )
    return ended


def suspend_unused(*, now: dt.datetime) -> int:
    """Switch off what nobody has used for 90 days; returns how many. Safe to run at any time."""
    suspended = 0
    for user_id in User.objects.unused(now).order_by("pk").values_list("pk", flat=True):
        suspended += _suspend(user_id, now)
    return suspended


@transaction.atomic
def _suspend(user_id: int, now: dt.datetime) -> int:
    # Asked again under the lock: the person may have signed in since.
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None or not User.objects.unused(now).filter(pk=user_id).exists():
        return 0
    with because(DISABLED_BY_NIGHT):
        _switch_off(user, DISABLED_BY_NIGHT, now)
        note(user, Action.SUSPENDED, by=None, now=now, reason=DISABLED_BY_NIGHT)
    return 1


def _locked(user_id: int, by: User, now: dt.datetime, *, only_stops: bool = False) -> User:
    """The account, if this person may do it. Whoever looks after one of its posts may stop it."""
    acting_post(by, Permission.MANAGE_ACCOUNTS)
    visible = User.objects.visible_to(by).filter(pk=user_id)
    user = visible.select_for_update().first()
    if user is None:
        raise AccountRefused("本区域没有这个账号。请回到人员列表重新选择。")
    check_not_oneself(by, user)
    # Else a password given here would open the other region's post.
    today = timezone.localdate(now)
    stops = only_stops and looks_after(by, user, today)
    if not stops and has_posts_elsewhere(by, user, today):
        raise AccountRefused(
            f"{user.full_name}在别的区域也有岗位，账号要由上级的安全管理员办理。"
            "在本区域的岗位，可以办结束。"
        )
    return user


def _switch_off(user: User, reason: str, now: dt.datetime) -> None:
    user.is_active, user.disabled_at, user.disabled_reason = False, now, reason
    user.save(update_fields=["is_active", "disabled_at", "disabled_reason"])
    end_sessions(user=user, why=Session.Ended.DISABLED, now=now)
    posts = list(user.memberships.values_list("pk", flat=True))
    withdraw_what_waits(posts, now=now, why="申请人的账号已停用。")
