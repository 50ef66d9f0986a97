"""One indicator of a region over months, with the lines that documents drew from their days on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import Cell, Table
from accounts.formatting import zhmonth
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.models import Target
from indicators.rules import displayed
from indicators.selectors import Figure, TrendPoint, figures, targets_over, trend
from reports.dashboards import asking, lines, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.presenters import target_text
from reports.dashboards.presenters.trends import chart_words, trend_points
from reports.dashboards.ranking import indicator_asked, indicator_choices
from reports.dashboards.sheets import PAGE_WIDTH, Sheet, foot_of, head_of
from reports.documents.charts import Drawing

# As it stands in the address: what it is called, months, and years of published tables before them.
SPANS = {
    "12": ("近12个月", 12, 0),
    "24": ("近24个月", 24, 0),
    "36": ("近36个月", 36, 0),
    "60": ("近60个月", 60, 0),
    "years": ("近12个月和以前各年", 12, 30),
}
HEIGHT = 320


def span_asked(request: SignedInRequest) -> str:
    """?months=24; 404 for a span that is not offered."""
    text = request.GET.get("months", next(iter(SPANS)))
    if text not in SPANS:
        raise Http404
    return text


def points_of(region: Region, indicator: Indicator, month: dt.date, span: str) -> list[TrendPoint]:
    _, months, years = SPANS[span]
    return trend(region, indicator.code, month, months=months, years_before=years)


@require_GET
@requires(Permission.READ_FIGURES)
def trending(request: SignedInRequest, code: str) -> HttpResponse:
    """?indicator=, ?month= (the last one) and ?months= (how many)."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    indicator, span = indicator_asked(request), span_asked(request)
    own = figures(region, asked.month, [indicator.code])[0]
    points = points_of(region, indicator, asked.month, span)
    drawing = line_of(own, points, selectors.holidays(region))
    context = framed(request, region, asked, "trend") | {
        "facts": selectors.facts_of(region, asked.month),
        "indicator": indicator,
        "indicators": indicator_choices(),
        "spans": [(code, words) for code, (words, _, _) in SPANS.items()],
        "span": span,
        "span_words": SPANS[span][0],
        "own": lines.figure_line(own),
        "targets": [
            (judgement, lines.target_of(indicator, judgement)) for judgement in own.verdicts
        ],
        "chart": drawing.data,
        "points": list(reversed(drawing.data["points"])),
        **exactly(region, "trend",
            month=asked.text, indicator=indicator.code, months=span,
        ),
    }  # fmt: skip
    return render(request, "reports/dashboards/trend.html", context)


def line_of(figure: Figure, points: Sequence[TrendPoint], holidays: frozenset[dt.date]) -> Drawing:
    """The months with their gaps; each target over the months in which it judged."""
    indicator = figure.indicator
    judging = targets_over(figure.region, indicator.code, [point.month for point in points])
    data: dict[str, Any] = {
        "unit": indicator.suffix,
        "targets": _target_lines(indicator, judging),
        "points": trend_points(indicator, points, holidays),
        "words": chart_words(points, holidays),
        "description": f"{figure.region.name}{indicator.name}走势，共{len(points)}期",
    }
    return Drawing("rate_trend", data, PAGE_WIDTH, HEIGHT)


def _target_lines(
    indicator: Indicator, judging: Sequence[Sequence[Target]]
) -> list[dict[str, Any]]:
    """Each value that was demanded, from the first to the last month in a row in which it was."""
    found: list[dict[str, Any]] = []
    running: dict[Decimal, dict[str, Any]] = {}
    for place, targets in enumerate(judging):
        demanded = {target.value for target in targets}
        running = {value: line for value, line in running.items() if value in demanded}
        for value in sorted(demanded):
            if value not in running:
                text = target_text(indicator, "", value).lstrip("≥≤")
                line = {"value": text.removesuffix(indicator.suffix), "from": place}
                found.append(line)
                running[value] = line
            running[value]["to"] = place
    return found


def trend_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    indicator, span = indicator_asked(request), span_asked(request)
    own = figures(region, asked.month, [indicator.code])[0]
    points = points_of(region, indicator, asked.month, span)
    holidays = selectors.holidays(region)
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    title = f"{region.name}{indicator.short_name}走势_{zhmonth(points[0].month)}至{zhmonth(asked.month)}"
    table = Table(
        title, ["月份", head_of(own), "说明"], _rows(indicator, points, holidays), list(foot)
    )
    return Sheet(title, table, line_of(own, points, holidays), foot)


def _rows(
    indicator: Indicator, points: Sequence[TrendPoint], holidays: frozenset[dt.date]
) -> Iterator[list[Cell]]:
    for point, drawn in zip(points, trend_points(indicator, points, holidays), strict=True):
        value = None if point.value is None else displayed(point.value, indicator.kind)
        note = "暂计" if drawn["provisional"] and value is not None else ""
        note = note or ("寒暑假不报" if drawn["holiday"] else "") or drawn.get("source", "")
        yield [zhmonth(point.month), value, note or ("没有数据" if value is None else None)]
