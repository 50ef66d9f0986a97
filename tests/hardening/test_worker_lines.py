"""A worker writes the same lines as the website: JSON, scrubbed, with the job they belong to."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError

from accounts.jobs.registry import JobFailed, JobRun, LeaseLost, job_handler
from accounts.jobs.runner import run_job
from accounts.models import Job
from config.celery import app
from tests.hardening.test_logs import lines, written
from tests.small_county import NOW, SmallCounty


@job_handler("test-log-line", hard_limit_seconds=10)
def handler(run: JobRun) -> None:
    assert run.requester is not None
    if run.arguments["how"] == "broken":
        raise ZeroDivisionError
    if run.arguments["how"] == "overtaken":
        raise LeaseLost
    if run.arguments["how"] == "interrupted":
        raise OperationalError
    if run.arguments["how"] == "refused":
        raise JobFailed("园名里有排不了的字。")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("well", "done"),
        ("refused", "refused"),
        ("broken", "failed"),
        ("overtaken", "overtaken"),
        ("interrupted", "interrupted"),
    ],
)
def test_a_job_ends_with_one_line(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch, how: str, outcome: str
) -> None:
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    post = small.officer().memberships.get()
    job = Job.objects.create(
        kind="test-log-line",
        key=f"line-{how}",
        title="试",
        arguments={"how": how},
        requested_as=post,
        queued_at=NOW,
    )
    with written() as out:
        run_job(job.pk, clock=lambda: NOW)
    if outcome in {"done", "refused", "failed"}:
        with written() as nothing_left:
            run_job(job.pk, clock=lambda: NOW)
        assert nothing_left.getvalue() == ""
    [line] = [line for line in lines(out) if line["logger"] == "portal.job"]
    assert line["object"] == {"job": str(job.pk)}
    assert line["kind"] == "test-log-line"
    assert line["outcome"] == outcome
    assert line["user"] == post.user_id
    assert line["role"] == post.role
    assert isinstance(line["duration_ms"], int)


def test_the_worker_keeps_the_portals_handlers() -> None:
    """Celery would otherwise put its own in their place, in a form of its own."""
    assert app.conf.worker_hijack_root_logger is False
    assert app.conf.worker_redirect_stdouts is False
    root = logging.getLogger()
    before = list(root.handlers)
    app.log.already_setup = False
    try:
        app.log.setup_logging_subsystem(loglevel="WARNING")
        assert [h for h in root.handlers if h in before] == before
        assert len(root.handlers) == len(before)
    finally:
        root.setLevel(logging.INFO)
