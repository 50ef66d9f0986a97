"""Accepting several returns in a worker, in the name and with the rights of who asked."""

from __future__ import annotations

import datetime as dt

from accounts.jobs.registry import JobFailed, JobRun, job_handler
from reports.filings.board.accepting import JOB_KIND, accept_each


# 500 returns take some seconds.
@job_handler(JOB_KIND, hard_limit_seconds=120, result_route="filings-accepted")
def accept_requested(run: JobRun) -> None:
    """Arguments: month (first day), returns ([key, version seen] each)."""
    if run.requester is None:
        raise JobFailed("接收月报要有经办人，这项任务没有做。请在“报送进度”里重新勾选。")
    accept_each(
        job=run.job,
        month=dt.date.fromisoformat(run.arguments["month"]),
        seen=[(pk, version) for pk, version in run.arguments["returns"]],
        by=run.requester,
        now=run.now,
        progress=run.progress,
    )
