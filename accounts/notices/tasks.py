"""Sending messages out of the portal in a worker."""

from __future__ import annotations

from django.utils import timezone

from accounts.jobs.registry import JobRun, job_handler
from accounts.notices.outbox import JOB_KIND, send_each


# Asked to stop after 240 seconds: longer than the outbox begins messages, and than the last one takes.
@job_handler(JOB_KIND, hard_limit_seconds=300)
def send_queued(run: JobRun) -> None:
    """Arguments: deliveries (keys), origin (scheme and host of the portal)."""
    send_each(
        keys=run.arguments["deliveries"],
        origin=run.arguments["origin"],
        post=run.job.requested_as,
        clock=timezone.now,
        progress=run.progress,
    )
