"""Kinds of jobs that exist for tests only. The worker under test imports them with -I.

An effect is a row in the table job_effects, written in the handler's transaction. What happened
whether or not that transaction survived is a line in the file named by the argument "log".
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from django.db import connection

from accounts.jobs.registry import JobFailed, JobRun, job_handler


def effect(run: JobRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO job_effects (job, note) VALUES (%s, %s)", [run.job.pk, "done"])


def log(run: JobRun) -> None:
    if "log" in run.arguments:
        with Path(run.arguments["log"]).open("a") as lines:
            lines.write(f"{os.getpid()}\n")


@job_handler("test-quick", hard_limit_seconds=30, lease_seconds=3)
def quick(run: JobRun) -> None:
    log(run)
    effect(run)
    time.sleep(run.arguments.get("seconds", 0))


@job_handler("test-steps", hard_limit_seconds=30, lease_seconds=3)
def steps(run: JobRun) -> None:
    """Waits before its last step until the file named by "go" exists."""
    log(run)
    effect(run)
    run.progress(1, 3, "第一步")
    run.progress(2, 3, "第二步")
    while not Path(run.arguments["go"]).exists():
        time.sleep(0.05)
    run.progress(3, 3, "第三步")


@job_handler("test-poison", hard_limit_seconds=30, lease_seconds=1.5)
def poison(run: JobRun) -> None:
    """Takes its own process down, as a crash in a C library or the kernel's memory killer does."""
    log(run)
    effect(run)
    if not Path(run.arguments["cure"]).exists():
        os.kill(os.getpid(), signal.SIGKILL)


@job_handler("test-endless", hard_limit_seconds=3, lease_seconds=2)
def endless(run: JobRun) -> None:
    log(run)
    effect(run)
    while True:
        time.sleep(0.1)


# Stands for a page that serves what the job made.
RESULT_ROUTE = "document-download"


@job_handler("test-made", hard_limit_seconds=30, result_route=RESULT_ROUTE)
def made(run: JobRun) -> None:
    effect(run)


@job_handler("test-refusing", hard_limit_seconds=30)
def refusing(run: JobRun) -> None:
    effect(run)
    raise JobFailed("缺少11月的户籍人口，请先登记。")


@job_handler("test-broken", hard_limit_seconds=30)
def broken(run: JobRun) -> None:
    effect(run)
    raise ZeroDivisionError


@job_handler("test-personal", hard_limit_seconds=30)
def personal(run: JobRun) -> None:
    effect(run)
    if run.requester is None:
        raise JobFailed("没有申请人。")
    run.progress(1, 1, run.requester.full_name)


@job_handler("test-interrupted", hard_limit_seconds=30)
def interrupted(run: JobRun) -> None:
    """Loses its database connection, as when PostgreSQL restarts."""
    effect(run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
