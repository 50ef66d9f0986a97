"""One delivery of one job, in a worker."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from accounts.access.scoping import serving_a_person
from accounts.history.context import job_history
from accounts.history.request import begin, end
from accounts.jobs import services
from accounts.jobs.heartbeat import Heartbeat
from accounts.jobs.registry import (
    LEASE_SECONDS,
    JobFailed,
    JobKind,
    JobRun,
    LeaseLost,
    find_kind,
)
from accounts.logs.jobs import write_line
from accounts.models import Job

logger = logging.getLogger(__name__)


def run_job(job_id: uuid.UUID, *, clock: Callable[[], dt.datetime]) -> None:
    """Do the job unless it is done, gone, or in another worker's hands."""
    name = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    if name is None:
        return
    kind = find_kind(name)
    lease = dt.timedelta(seconds=kind.lease_seconds if kind else LEASE_SECONDS)
    job = services.claim(job_id=job_id, lease=lease, now=clock())
    if job is None:
        return
    started = time.perf_counter()
    token = begin(job.number)
    try:
        with job_history(job):
            ended = _do(job, kind, lease, clock) if kind else Ended("refused", UNKNOWN_KIND)
            if ended.reason:
                services.fail(job=job, reason=ended.reason, now=clock())
        write_line(job, ended.outcome, round((time.perf_counter() - started) * 1000))
    finally:
        end(token)


class Ended(NamedTuple):
    """How a delivery ended; with a reason the job has failed."""

    outcome: str
    reason: str = ""


UNKNOWN_KIND = "系统正在升级，还不会做这一类任务。升级完成后请再试一次。"


def _do(job: Job, kind: JobKind, lease: dt.timedelta, clock: Callable[[], dt.datetime]) -> Ended:
    """Run the handler."""
    try:
        with Heartbeat(job, lease=lease, clock=clock) as heartbeat, transaction.atomic():
            _prepare_transaction(job, kind)
            with serving_a_person() if job.requested_as_id else nullcontext():
                kind.function(JobRun(job, now=clock(), report=heartbeat.report))
            heartbeat.stop()
            services.finish(job=job, message=heartbeat.progress[2], now=clock())
    except LeaseLost:
        logger.warning("Job %s was taken over by another worker; rolled back", job.pk)
        return Ended("overtaken")
    except JobFailed as failure:
        return Ended("refused", str(failure))
    except SoftTimeLimitExceeded:
        logger.exception("Job %s took longer than %s s", job.pk, kind.soft_limit_seconds)
        return Ended(
            "failed",
            f"用时超过{kind.soft_limit_seconds}秒，已停止。原有数据没有改动，请稍后再试一次。",
        )
    except (OperationalError, InterfaceError):
        # The database restarted, or another transaction stood in the way: not the job's fault.
        logger.exception("Job %s was interrupted by the database", job.pk)
        _give_back(job, clock())
        return Ended("interrupted")
    except Exception:
        logger.exception("Job %s of kind %s failed", job.pk, job.kind)
        return Ended(
            "failed",
            "程序出错，已停止。原有数据没有改动。请再试一次；仍不行，请把编号告诉系统管理员。",
        )
    return Ended("done")


def _prepare_transaction(job: Job, kind: JobKind) -> None:
    """Jobs may take longer than pages, but jobs with one key work one after the other.

    Otherwise the one that read the older data could be the last to write.
    """
    statement = kind.soft_limit_seconds * 1000
    idle = kind.hard_limit_seconds * 1000
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true),"
            " set_config('idle_in_transaction_session_timeout', %s, true)",
            [str(statement), str(statement), str(idle)],
        )
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [job.key])


def _give_back(job: Job, now: dt.datetime) -> None:
    try:
        services.release(job=job, now=now)
    except DatabaseError:
        # Still unreachable: then the lease runs out by itself.
        logger.warning("Job %s could not be given back", job.pk, exc_info=True)
