"""Background work on figures; the engine is in accounts.jobs."""

from __future__ import annotations

import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from accounts.history.context import command_history
from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import Job, Region
from indicators.models import RecomputeRun
from indicators.services import runs
from indicators.services.recompute import months_from, recompute
from indicators.services.schedule import ask_for_open_months

logger = logging.getLogger(__name__)


def note_failure(job: Job, reason: str, now: dt.datetime) -> None:
    """In the log of runs too: whoever wonders about a figure looks there."""
    county = Region.objects.filter(pk=job.arguments["county"]).first()
    if county is not None:
        runs.note_event(
            county=county,
            months=[dt.date.fromisoformat(job.arguments["month"])],
            began_at=job.started_at or job.queued_at,
            now=now,
            nightly=bool(job.arguments.get("nightly")),
            error=reason,
        )


@job_handler("recompute-figures", hard_limit_seconds=120, given_up=note_failure)
def recompute_figures(run: JobRun) -> None:
    """Bring a county, its towns, its city and province up to date from a month on.

    Safe to run twice, late or in parallel: it reads what is accepted now.
    """
    county = Region.objects.filter(pk=run.arguments["county"], level=Region.Level.COUNTY).first()
    if county is None:
        raise JobFailed("这个区县已不在行政区划表里，三率没有重算。")
    months = months_from(
        county=county, month=dt.date.fromisoformat(run.arguments["month"]), now=run.now
    )
    rows = 0
    for number, month in enumerate(months):
        run.progress(
            number, len(months), f"正在重算{county.name}{month.year}年{month.month}月的三率"
        )
        rows += recompute(month=month, now=run.now, county=county)
    runs.note_event(
        county=county, months=months, began_at=run.now, now=timezone.now(), rows=rows,
        nightly=bool(run.arguments.get("nightly")),
    )  # fmt: skip


def stop_run(job: Job, reason: str, now: dt.datetime) -> None:
    runs.give_up(run_id=job.arguments["run"], reason=reason, now=now)


@job_handler(runs.KIND, hard_limit_seconds=180, given_up=stop_run)
def walk_figures(run: JobRun) -> None:
    """One month of a verification, and the next one queued behind whatever else waits."""
    found = RecomputeRun.objects.select_related("region").filter(pk=run.arguments["run"]).first()
    if found is None:
        raise JobFailed("这次核验的记录已经清理，请重新开始。")
    if found.done < len(found.months):
        month = found.months[found.done]
        word = found.get_purpose_display()
        run.progress(found.done, len(found.months), f"正在{word}{month.year}年{month.month}月")
    found = runs.take_step(run_id=found.pk, now=run.now)
    if found.state == RecomputeRun.State.RUNNING:
        runs.ask_for_step(found, now=run.now)
    elif found.drifted:
        logger.error("Verification %s found %d rows that differ", found.pk, found.drifted)


@shared_task(name="indicators.recompute_open_months", acks_late=False)
@command_history("timetable")
def recompute_open_months() -> None:
    """Nightly: queue every county's open months."""
    ask_for_open_months(now=timezone.now())


@shared_task(name="indicators.verify_figures", acks_late=False)
@command_history("timetable")
def verify_figures() -> None:
    """Nightly: is every stored figure what its facts say? Locked months too."""
    now = timezone.now()
    runs.forget_old(now=now)
    runs.start_verification(now=now)
