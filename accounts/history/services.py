"""What people ask of history: to have it verified."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.jobs.services import enqueue
from accounts.models import Job, User

VERIFY = "verify-history"


@transaction.atomic
def ask_for_verification(*, by: User, now: dt.datetime) -> Job:
    """Queue one verification of the whole history; one that still waits is not doubled."""
    return enqueue(
        kind=VERIFY,
        key=VERIFY,
        title="核对全部历史记录",
        arguments={},
        requested_as=by.acting,
        now=now,
    )
