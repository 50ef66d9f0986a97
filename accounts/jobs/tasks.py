"""The two Celery tasks: run one job, and sweep. A message carries the job's id and nothing else."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.history.context import command_history
from accounts.jobs import bell, services
from accounts.jobs.runner import run_job


# Acknowledged when heard, unlike other tasks: from then on the job's row and its lease say what has
# to happen. A message kept until the end would be one more truth, and a worker that holds one
# when the broker goes away does not survive it (docs/adr/0002-jobs-in-postgresql.md).
@shared_task(name=bell.RUN_TASK, acks_late=False)
def run(job_id: str) -> None:
    run_job(uuid.UUID(job_id), clock=timezone.now)


@shared_task(name="accounts.jobs.sweep", acks_late=False)
@command_history("timetable")
def sweep() -> None:
    services.sweep(now=timezone.now())
