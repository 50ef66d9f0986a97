"""Accounts that nobody uses are doors that nobody watches: after 90 days they are suspended."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from accounts.history.recording import Action, record_access
from accounts.models import Session, User
from accounts.sign_in.sessions import end_sessions

UNUSED_FOR = dt.timedelta(days=90)


def unused_accounts(now: dt.datetime) -> list[User]:
    """Active, able to sign in, and not signed in (or not made) for so long."""
    since = now - UNUSED_FOR
    candidates = User.objects.filter(is_active=True, created_at__lte=since).filter(
        Q(last_login__lte=since) | Q(last_login__isnull=True)
    )
    in_use = Session.objects.filter(user__isnull=False, seen_at__gt=since).values("user_id")
    return [
        user
        for user in candidates.exclude(pk__in=in_use).order_by("username")
        # Whoever never had a password keeps history alive and lets nobody in.
        if user.has_usable_password()
        # A password just issued is an invitation, not disuse.
        and (user.password_changed_at is None or user.password_changed_at <= since)
    ]


@transaction.atomic
def suspend_unused(now: dt.datetime) -> list[User]:
    """Disable them; the security administrator opens them again on request."""
    suspended = unused_accounts(now)
    for user in suspended:
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_sessions(user=user, why=Session.Ended.DISABLED, now=now)
        record_access(Action.LOCK, by=None, at=now, target=user, reason="90天没有登录，自动停用")
    return suspended
