"""The decision at the door: is this the person, and may they come in now?"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from accounts.history.recording import Action, Outcome, record_access
from accounts.models import User
from accounts.sign_in import devices, lockout


def check_password_of(
    request: HttpRequest,
    *,
    username: str,
    password: str,
    now: dt.datetime,
    action: Action = Action.SIGN_IN,
) -> User | None:
    """The person if name and password are right and no lock is on; None for everything else.

    Whatever the case (unknown name, wrong password, disabled, locked, one-time password too old)
    exactly one password is verified and the caller learns no more than None, so that neither words
    nor time tell the cases apart.
    """
    device = devices.known_device(request, username, now=now)
    locked = lockout.is_locked(request, username, now=now)
    user = authenticate(request, username=username, password=password)
    # Again, because others may have failed while the password was being verified.
    locked = lockout.is_locked(request, username, now=now) or locked
    if isinstance(user, User):
        if locked and device is None:
            _refused(action, user, "账号在这个地址被锁定", now)
            return None
        if user.one_time_until is not None and user.one_time_until <= now:
            _refused(action, user, "一次性密码已过期", now)
            return None
        return user
    _failed(username, locked=locked, device=device, action=action, now=now)
    return None


@transaction.atomic
def _failed(
    username: str,
    *,
    locked: bool,
    device: object,
    action: Action,
    now: dt.datetime,
) -> None:
    rows = User.objects.unscoped("the name that was tried is noted, whoever tried it")
    person = rows.filter(username=User.normalise_username(username)).first()
    if device is not None:
        devices.count_failure(device)  # type: ignore[arg-type]
    if person is None:
        reason = "没有这个用户名"
    elif not person.is_active:
        reason = "账号已停用或密码不对"
    else:
        reason = "密码不对"
    _refused(action, person, reason, now)
    if locked and person is not None:
        record_access(Action.LOCK, by=None, at=now, target=person, reason="连续登录失败，锁定中")


def _refused(action: Action, person: User | None, reason: str, now: dt.datetime) -> None:
    record_access(action, by=None, at=now, outcome=Outcome.REFUSED, target=person, reason=reason)
