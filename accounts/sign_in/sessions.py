"""Where a person is signed in: beginning, listing and ending sessions."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re

from django.conf import settings
from django.contrib.auth import login
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.access.acting import choose_membership
from accounts.hardening.address import client_address
from accounts.history.recording import Action, record_access
from accounts.models import AccessRecord, Session, User

AUTHENTICATED_AT = "authenticated_at"
WITH_CODE = "with_code"
BACKEND = "accounts.backends.PortalBackend"
PRESENT = "the session that the request itself came with"


@transaction.atomic
def begin_session(
    request: HttpRequest, user: User, *, now: dt.datetime, with_code: bool = False
) -> None:
    """Let a person in who has shown all that is asked for. Takes a new session id.

    More sessions than SESSION_LIMIT end the ones that were opened first.
    """
    # One at a time for each person, so that two sign-ins at once cannot both be the third.
    User.objects.unscoped("of the person who has just shown who they are").select_for_update().get(
        pk=user.pk
    )
    request.session.row = None  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    request.session["address"] = client_address(request)
    request.session["device"] = describe_device(request.headers.get("User-Agent", ""))
    authenticate_anew(request, now=now, with_code=with_code)
    request.session.save()
    others = (
        Session.objects.visible_to(user).open().exclude(session_key=request.session.session_key)
    )
    surplus = others.order_by("-signed_in_at")[max(0, settings.SESSION_LIMIT - 1) :]
    keys = list(surplus.values_list("session_key", flat=True))
    ended = _end(
        Session.objects.visible_to(user).filter(session_key__in=keys), Session.Ended.ELSEWHERE, now
    )
    choose_membership(user, None, today=timezone.localdate(now))
    if user.acting is not None:
        # Once this post has ended, another one is chosen by the person and not by the portal.
        request.session["acting"] = user.acting.pk
        request.session.save()
    record_access(Action.SIGN_IN, by=user, at=now)
    if ended:
        record_access(
            Action.END_SESSION, by=user, at=now, rows=ended, reason=Session.Ended.ELSEWHERE.label
        )


def active_account(user_id: int) -> User | None:
    """Whose password opened the door half; None for an account that is off by now."""
    rows = User.objects.unscoped("half signed in: the session names whose code is expected")
    return rows.filter(pk=user_id, is_active=True).first()


def authenticate_anew(request: HttpRequest, *, now: dt.datetime, with_code: bool = False) -> None:
    """Note in the session that the person has just shown who they are."""
    request.session[AUTHENTICATED_AT] = now.isoformat()
    if with_code:
        request.session[WITH_CODE] = True


def recent_sign_ins(user: User) -> models.QuerySet[AccessRecord]:
    """When and from where the person, or somebody with the person's password, came in."""
    return AccessRecord.objects.own(user).filter(
        action__in=[Action.SIGN_IN, Action.REAUTHENTICATE, Action.CHANGE_PASSWORD]
    )


def end_sessions(
    *,
    user: User,
    why: Session.Ended,
    now: dt.datetime,
    but: str | None = None,
    handle: str | None = None,
) -> int:
    """End a person's sessions at their next request; returns how many.

    `but` spares the session with this key, `handle` picks one from the list of a page. Call it
    wherever a person's rights are changed: posts granted or ended, account disabled, second factor
    reset. The caller records it, as part of what it does.
    """
    sessions = Session.objects.visible_to(user).open()
    if but is not None:
        sessions = sessions.exclude(session_key=but)
    if handle is not None:
        keys = [session.session_key for session in sessions if session.handle == handle]
        sessions = sessions.filter(session_key__in=keys)
    return _end(sessions, why, now)


def _end(sessions: object, why: Session.Ended, now: dt.datetime) -> int:
    # Of an ended session only who, when and why are kept.
    keys = [session.session_key for session in sessions]  # type: ignore[attr-defined]
    rows = Session.objects.unscoped("chosen among one person's by the functions above")
    return rows.filter(session_key__in=keys, ended_at__isnull=True).update(
        ended_at=now, ended_why=why, session_data=""
    )


def note_use(row: Session, now: dt.datetime) -> None:
    """The person did something: the session idles from now on, unless it has ended meanwhile."""
    Session.objects.unscoped(PRESENT).filter(session_key=row.session_key, ended_at=None).update(
        seen_at=now
    )
    row.seen_at = now


def end_idle(row: Session, now: dt.datetime) -> None:
    Session.objects.unscoped(PRESENT).filter(session_key=row.session_key, ended_at=None).update(
        ended_at=now, ended_why=Session.Ended.IDLE, session_data=""
    )


BROWSERS = (
    ("微信", r"MicroMessenger"),
    ("360浏览器", r"QIHU|360(?:SE|EE)"),
    ("Edge", r"Edg(?:A|iOS)?/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("QQ浏览器", r"QQBrowser"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("鸿蒙", r"HarmonyOS|OpenHarmony"),
    ("安卓手机或平板", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows电脑", r"Windows"),
    ("苹果电脑", r"Macintosh"),
    ("Linux电脑", r"Linux"),
)


def describe_device(user_agent: str) -> str:
    """In words a person recognises; the browser's own text is not kept."""

    def first(names: tuple[tuple[str, str], ...], otherwise: str) -> str:
        return next((name for name, sign in names if re.search(sign, user_agent)), otherwise)

    return f"{first(SYSTEMS, '其他设备')}，{first(BROWSERS, '其他浏览器')}"


def masked_address(address: str | None) -> str:
    """Enough to recognise one's office, not enough to find a person: 192.0.2.*"""
    if not address:
        return "未知"
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        return ".".join(str(ip).split(".")[:3]) + ".*"
    return ":".join(ip.exploded.split(":")[:4]) + ":*"
