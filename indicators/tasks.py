"""Background work on figures; the engine is in accounts.jobs."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from accounts.history.context import command_history
from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import Region
from indicators.services.recompute import recompute_from
from indicators.services.schedule import ask_for_open_months


@job_handler("recompute-figures", hard_limit_seconds=120)
def recompute_figures(run: JobRun) -> None:
    """Bring a county, its towns, its city and province up to date from a month on.

    Safe to run twice, late or in parallel: it reads what is accepted now.
    """
    county = Region.objects.filter(pk=run.arguments["county"], level=Region.Level.COUNTY).first()
    if county is None:
        raise JobFailed("这个区县已不在行政区划表里，三率没有重算。")
    month = dt.date.fromisoformat(run.arguments["month"])
    run.progress(0, 1, f"正在重算{county.name}{month.year}年{month.month}月起的三率")
    recompute_from(county=county, month=month, now=run.now)


@shared_task(name="indicators.recompute_open_months", acks_late=False)
@command_history("timetable")
def recompute_open_months() -> None:
    """Nightly: queue every county's open months."""
    ask_for_open_months(now=timezone.now())
