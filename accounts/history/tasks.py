"""Done by the timetable: an anchor every hour, a verification every night; and the button's job."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.history import anchors, checks, services
from accounts.history.context import command_history
from accounts.jobs.registry import JobRun, job_handler


@shared_task(name="accounts.history.anchor")
def anchor() -> None:
    with command_history("timetable"):
        now = timezone.now()
        anchors.drop_anchor(now=now)
        checks.warn_when_overdue(now=now)


@shared_task(name="accounts.history.verify")
def verify() -> None:
    with command_history("timetable"):
        checks.check_history(by=None, now=timezone.now())


@job_handler(services.VERIFY, hard_limit_seconds=300)
def verify_history(run: JobRun) -> None:
    result = checks.check_history(by=run.requester, now=run.now, report=run.progress)
    word = "全部相符" if result.sound else f"有{len(result.findings)}处不符"
    run.progress(5, 5, f"核对了{result.rows}行记录，{word}")
