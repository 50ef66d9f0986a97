"""Asking for a printed document, and printing it."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.scope import REGION_CHECKED, home_region
from accounts.history.recording import Action, record_access
from accounts.jobs.services import enqueue
from accounts.models import Job, Membership, Region, User
from indicators.models import RegionFacts
from indicators.selectors import Figure, figures
from indicators.services.recompute import figures_at_rest
from reports.documents import estate_table, monthly_rates, overview_table
from reports.documents.heading import full_name, short_name
from reports.documents.models import PrintedDocument
from reports.documents.pdf import to_pdf

JOB_KIND = "print-document"
PRINTED_LEVELS = (Region.Level.CITY, Region.Level.COUNTY)
NUMBER_PREFIXES = {
    PrintedDocument.Kind.OVERVIEW_TABLE: "YLB",
    PrintedDocument.Kind.MONTHLY_RATES: "SLYB",
    PrintedDocument.Kind.ESTATE_TABLE: "XQPT",
}
# One module a document: how it is called, and how its snapshot becomes HTML.
TITLES: dict[PrintedDocument.Kind, Callable[[str, dt.date], str]] = {
    PrintedDocument.Kind.OVERVIEW_TABLE: overview_table.title,
    PrintedDocument.Kind.MONTHLY_RATES: monthly_rates.title,
    PrintedDocument.Kind.ESTATE_TABLE: estate_table.title,
}
HTML: dict[PrintedDocument.Kind, Callable[[dict[str, Any]], str]] = {
    PrintedDocument.Kind.OVERVIEW_TABLE: overview_table.html,
    PrintedDocument.Kind.MONTHLY_RATES: monthly_rates.html,
    PrintedDocument.Kind.ESTATE_TABLE: estate_table.html,
}
STEPS = 3
Progress = Callable[[int, int, str], None]


class NotPrintable(Exception):
    """This document cannot be printed by this person; the text says why."""


@dataclass(frozen=True)
class Paper:
    """Which document of which region and month; `origin` begins the addresses printed on it."""

    kind: PrintedDocument.Kind
    region: Region
    month: dt.date
    origin: str

    @property
    def title(self) -> str:
        return TITLES[self.kind](short_name(self.region), self.month)


def printable_regions(by: User) -> list[Region]:
    """Counties and cities of the person's scope, the widest first."""
    home = home_region(by)
    if home is None:
        return []
    found = Region.objects.active().within(home).filter(level__in=PRINTED_LEVELS)
    return list(found.select_related("province").order_by("level", "code"))


@transaction.atomic
def request_document(*, paper: Paper, by: User, now: dt.datetime) -> Job:
    """Queue a document for printing; one that still waits for the same person is not doubled.

    Raises NotPrintable without the permission, outside the person's region, or without figures.
    """
    post = _check(paper, by)
    record_access(Action.PRINT, by=by, at=now, target=paper.region)
    key = f"{JOB_KIND}:{paper.kind}:{paper.region.pk}:{paper.month:%Y-%m}:{post.pk}"
    return enqueue(
        kind=JOB_KIND,
        key=key,
        title=f"打印{paper.title}",
        arguments={
            "kind": str(paper.kind),
            "region": paper.region.pk,
            "month": paper.month.isoformat(),
            "origin": paper.origin,
        },
        requested_as=post,
        now=now,
    )


@transaction.atomic
def print_document(
    *, job: Job, paper: Paper, by: User, now: dt.datetime, progress: Progress
) -> PrintedDocument:
    """Print a job's document, once: a second delivery finds the first one's.

    Permission and scope are those of now. Raises NotPrintable, and PrintFailed when the document
    cannot be set.
    """
    made = PrintedDocument.objects.unscoped("what an earlier delivery of this very job printed")
    printed = made.filter(job=job).defer("content").first()
    if printed is not None:
        return printed
    post = _check(paper, by)
    progress(0, STEPS, "正在读取数据")
    with figures_at_rest(region=paper.region, month=paper.month):
        snapshot = _snapshot(job, paper, post, now)
    progress(1, STEPS, "正在排版")
    pdf = to_pdf(HTML[paper.kind](snapshot))
    progress(2, STEPS, "正在保存")
    printed = PrintedDocument.objects.create(
        kind=paper.kind,
        region=paper.region,
        month=paper.month,
        job=job,
        printed_as=post,
        printed_at=now,
        figures=snapshot,
        pages=pdf.pages,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        content=pdf.content,
    )
    progress(STEPS, STEPS, f"共{pdf.pages}页")
    return printed


def _check(paper: Paper, by: User) -> Membership:
    """The post in which the person may print this; NotPrintable says why not."""
    if by.acting is None or not by.can(Permission.PRINT_REPORTS):
        raise NotPrintable("您现在的岗位不能打印报表。")
    home = home_region(by)
    if home is None or not home.contains(paper.region):
        raise NotPrintable(f"{paper.region.name}不在您的工作范围内，不能打印。")
    if paper.region.level not in PRINTED_LEVELS:
        raise NotPrintable("请选择市或区县。")
    if (
        not RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region=paper.region, month=paper.month)
        .exists()
    ):
        raise NotPrintable(
            f"{paper.region.name}{paper.month.year}年{paper.month.month}月还没有数据。"
            "请换一个月份，或等月报接收后再打印。"
        )
    return by.acting


def _snapshot(job: Job, paper: Paper, post: Membership, now: dt.datetime) -> dict[str, Any]:
    """Everything the document says, as plain values that are kept with it."""
    own = figures(paper.region, paper.month)
    last_day = calendar.monthrange(paper.month.year, paper.month.month)[1]
    day = own[0].reference_date or paper.month.replace(day=last_day)
    if paper.kind is PrintedDocument.Kind.OVERVIEW_TABLE:
        body = overview_table.collect(paper.region, paper.month, day)
    elif paper.kind is PrintedDocument.Kind.ESTATE_TABLE:
        body = estate_table.collect(paper.region, paper.month, day)
    else:
        body = monthly_rates.collect(paper.region, paper.month, own)
    return {"heading": _heading(job, paper, post, own[0], now), **body}


def _heading(
    job: Job, paper: Paper, post: Membership, figure: Figure, now: dt.datetime
) -> dict[str, Any]:
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).get(region=paper.region, month=paper.month)
    day, population = figure.reference_date, facts.population_date
    return {
        "title": paper.title,
        "kind": paper.kind.label,
        "number": document_number(paper, job),
        "organisation": post.organisation.name,
        "portal": settings.PORTAL_NAME,
        "is_demo": settings.DEMO,
        "origin": paper.origin,
        "region_code": paper.region.code,
        "region": short_name(paper.region),
        "region_name": full_name(paper.region),
        "region_level": paper.region.level,
        "month": paper.month.isoformat(),
        "reference_date": day.isoformat() if day else None,
        "population_date": population.isoformat() if population else None,
        "computed_at": facts.computed_at.isoformat(),
        "printed_at": now.isoformat(),
        "expected": facts.expected,
        "filed": facts.filed,
        "accepted": facts.accepted,
        "provisional": facts.accepted < facts.expected,
    }


def document_number(paper: Paper, job: Job) -> str:
    """SLYB-120114-202610-1A2B3C4D: kind, region, month, and the job that printed it."""
    prefix = NUMBER_PREFIXES[paper.kind]
    return f"{prefix}-{paper.region.code}-{paper.month:%Y%m}-{job.pk.hex[:8].upper()}"
