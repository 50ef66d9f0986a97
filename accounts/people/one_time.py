"""A password that opens an account once, to set the person's own. Kept only as a hash."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from accounts.people.rules import ONE_TIME_PASSWORD_HOLDS, one_time_password


def set_one_time_password(user: User, *, now: dt.datetime) -> str:
    """Set a random password on the (unsaved or saved) user and return it, to be shown once.

    The caller saves the user. The first sign-in must set another one, within 72 hours.
    """
    password = one_time_password()
    user.set_password(password)
    user.password_must_change = True
    user.password_expires_at = now + ONE_TIME_PASSWORD_HOLDS
    return password


ONE_TIME_FIELDS = ("password", "password_must_change", "password_expires_at")
