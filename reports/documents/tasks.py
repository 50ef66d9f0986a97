"""Printing in a worker, in the name and with the rights of the person who asked."""

from __future__ import annotations

import datetime as dt

from accounts.jobs.registry import JobFailed, JobRun, job_handler
from accounts.models import Region
from reports.documents.models import PrintedDocument
from reports.documents.pdf import PrintFailed
from reports.documents.services import JOB_KIND, NotPrintable, Paper, print_document


# 2,000 rows take about 11 s; whatever takes ten times as long is not a document of ours.
@job_handler(JOB_KIND, hard_limit_seconds=120, queue="print", result_route="document-download")
def print_requested(run: JobRun) -> None:
    """Arguments: kind, region (id), month (first day), origin (scheme and host of the portal)."""
    if run.requester is None:
        raise JobFailed("打印要有申请人，这项任务没有做。请在“报表打印”里重新申请。")
    arguments = run.arguments
    paper = Paper(
        kind=PrintedDocument.Kind(arguments["kind"]),
        region=Region.objects.select_related("province", "city", "county").get(
            pk=arguments["region"]
        ),
        month=dt.date.fromisoformat(arguments["month"]),
        origin=arguments["origin"],
    )
    try:
        print_document(
            job=run.job, paper=paper, by=run.requester, now=run.now, progress=run.progress
        )
    except (NotPrintable, PrintFailed) as refusal:
        raise JobFailed(str(refusal)) from refusal
