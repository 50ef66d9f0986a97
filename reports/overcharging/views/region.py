"""Charges above what may be charged (超标收费核查): a region's kindergartens, in yuan."""

from __future__ import annotations

import datetime as dt

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.downloads import download
from accounts.exports import CONTENT_TYPES
from accounts.formatting import zhmonth
from accounts.models import Region
from fees.overcharging.selectors import Coverage, coverage, overcharges, repaid_beside
from indicators.selectors import filing_progress, months_available
from reports.dashboards import asking
from reports.dashboards.presenters import LEVEL_WORDS
from reports.overcharging import presenters
from reports.overcharging.resources import overcharging_table

ROWS_PER_PAGE = 50


@require_GET
@requires(Permission.READ_PROGRESS)
def overcharging(request: SignedInRequest, code: str | None = None) -> HttpResponse:
    """Each charge of a counted return above what may be charged; then what the places come to."""
    region = asking.region_in_scope(request, code)
    months = months_available(region)
    month = asking.month_asked(request, months)
    found = overcharges(request.user, region, month)
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    below = presenters.places(found, level) if region.level < Region.Level.TOWN else []
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "region": region,
        "month": month,
        "months": months,
        "ways_up": asking.ways_up(request, region),
        "total": presenters.sums(found),
        "beside": repaid_beside(request.user, region, month, found),
        "coverage": coverage(request.user, region, month),
        "progress": filing_progress(region, month),
        "places": below,
        "level_word": LEVEL_WORDS[level][1],
        "shows_county": region.level < Region.Level.COUNTY,
        "page_obj": page,
        "lines": [presenters.line(one) for one in page],
        "can_export": bool(found) and request.user.can(Permission.EXPORT_FIGURES),
    }
    return render(request, "reports/overcharging/overcharging.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def overcharging_export(request: SignedInRequest, code: str, ending: str) -> FileResponse:
    if ending not in CONTENT_TYPES:
        raise Http404
    region = asking.region_in_scope(request, code)
    month = asking.month_asked(request, months_available(region))
    now = timezone.now()
    table = overcharging_table(
        overcharges(request.user, region, month),
        place=region.name,
        month=month,
        foot=_foot(coverage(request.user, region, month), month),
    )
    return download(table, ending, by=request.user, at=now, target=region)


def _foot(covered: Coverage, month: dt.date) -> str:
    said = f"{zhmonth(month)}已接收的月报{covered.accepted}份，逐项对照提交时的公示标准、当时有效的最高限价和当地目录清单。"
    if covered.silent:
        said += f"其中{covered.silent}份没有填收费，没有核查。"
    if covered.without_schedule:
        said += f"{covered.without_schedule}份提交时没有登记收费标准，只能对照最高限价。"
    return said
