"""The second factor: six digits of an app on the person's phone (TOTP), and codes for its loss."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import math
import os
import re
import unicodedata

import segno
from django.conf import settings
from django.db import transaction

from accounts.access.roles import RoleCode
from accounts.history.recording import Action, Outcome, record_access
from accounts.models import Authenticator, AuthenticatorKey, RecoveryCode, Session, User
from accounts.sign_in.initial import random_text
from accounts.sign_in.sessions import end_sessions

RECOVERY_CODES = 8
KEY_BYTES = 20
# After so many wrong codes the half-opened door closes; the password is asked for again.
CODES_PER_SIGN_IN = 5


class StillRequired(Exception):
    """The person's role must use a second factor; it cannot be switched off."""


def is_required(user: User) -> bool:
    """Whether one of the person's posts in force demands a second factor (SECOND_FACTOR_ROLES)."""
    return any(post.role in settings.SECOND_FACTOR_ROLES for post in user.posts)


def required_roles() -> list[str]:
    return [RoleCode(role).label for role in settings.SECOND_FACTOR_ROLES]


@transaction.atomic
def offer(user: User) -> Authenticator:
    """The app that waits to be confirmed; its key stays the same until it is."""
    waiting = (
        Authenticator.objects.visible_to(user).select_for_update().filter(confirmed=False).first()
    )
    if waiting is not None and not waiting.opens():
        waiting.delete()
        waiting = None
    if waiting is None:
        waiting = Authenticator.objects.create(
            user=user, name="验证器", confirmed=False, tolerance=1, key=""
        )
        AuthenticatorKey.objects.create(device=waiting, user=user, key=os.urandom(KEY_BYTES).hex())
    return waiting


def drawn(authenticator: Authenticator) -> str:
    """The QR code to scan, as the address of a picture that holds it (data:)."""
    code = segno.make(authenticator.config_url, error="l")
    return code.svg_data_uri(border=4, dark="#000", light="#fff", omitsize=True)


def spelled(authenticator: Authenticator) -> str:
    """The key in groups of four, for whoever cannot scan."""
    key = base64.b32encode(authenticator.bin_key).decode().rstrip("=")
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


@transaction.atomic
def confirm(*, user: User, code: str, keep: str | None, now: dt.datetime) -> list[str] | None:
    """Switch the second factor on if the code is right; returns the recovery codes, shown once.

    A former app stops counting. Sessions other than `keep` end.
    """
    waiting = (
        Authenticator.objects.visible_to(user).select_for_update().filter(confirmed=False).first()
    )
    if waiting is None or not waiting.verify_token(_digits(code)):
        record_access(
            Action.SECOND_FACTOR,
            by=user,
            at=now,
            outcome=Outcome.REFUSED,
            reason="开启时验证码不对",
        )
        return None
    Authenticator.objects.visible_to(user).filter(confirmed=True).delete()
    waiting.confirmed = True
    waiting.save(update_fields=["confirmed"])
    user.second_factor_at = now
    user.save(update_fields=["second_factor_at"])
    end_sessions(user=user, why=Session.Ended.SECOND_FACTOR, now=now, but=keep)
    record_access(Action.SECOND_FACTOR, by=user, at=now, reason="开启")
    return _new_recovery_codes(user)


@transaction.atomic
def verify(*, user: User, code: str, now: dt.datetime, by: User | None = None) -> bool:
    """Whether the code is right: of the app, once only, or one of the recovery codes.

    After a wrong code the next one is refused for a second, then two, four and so on.
    """
    # Locked, so that of two requests with the same code only one gets through.
    app = Authenticator.objects.visible_to(user).select_for_update().filter(confirmed=True).first()
    if app is None:
        return False
    reason = "验证器"
    if _digits(code):
        right = app.verify_token(_digits(code))
    else:
        reason = "恢复码"
        right = _spend_recovery_code(app, user, code, now)
    record_access(
        Action.SECOND_FACTOR,
        by=by,
        at=now,
        outcome=Outcome.DONE if right else Outcome.REFUSED,
        target=user,
        reason=reason,
    )
    return right


def seconds_to_wait(user: User, *, now: dt.datetime) -> int:
    """How long no code of this person is looked at, because the last ones were wrong; else 0."""
    app = Authenticator.objects.visible_to(user).filter(confirmed=True).first()
    allowed, why = app.verify_is_allowed() if app is not None else (True, None)
    if allowed or why is None:
        return 0
    return max(1, math.ceil((why["locked_until"] - now).total_seconds()))


def refusal_of(user: User, code: str, *, waited: int, now: dt.datetime) -> str:
    """Why a code did not get through and what to do, for whoever has shown the password.

    `waited` is what `seconds_to_wait` said before the code was verified: then it was not looked at.
    """
    wait = seconds_to_wait(user, now=now)
    again = f"请等{wait}秒再输" if wait else "请再输一次"
    kind = "验证码" if _digits(code) else "恢复码"
    if waited:
        kept = "" if _digits(code) else "，恢复码没有用掉"
        return f"前面输错过，这一次没有核对{kept}。{again}。"
    if _digits(code):
        return f"{kind}不对，或者已经用过。请等手机上换出下一组数字，{again.removeprefix('请')}。"
    return (
        f"{kind}不对，或者已经用过。{again}；每个只能用一次，请换一个没用过的。"
        "都不行的，请联系本区县教育局的安全管理员重置。"
    )


def _spend_recovery_code(app: Authenticator, user: User, code: str, now: dt.datetime) -> bool:
    allowed, _ = app.verify_is_allowed()
    if not allowed:
        return False
    spent = user.recovery_codes.filter(digest=_digest(code), used_at=None).update(used_at=now)
    if spent:
        app.throttle_reset()
    else:
        app.throttle_increment()
    return bool(spent)


@transaction.atomic
def renew_recovery_codes(*, user: User, now: dt.datetime) -> list[str]:
    """New codes; the former ones stop counting."""
    record_access(Action.SECOND_FACTOR, by=user, at=now, reason="重新生成恢复码")
    return _new_recovery_codes(user)


def _new_recovery_codes(user: User) -> list[str]:
    codes = [random_text(groups=4, letters=4) for _ in range(RECOVERY_CODES)]
    user.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(code)) for code in codes
    )
    return codes


@transaction.atomic
def switch_off(*, user: User, keep: str | None, now: dt.datetime) -> None:
    """By the person. Raises StillRequired for a role that must use it."""
    if is_required(user):
        raise StillRequired
    _forget(user)
    end_sessions(user=user, why=Session.Ended.SECOND_FACTOR, now=now, but=keep)
    record_access(Action.SECOND_FACTOR, by=user, at=now, reason="关闭")


@transaction.atomic
def reset_second_factor(*, user: User, by: User, reason: str, now: dt.datetime) -> None:
    """By the security administrator, for a person who lost phone and codes.

    All their sessions end. Whose role requires the factor must set it up anew before anything else;
    nobody else's factor is touched.
    """
    _forget(user)
    end_sessions(user=user, why=Session.Ended.SECOND_FACTOR, now=now)
    record_access(Action.SECOND_FACTOR, by=by, at=now, target=user, reason=f"重置：{reason}")


def _forget(user: User) -> None:
    Authenticator.objects.visible_to(user).delete()
    user.recovery_codes.all().delete()
    user.second_factor_at = None
    user.save(update_fields=["second_factor_at"])


def _digits(code: str) -> str:
    """The six digits as typed, full-width or with spaces; nothing for anything else."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    return plain if re.fullmatch(r"[0-9]{6}", plain) else ""


def _digest(code: str) -> str:
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()
    return hashlib.sha256(plain.encode()).hexdigest()
