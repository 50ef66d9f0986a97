"""Which function does which kind of job, and what it is given.

A package named in settings.JOB_PACKAGES declares its handlers in its tasks.py::

    @job_handler("recompute-figures", hard_limit_seconds=60)
    def recompute_figures(run: JobRun) -> None: ...

A handler's lasting effects are rows. It runs in one transaction that also marks the job done, so
that both are there or neither. Whatever else it does must be harmless when done twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from accounts.models import Job, User


class JobFailed(Exception):
    """The job cannot be done; the text, in Chinese, says why and how to mend it."""


class LeaseLost(Exception):
    """Another worker took the job over; whatever this one did is rolled back."""


class JobRun:
    """What a handler knows about the job it does."""

    def __init__(
        self, job: Job, *, now: dt.datetime, report: Callable[[int, int, str], None]
    ) -> None:
        self.job = job
        self.now = now
        self._report = report

    @property
    def arguments(self) -> dict[str, Any]:
        return self.job.arguments

    @cached_property
    def requester(self) -> User | None:
        """Who asked, acting in the post they asked in; None for the portal's own jobs.

        Raises JobFailed when that person or post has ended since: rights are those of now.
        """
        membership = self.job.requested_as
        if membership is None:
            return None
        user = membership.user
        if not user.is_active or not membership.is_in_force(timezone.localdate(self.now)):
            raise JobFailed("申请人的岗位已经结束，这项任务没有做。请由现任人员重新申请。")
        user.acting = membership
        return user

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Show how far the job is, at once and to everyone. Cheap: call it for every step.

        Raises LeaseLost when another worker has taken the job over.
        """
        self._report(done, total, message)


Handler = Callable[[JobRun], None]
# Called with the job and the reason people are told, in the transaction that ends it unsuccessfully.
GivenUp = Callable[[Job, str, dt.datetime], None]


@dataclass(frozen=True)
class JobKind:
    name: str
    function: Handler
    hard_limit_seconds: int
    queue: str
    lease_seconds: float
    result_route: str
    given_up: GivenUp | None = None

    @property
    def soft_limit_seconds(self) -> int:
        """When the handler is asked to stop; the process is killed at the hard limit."""
        return max(1, self.hard_limit_seconds * 4 // 5)


# A worker renews its lease three times within it; one that was killed is replaced soon after.
LEASE_SECONDS = 15.0

_kinds: dict[str, JobKind] = {}


def job_handler(
    kind: str,
    *,
    hard_limit_seconds: int,
    queue: str = settings.CELERY_TASK_DEFAULT_QUEUE,
    lease_seconds: float = LEASE_SECONDS,
    result_route: str = "",
    given_up: GivenUp | None = None,
) -> Callable[[Handler], Handler]:
    """Declare the function that does jobs of this kind.

    `result_route` names the route that, given the job's id, serves what a job that is done made.
    `given_up` sets rows back that would wait for the job for ever, once it has failed or died; the
    job may still be tried again after it.
    """
    if hard_limit_seconds > settings.CELERY_TASK_TIME_LIMIT:
        # The broker hands a message out again after its visibility timeout, which the settings
        # keep above twice this limit.
        raise ImproperlyConfigured(f"{kind}: no job may take {hard_limit_seconds} s")

    def register(function: Handler) -> Handler:
        known = _kinds.get(kind)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ImproperlyConfigured(f"two handlers for jobs of kind {kind}")
        _kinds[kind] = JobKind(
            kind, function, hard_limit_seconds, queue, lease_seconds, result_route, given_up
        )
        return function

    return register


def find_kind(name: str) -> JobKind | None:
    """The declared kind, or None when no app of this version of the portal declares it."""
    if name not in _kinds:
        # A web process has not imported the apps' tasks yet; a worker does so at its start.
        current_app.loader.autodiscover_tasks(settings.JOB_PACKAGES)
    return _kinds.get(name)
