"""The two Celery tasks: run one job, and sweep. A message carries the job's id and nothing else."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.jobs import bell, services
from accounts.jobs.runner import run_job


@shared_task(name=bell.RUN_TASK)
def run(job_id: str) -> None:
    run_job(uuid.UUID(job_id), clock=timezone.now)


@shared_task(name="accounts.jobs.sweep")
def sweep() -> None:
    services.sweep(now=timezone.now())
