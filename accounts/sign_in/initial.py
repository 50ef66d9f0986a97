"""First passwords: made by chance, good for one purpose and a few days, seen once by who hands it on."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction

from accounts.models import Session, User
from accounts.sign_in.passwords import set_one_time_password
from accounts.sign_in.sessions import end_sessions

# Nothing that is mistaken for something else when read out or copied from paper: no 0 O 1 l I.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, LETTERS = 4, 5


@transaction.atomic
def issue_one_time_password(user: User, now: dt.datetime) -> str:
    """Replace the person's password by a one-time one, and return it: it is kept nowhere.

    Signing in with it opens only the page to choose one's own password; after
    ONE_TIME_PASSWORD_HOURS it opens nothing. Whoever is signed in with the former password is
    signed out. The caller records who issued it and why.
    """
    password = random_text()
    until = now + dt.timedelta(hours=settings.ONE_TIME_PASSWORD_HOURS)
    set_one_time_password(user=user, password=password, until=until, now=now)
    end_sessions(user=user, why=Session.Ended.PASSWORD, now=now)
    return password


def random_text(groups: int = GROUPS, letters: int = LETTERS) -> str:
    """Groups of letters and digits from a secure source; 20 of 31 make 99 bits."""
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _ in range(letters)) for _ in range(groups)
    )
