"""Background work on uploaded tables; the engine is in accounts.jobs."""

from __future__ import annotations

from uuid import UUID

from accounts.exchange.services import Refused, check_batch, write_batch
from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import User


@job_handler("import-check", hard_limit_seconds=240)
def import_check(run: JobRun) -> None:
    """The dry run of an uploaded table."""
    try:
        check_batch(
            batch_id=UUID(run.arguments["batch"]),
            by=_who(run),
            now=run.now,
            progress=run.progress,
        )
    except Refused as refusal:
        raise JobFailed(str(refusal)) from None


@job_handler("import-write", hard_limit_seconds=300)
def import_write(run: JobRun) -> None:
    """Writes a confirmed table once."""
    try:
        write_batch(
            batch_id=UUID(run.arguments["batch"]),
            by=_who(run),
            now=run.now,
            progress=run.progress,
        )
    except Refused as refusal:
        raise JobFailed(str(refusal)) from None


def _who(run: JobRun) -> User:
    person = run.requester
    if person is None:
        raise JobFailed("这项任务没有申请人，没有做。请重新上传。")
    return person
