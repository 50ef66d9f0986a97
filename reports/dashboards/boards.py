"""All indicators of a region on one page, and how it stands by each document that judges it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import Cell, Table
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.selectors import figures
from reports.dashboards import asking, lines, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.sheets import Sheet, foot_of, value_cell


@require_GET
@requires(Permission.READ_FIGURES)
def all_figures(request: SignedInRequest, code: str) -> HttpResponse:
    """Every indicator of the catalogue, under its head, each opening to its explanation."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    every = figures(region, asked.month, lines.EVERY_INDICATOR)
    found = [lines.figure_line(figure) for figure in every]
    context = framed(request, region, asked, "all") | {
        "facts": selectors.facts_of(region, asked.month),
        "published": lines.published(every),
        "groups": lines.by_topic(found),
        "number": len(found),
        **exactly(region, "all", month=asked.text),
    }
    return render(request, "reports/dashboards/all.html", context)


@require_GET
@requires(Permission.READ_FIGURES)
def documents(request: SignedInRequest, code: str) -> HttpResponse:
    """Each document with its demands: what is demanded, how the region stands, until when."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    every = figures(region, asked.month, lines.EVERY_INDICATOR)
    found = lines.documents_of(every)
    context = framed(request, region, asked, "documents") | {
        "facts": selectors.facts_of(region, asked.month),
        "published": lines.published(every),
        "documents": found,
        "may_read_history": request.user.can(Permission.READ_HISTORY),
        **exactly(region, "documents", month=asked.text),
    }
    return render(request, "reports/dashboards/documents.html", context)


def all_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    found = [lines.figure_line(f) for f in figures(region, asked.month, lines.EVERY_INDICATOR)]
    title = f"{region.name}全部指标_{asked.words}"
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    heads = ["类别", "指标", "值", "单位", "判定", "目标", "差距", "比上月", "算式", "口径", "依据"]
    return Sheet(title, Table(title, heads, _all_rows(found), list(foot)), None, foot)


def _all_rows(found: list[lines.FigureLine]) -> Iterator[list[Cell]]:
    for topic, members in lines.by_topic(found):
        for line in members:
            indicator = line.figure.indicator
            yield [
                topic, line.name, value_cell(line.figure), indicator.unit,
                verdict_status(line.verdict).word, line.target or None, line.extra or None,
                line.change or None, line.parts or None, indicator.base, indicator.source,
            ]  # fmt: skip


def documents_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    found = lines.documents_of(figures(region, asked.month, lines.EVERY_INDICATOR))
    title = f"{region.name}按文件达标情况_{asked.words}"
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    heads = ["文件", "文号", "范围", "指标", "目标", "时限", "现值", "单位", "判定", "差距", "条款"]
    return Sheet(title, Table(title, heads, _document_rows(found), list(foot)), None, foot)


def _document_rows(found: list[lines.DocumentLine]) -> Iterator[list[Cell]]:
    for document in found:
        policy = document.policy
        for one in document.demands:
            yield [
                policy.title, policy.document_number or None, document.place, one.line.name,
                one.target, one.by_date, value_cell(one.line.figure),
                one.line.figure.indicator.unit, verdict_status(one.verdict).word,
                one.distance or None, one.clause or None,
            ]  # fmt: skip
