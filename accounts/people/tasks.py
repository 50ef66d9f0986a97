"""The nightly round over accounts and requests. Safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.history.context import command_history
from accounts.people.services.batches import forget_unconfirmed
from accounts.people.services.leaving import withdraw_of_people_who_left
from accounts.people.services.standing import suspend_unused
from accounts.releases.services import close_overdue


@shared_task(name="accounts.people.nightly")
@command_history("timetable")
def nightly() -> None:
    now = timezone.now()
    if not settings.DEMO:  # a demonstration left alone must still open
        suspend_unused(now=now)
    withdraw_of_people_who_left(today=timezone.localdate(now), now=now)
    forget_unconfirmed(now=now)
    close_overdue(now=now)
