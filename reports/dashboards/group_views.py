"""Three rates of a group (集团, 组团, 联盟…) and the returns that add up to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.downloads import download
from accounts.exports import CHUNK, CONTENT_TYPES, Table
from accounts.formatting import zhdate, zhmonth
from accounts.models import Region
from indicators.models import KindergartenFacts
from indicators.selectors import GroupFigures, group_figures, months_available
from kindergartens.models import Group
from reports.dashboards import presenters, selectors
from reports.dashboards.converters import MonthConverter
from reports.dashboards.town import nature

NO_POPULATION = "成员里有单独加入的园，没有对应的人口，不算毛入园率。"


@dataclass(frozen=True)
class MemberLine:
    """One counted kindergarten; `code` is None, `readable` False where the person may not look."""

    facts: KindergartenFacts
    nature: str
    code: str | None
    readable: bool


def _asked(request: SignedInRequest, group_id: int) -> tuple[Group, dt.date, list[dt.date]]:
    """The group, and the month asked for: the newest of its county unless said otherwise.

    404 for whoever does not read the figures of the whole county.
    """
    home = home_region(request.user)
    if home is None or home.level > Region.Level.COUNTY:
        raise Http404
    group = get_object_or_404(
        Group.objects.visible_to(request.user).select_related("county", "lead"), pk=group_id
    )
    available = months_available(group.county)
    text = request.GET.get("month", "")
    if not text:
        month = available[0] if available else timezone.localdate().replace(day=1)
        return group, month, available
    try:
        return group, MonthConverter().to_python(text), available
    except ValueError as error:
        raise Http404 from error


def _cards(found: GroupFigures) -> list[dict[str, Any]]:
    """As a region's, without target, trend and drawer: no document judges a group."""
    cards = []
    for figure in found.figures:
        made = presenters.card(figure, [], found.facts)
        made |= {"explain_url": "", "trend": None, "trend_url": "", "change": ""}
        if figure.value is None and figure.indicator.by_population and figure.numerator is not None:
            made["note"] = f"算不出：{figure.reason if found.only_towns else NO_POPULATION}"
        cards.append(made)
    return cards


def _lines(request: SignedInRequest, found: GroupFigures) -> list[MemberLine]:
    ids = [row.kindergarten_id for row in found.counted]
    codes = selectors.kindergarten_codes(request.user, ids)
    filings = [row.filing_version.filing_id for row in found.counted]
    readable = selectors.readable_filings(request.user, filings)
    return [
        MemberLine(
            row,
            nature(row),
            codes.get(row.kindergarten_id),
            row.filing_version.filing_id in readable,
        )
        for row in found.counted
    ]


@require_GET
@requires(Permission.READ_FIGURES)
def group_dashboard(request: SignedInRequest, group_id: int) -> HttpResponse:
    group, month, available = _asked(request, group_id)
    found = group_figures(group, month)
    reads_returns = request.user.can(Permission.READ_RETURNS)
    context = {
        "group": group,
        "month": month,
        "months": available,
        "found": found,
        "cards": _cards(found),
        "lines": _lines(request, found) if reads_returns else [],
        "can_read_returns": reads_returns,
        "can_read_registry": request.user.can(Permission.READ_REGISTRY),
        "can_export": request.user.can(Permission.EXPORT_FIGURES) and reads_returns,
    }
    return render(request, "reports/dashboards/group.html", context)


@require_GET
@requires(Permission.EXPORT_FIGURES)
def group_figures_export(request: SignedInRequest, group_id: int, ending: str) -> FileResponse:
    """The counted kindergartens of the page as a file."""
    if ending not in CONTENT_TYPES or not request.user.can(Permission.READ_RETURNS):
        raise Http404
    group, month, _ = _asked(request, group_id)
    found = group_figures(group, month)
    table = Table(
        name=f"{group.name}_{month:%Y%m}",
        heads=["幼儿园", "乡镇街道", "办园性质", "在园幼儿", "计入公办", "计入普惠", "月报版本"],
        rows=(
            (
                row.kindergarten.name,
                row.town.name,
                nature(row),
                row.enrolled_children,
                "是" if row.counts_public else "否",
                "是" if row.counts_inclusive else "否",
                row.filing_version.version,
            )
            for row in found.counted.iterator(CHUNK)
        ),
        notes=[
            (
                f"{group.name}{zhmonth(month)}，成员以{zhdate(found.reference_date)}为准，"
                f"应报{found.facts.expected}所，已接收{found.facts.accepted}所。"
            )
        ],
    )
    return download(table, ending, by=request.user, at=timezone.now(), target=group.county)
