"""Nightly: forget sessions that are over and failed sign-ins long past. Safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

FAILURES_KEPT_DAYS = 30


@shared_task(name="accounts.sign_in.sweep")
def sweep() -> None:
    call_command("clearsessions")
    call_command("axes_reset_failure_logs", age=FAILURES_KEPT_DAYS)
