"""What a security administrator does for a person who cannot get in, each with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts.history.recording import Action, record_access
from accounts.models import Session, User
from accounts.sign_in.initial import issue_one_time_password
from accounts.sign_in.lockout import unlock
from accounts.sign_in.second_factor import reset_second_factor
from accounts.sign_in.sessions import end_sessions


@dataclass(frozen=True)
class Help:
    """One thing that can be done. `run` returns a text that is shown once, or nothing."""

    label: str
    icon: str
    what: str
    run: Callable[[User, User, str, dt.datetime], str]


def _unlock(user: User, by: User, reason: str, now: dt.datetime) -> str:
    unlock(user=user, by=by, reason=reason, now=now)
    return ""


@transaction.atomic
def _one_time_password(user: User, by: User, reason: str, now: dt.datetime) -> str:
    password = issue_one_time_password(user, now)
    record_access(
        Action.CHANGE_PASSWORD, by=by, at=now, target=user, reason=f"发一次性密码：{reason}"
    )
    return password


@transaction.atomic
def _end_sessions(user: User, by: User, reason: str, now: dt.datetime) -> str:
    ended = end_sessions(user=user, why=Session.Ended.BY_ADMINISTRATOR, now=now)
    record_access(Action.END_SESSION, by=by, at=now, target=user, rows=ended, reason=reason)
    return ""


def _reset_second_factor(user: User, by: User, reason: str, now: dt.datetime) -> str:
    reset_second_factor(user=user, by=by, reason=reason, now=now)
    return ""


HELPS = {
    "unlock": Help(
        "解锁", "lock-open", "清除这个账号的登录失败次数，各处马上可以再登录。", _unlock
    ),
    "password": Help(
        "发一次性密码",
        "key",
        "原密码和各处登录马上作废。一次性密码只显示一次，本人第一次登录要改成自己的。",
        _one_time_password,
    ),
    "sessions": Help("结束登录", "logout", "各处的登录在下一次操作时结束。", _end_sessions),
    "factor": Help(
        "重置第二因素",
        "device-mobile-off",
        "原来的验证器和恢复码作废。岗位要求用的，本人下次登录要先重新绑定。",
        _reset_second_factor,
    ),
}
