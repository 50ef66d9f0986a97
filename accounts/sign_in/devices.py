"""Browsers in which a person has signed in before. They pass a lock that others have put on.

Whoever types five wrong passwords for every director on the last day of the month locks nobody out
who comes back to the computer they always use. Five wrong passwords there, and it is known no more.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse

from accounts.models import KnownDevice, User

LASTS = dt.timedelta(days=180)
PER_PERSON = 10
BY_COOKIE = "the browser of the request, by the secret it carries"


def cookie_name() -> str:
    return "__Host-device" if settings.HTTPS else "device"


def known_device(request: HttpRequest, username: str, *, now: dt.datetime) -> KnownDevice | None:
    """The browser of the request, if the person of this name has signed in with it lately."""
    token = request.COOKIES.get(cookie_name(), "")
    return (
        KnownDevice.objects.unscoped(BY_COOKIE)
        .filter(
            digest=_digest(token),
            user__username=User.normalise_username(username),
            used_at__gt=now - LASTS,
        )
        .first()
    )


def count_failure(device: KnownDevice) -> None:
    row = KnownDevice.objects.unscoped(BY_COOKIE).filter(pk=device.pk)
    row.update(failures=F("failures") + 1)
    row.filter(failures__gte=settings.LOCK_AFTER_FAILURES).delete()


def remember(request: HttpRequest, response: HttpResponse, user: User, *, now: dt.datetime) -> None:
    """Know this browser the next time: a random token in a cookie, its digest here."""
    before = _digest(request.COOKIES.get(cookie_name(), ""))
    KnownDevice.objects.unscoped(BY_COOKIE).filter(digest=before).delete()
    token = secrets.token_urlsafe(32)
    KnownDevice.objects.create(user=user, digest=_digest(token), used_at=now)
    oldest = user.known_devices.order_by("-used_at").values_list("pk", flat=True)[PER_PERSON:]
    user.known_devices.filter(pk__in=list(oldest)).delete()
    response.set_cookie(
        cookie_name(),
        token,
        max_age=LASTS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
