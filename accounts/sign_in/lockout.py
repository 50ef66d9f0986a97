"""Failed sign-ins are counted by django-axes; what follows from the counts is decided here.

A name is locked at an address, never an address alone (a whole bureau sits behind one) and never a
name everywhere by five mistakes (anybody could then lock all directors out on the last day of the
month). Two slow limits stand behind that: failures of a name anywhere in an hour, and of a whole
network in a minute. A browser in which the person has signed in before passes all three.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.hardening.address import client_address, network_of
from accounts.history.recording import Action, record_access
from accounts.models import User


def digest(username: str) -> str:
    """What stands for a name in the tables of failures."""
    name = User.normalise_username(username)
    return salted_hmac("accounts.sign_in.lockout", name, algorithm="sha256").hexdigest()


def digest_of_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """For axes (AXES_USERNAME_CALLABLE)."""
    return digest(str((credentials or {}).get("username") or ""))


def nobody(*args: Any) -> str:
    """For axes' log lines (AXES_CLIENT_STR_CALLABLE): who it was stands in the access records."""
    return "(see access records)"


def is_locked(request: HttpRequest, username: str, *, now: dt.datetime) -> bool:
    """Whether a sign-in of this name from this address is refused, right password or not."""
    here = not AxesProxyHandler.is_allowed(request, {"username": username})
    # Axes is not to count, and so to lengthen, what is locked anyway.
    request.axes_locked_out = here  # type: ignore[attr-defined]
    return (
        here
        or _name_failed_too_often(username, now)
        or _network_failed_too_often(client_address(request), now)
    )


def _name_failed_too_often(username: str, now: dt.datetime) -> bool:
    failures = AccessFailureLog.objects.filter(
        username=digest(username), attempt_time__gt=now - dt.timedelta(hours=1)
    )
    return failures.count() >= settings.FAILURES_PER_NAME_AND_HOUR


def _network_failed_too_often(address: str | None, now: dt.datetime) -> bool:
    if address is None:
        return False
    network = network_of(address)
    failures = AccessFailureLog.objects.filter(
        ip_address__gte=str(network[0]),
        ip_address__lte=str(network[-1]),
        attempt_time__gt=now - dt.timedelta(minutes=1),
    )
    return failures.count() >= settings.FAILURES_PER_NETWORK_AND_MINUTE


def is_locked_anywhere(user: User, *, now: dt.datetime) -> bool:
    """For the security administrator's list."""
    return user.pk in locked_users([user], now=now)


def locked_users(users: list[User], *, now: dt.datetime) -> set[int]:
    """Which of these are locked at some address, or everywhere."""
    by_digest = {digest(user.username): user.pk for user in users}
    since = now - dt.timedelta(minutes=settings.LOCK_MINUTES)
    failures: dict[tuple[str | None, str | None], int] = {}
    for attempt in AccessAttempt.objects.filter(username__in=by_digest, attempt_time__gt=since):
        at = (attempt.username, attempt.ip_address)
        failures[at] = failures.get(at, 0) + attempt.failures_since_start
    here = {name for (name, _), count in failures.items() if count >= settings.LOCK_AFTER_FAILURES}
    hourly: dict[str | None, int] = {}
    for name in AccessFailureLog.objects.filter(
        username__in=by_digest, attempt_time__gt=now - dt.timedelta(hours=1)
    ).values_list("username", flat=True):
        hourly[name] = hourly.get(name, 0) + 1
    everywhere = {
        name for name, count in hourly.items() if count >= settings.FAILURES_PER_NAME_AND_HOUR
    }
    return {by_digest[name] for name in here | everywhere if name is not None}


@transaction.atomic
def unlock(*, user: User, by: User, reason: str, now: dt.datetime) -> None:
    """Forget a person's failed sign-ins, at every address. Who did it and why is recorded."""
    name = digest(user.username)
    forgotten = AxesProxyHandler.reset_attempts(username=name)
    AccessFailureLog.objects.filter(username=name).delete()
    record_access(Action.UNLOCK, by=by, at=now, target=user, rows=forgotten, reason=reason)
