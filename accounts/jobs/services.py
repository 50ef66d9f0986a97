"""What can happen to a job: asked for, taken, ended, given back, tried again, swept up.

A worker's hold on a job is its delivery number and the moment it took it. Every change a worker
makes names both, so one that was overtaken changes nothing any more.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction

from accounts.jobs import bell
from accounts.jobs.registry import LeaseLost, find_kind
from accounts.models import Job, Membership, Region, User

logger = logging.getLogger(__name__)

# A bell is heard within milliseconds; a job that waited this long may have lost it.
BELL_LOST_AFTER = dt.timedelta(seconds=10)
SWEEP_AT_MOST = 200

DEAD_REASON = (
    f"处理到一半连续中断{Job.MAX_DELIVERIES}次，已停止重试。原有数据没有改动。"
    "请再试一次；仍不行，请把编号告诉系统管理员。"
)


class NotRetryable(Exception):
    """Only a job that ended without success can be tried again; the text says so in Chinese."""


def enqueue(
    *,
    kind: str,
    key: str,
    title: str,
    arguments: dict[str, Any],
    requested_as: Membership | None,
    now: dt.datetime,
    county: Region | None = None,
) -> Job:
    """Write the job into the caller's transaction and ring for it when that commits.

    `key` names the effect, and the requester too where the result is theirs alone: a job with the
    same key that still waits is returned instead of a second one. That job stays locked until the
    caller commits, so no worker starts it before it can see what the caller wrote.

    `requested_as` is None for the portal's own work; `county` then says who sees the job: those
    who may read that county's figures.

    Raises TransactionManagementError outside a transaction and KeyError for an unknown kind.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "enqueue() belongs in the transaction that causes the job."
        )
    if find_kind(kind) is None:
        raise KeyError(f"no handler is declared for jobs of kind {kind!r}")
    job = _waiting(key)
    while job is None:
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    key=key,
                    title=title,
                    arguments=arguments,
                    requested_as=requested_as,
                    county=county,
                    queued_at=now,
                )
        except IntegrityError:
            # Another transaction queued the same job and committed meanwhile. It may even have
            # been taken since, hence the loop.
            job = _waiting(key)
    _ring_on_commit(job)
    return job


def _waiting(key: str) -> Job | None:
    same_effect = Job.objects.unscoped("one effect is one job, whoever asks for it")
    return same_effect.select_for_update().filter(key=key, state=Job.State.QUEUED).first()


def _ring_on_commit(job: Job) -> None:
    transaction.on_commit(lambda: bell.ring([job]))


_CLAIM = """
    UPDATE accounts_job
       SET state = 'running', deliveries = deliveries + 1, started_at = %(now)s,
           lease_until = %(lease_until)s, done_steps = 0, total_steps = 0, message = ''
     WHERE id = (
           SELECT id FROM accounts_job
            WHERE id = %(job_id)s AND deliveries < %(max_deliveries)s
              AND (state = 'queued' OR (state = 'running' AND lease_until < %(now)s))
              FOR UPDATE SKIP LOCKED)
    RETURNING *
"""


def claim(*, job_id: uuid.UUID, lease: dt.timedelta, now: dt.datetime) -> Job | None:
    """Take a job that waits or whose worker fell silent; None when there is nothing to take.

    A row locked by someone who is just asking for the same job again is left alone: that
    transaction rings for it when it commits.
    """
    taken = Job.objects.raw(
        _CLAIM,
        {
            "job_id": job_id,
            "now": now,
            "lease_until": now + lease,
            "max_deliveries": Job.MAX_DELIVERIES,
        },
    )
    return next(iter(taken), None)


def finish(*, job: Job, message: str, now: dt.datetime) -> None:
    """Mark done, in the transaction of the handler's effects. Raises LeaseLost when overtaken."""
    if not _end(job, state=Job.State.DONE, message=message, error="", now=now):
        raise LeaseLost(str(job.pk))


@transaction.atomic
def fail(*, job: Job, reason: str, now: dt.datetime) -> None:
    """End the job without success, for a reason people can read. Nothing when overtaken."""
    if _end(job, state=Job.State.FAILED, message="", error=reason, now=now):
        _set_back(job, reason, now)


def _set_back(job: Job, reason: str, now: dt.datetime) -> None:
    """Let no row wait for a job that was given up."""
    kind = find_kind(job.kind)
    if kind is not None and kind.given_up is not None:
        kind.given_up(job, reason, now)


def release(*, job: Job, now: dt.datetime) -> None:
    """Give the job back at once, to be delivered again: the trouble was not the job's own."""
    Job.objects.held_by(job).update(lease_until=now)


def _end(job: Job, *, state: Job.State, message: str, error: str, now: dt.datetime) -> bool:
    changed = Job.objects.held_by(job).update(
        state=state, finished_at=now, lease_until=None, message=message, error=error
    )
    return changed == 1


def retry(*, job: Job, by: User, now: dt.datetime) -> Job:
    """Queue a job that failed or died once more, with all its deliveries.

    Returns the job that will do the work: another one if the same thing already waits.
    Raises NotRetryable when it runs, waits or is done, and Job.DoesNotExist when `by` may not
    see it.
    """
    with transaction.atomic():
        locked = Job.objects.visible_to(by).select_for_update().get(pk=job.pk)
        if not locked.may_be_retried:
            raise NotRetryable("这项任务正在进行或已经完成，不用再试。")
        locked.state = Job.State.QUEUED
        locked.deliveries = locked.done_steps = locked.total_steps = 0
        locked.message = locked.error = ""
        locked.queued_at = now
        locked.started_at = locked.finished_at = locked.lease_until = None
        try:
            with transaction.atomic():
                locked.save()
        except IntegrityError:
            waiting = _waiting(locked.key)
            if waiting is None:
                raise
            locked = waiting
        logger.info("Job %s queued again by user %s", locked.pk, by.pk)
        _ring_on_commit(locked)
    return locked


class Swept(NamedTuple):
    rung: int
    dead: int


def sweep(*, now: dt.datetime, bell_lost_after: dt.timedelta = BELL_LOST_AFTER) -> Swept:
    """Ring again for jobs that still wait or whose worker fell silent; bury the hopeless."""
    abandoned = Job.objects.abandoned(now)
    hopeless = abandoned.filter(deliveries__gte=Job.MAX_DELIVERIES)
    dead = sum(_bury(key, now) for key in hopeless.values_list("pk", flat=True)[:SWEEP_AT_MOST])
    if dead:
        logger.error("%d jobs were given up after %d deliveries", dead, Job.MAX_DELIVERIES)
    waiting = Job.objects.waiting_for_a_bell(now, bell_lost_after) | abandoned
    return Swept(rung=bell.ring(waiting.order_by("queued_at")[:SWEEP_AT_MOST]), dead=dead)


def _bury(job_id: uuid.UUID, now: dt.datetime) -> bool:
    """End one job that nobody gets done. What fails here is tried at the next sweep."""
    try:
        with transaction.atomic():
            job = (
                Job.objects.abandoned(now)
                .select_for_update(of=("self",), skip_locked=True)
                .filter(pk=job_id)
                .first()
            )
            if job is None:
                return False
            if not _end(job, state=Job.State.DEAD, message="", error=DEAD_REASON, now=now):
                return False
            _set_back(job, DEAD_REASON, now)
    except Exception:
        logger.exception("Job %s could not be buried", job_id)
        return False
    return True
