"""Background work on uploaded tables; the engine is in accounts.jobs."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.core.exceptions import PermissionDenied

from accounts.exchange.services import Refused, check_batch, not_checked, not_written, write_batch
from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import Job, User

RIGHT_LOST = (
    "上传人现在的岗位没有这种表格的权限，没有写入任何数据。请由现在负责的人重新上传；"
    "岗位有误的，请系统管理员更正后再试。"
)


def _check_given_up(job: Job, reason: str, now: dt.datetime) -> None:
    not_checked(batch_id=UUID(job.arguments["batch"]), job_id=job.pk, reason=reason, now=now)


def _write_given_up(job: Job, reason: str, now: dt.datetime) -> None:
    not_written(batch_id=UUID(job.arguments["batch"]), job_id=job.pk)


@job_handler("import-check", hard_limit_seconds=240, given_up=_check_given_up)
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
    except PermissionDenied:
        raise JobFailed(RIGHT_LOST) from None


@job_handler("import-write", hard_limit_seconds=300, given_up=_write_given_up)
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
    except PermissionDenied:
        raise JobFailed(RIGHT_LOST) from None


def _who(run: JobRun) -> User:
    person = run.requester
    if person is None:
        raise JobFailed("这项任务没有申请人，没有做。请重新上传。")
    return person
