"""The job that makes figures fresh after a return moved."""

import datetime as dt

from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import Region
from indicators.services.recompute import recompute_from


@job_handler("recompute-figures", hard_limit_seconds=60)
def recompute_figures(run: JobRun) -> None:
    """Arguments: county (id), month (ISO date). Sums that month and the later ones anew."""
    county = Region.objects.filter(pk=run.arguments["county"]).first()
    if county is None:
        raise JobFailed("要重算的区县已不在系统里，请联系系统管理员。")
    recompute_from(
        county=county, month=dt.date.fromisoformat(run.arguments["month"]), now=run.now
    )
