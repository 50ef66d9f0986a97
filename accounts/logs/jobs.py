"""One line a job at the end of a delivery, with the fields that a request's line has."""

from __future__ import annotations

import logging

from accounts.models import Job

logger = logging.getLogger("portal.job")


def write_line(job: Job, outcome: str, milliseconds: int) -> None:
    """Asks the database for nothing: it may be the very thing that went away."""
    post = job.requested_as if Job.requested_as.is_cached(job) else None
    logger.log(
        logging.ERROR if outcome == "failed" else logging.INFO,
        "job %s %s",
        job.kind,
        outcome,
        extra={
            "kind": job.kind,
            "object": {"job": str(job.pk)},
            "outcome": outcome,
            "delivery": job.deliveries,
            "duration_ms": milliseconds,
            "post": job.requested_as_id,
            "user": post.user_id if post is not None else None,
            "role": post.role if post is not None else None,
        },
    )
