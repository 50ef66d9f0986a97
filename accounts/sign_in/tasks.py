"""Nightly: forget sessions that are over, forms never sent and failed sign-ins long past. Safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from accounts.sign_in import kept

FAILURES_KEPT_DAYS = 30


@shared_task(name="accounts.sign_in.sweep")
def sweep() -> None:
    call_command("clearsessions")
    kept.sweep(timezone.now())
    call_command("axes_reset_failure_logs", age=FAILURES_KEPT_DAYS)
