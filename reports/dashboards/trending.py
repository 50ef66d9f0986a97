"""One indicator of a region over months, with the lines that documents drew from their days on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from indicators.selectors import (
    Figure,
    ReferenceLine,
    TrendPoint,
    figures,
    reference_series,
    targets_over,
    trend,
)
from reports.dashboards import asking, lines, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.presenters import shown, target_text
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


@dataclass(frozen=True)
class Course:
    """What a trend shows: a region's years, then its months, and what was published above it.

    The first `years` points stand for a year each. `beside` names each place above, with a value or
    None for each point.
    """

    points: list[TrendPoint]
    years: int
    beside: list[tuple[str, list[Decimal | None]]]


def course_of(region: Region, indicator: Indicator, month: dt.date, span: str) -> Course:
    """With the years before, a year of which only a place above published something has its place.

    Then what was published of a year stands at the year, not at one of the months beside it.
    """
    _, months, years = SPANS[span]
    points = trend(region, indicator.code, month, months=months, years_before=years)
    first = points[0].month.year - (years if years else 0)
    published = reference_series(indicator.code, region, range(first, month.year + 1))
    if years:
        known = {point.month.year for point in points[:-months]}
        blank = {
            point.month.year: TrendPoint(point.month, None, provisional=False, reported=False)
            for line in published
            for point in line.points
            if point.month.year not in known
        }
        before = sorted([*blank.values(), *points[:-months]], key=lambda point: point.month)
        points = [*before, *points[-months:]]
    before_portal = len(points) - months
    return Course(
        points,
        before_portal,
        [(line.name, _placed(line, points, before_portal)) for line in published],
    )


def _placed(line: ReferenceLine, points: Sequence[TrendPoint], years: int) -> list[Decimal | None]:
    """The values of a place above at the region's points: at the years, else at their months."""
    if years:
        by_year = {point.month.year: point.value for point in line.points}
        told = [by_year.get(point.month.year) for point in points[:years]]
        return [*told, *(None for _ in points[years:])]
    by_month = {point.month: point.value for point in line.points}
    return [by_month.get(point.month) for point in points]


@require_GET
@requires(Permission.READ_FIGURES)
def trending(request: SignedInRequest, code: str) -> HttpResponse:
    """?indicator=, ?month= (the last one) and ?months= (how many)."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    indicator, span = indicator_asked(request), span_asked(request)
    own = figures(region, asked.month, [indicator.code])[0]
    course = course_of(region, indicator, asked.month, span)
    drawing = line_of(own, course, selectors.holidays(region))
    context = framed(request, region, asked, "trend") | {
        "facts": selectors.facts_of(region, asked.month),
        "published": any(point.value is not None for point in course.points),
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
        "beside": [name for name, _ in course.beside],
        "points": _newest_first(drawing.data, course.points),
        **exactly(region, "trend",
            month=asked.text, indicator=indicator.code, months=span,
        ),
    }  # fmt: skip
    return render(request, "reports/dashboards/trend.html", context)


def _newest_first(data: dict[str, Any], points: Sequence[TrendPoint]) -> list[dict[str, Any]]:
    """The points as rows of the table, each with its month and what stands beside it."""
    rows = [
        point
        | {
            "month": points[place].month,
            "note": note_of(point),
            "beside": [(line["name"], line["values"][place]) for line in data["beside"]],
        }
        for place, point in enumerate(data["points"])
    ]
    return list(reversed(rows))


def line_of(figure: Figure, course: Course, holidays: frozenset[dt.date]) -> Drawing:
    """The months with their gaps; each target over the months in which it judged."""
    indicator, points = figure.indicator, course.points
    judging = targets_over(figure.region, indicator.code, [point.month for point in points])
    data: dict[str, Any] = {
        "unit": indicator.suffix,
        "targets": _target_lines(indicator, judging),
        "points": [
            point | {"label": f"{of.month.year}年"} if place < course.years else point
            for place, (of, point) in enumerate(
                zip(points, trend_points(indicator, points, holidays), strict=True)
            )
        ],
        "years": course.years,
        "beside": [
            {
                "name": name,
                "values": [
                    None if value is None else shown(indicator, value).replace(",", "")
                    for value in values
                ],
            }
            for name, values in course.beside
        ],
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
    course = course_of(region, indicator, asked.month, span)
    holidays = selectors.holidays(region)
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    since, until = zhmonth(course.points[0].month), zhmonth(asked.month)
    title = f"{region.name}{indicator.short_name}走势_{since}至{until}"
    heads = ["月份", head_of(own), *(name for name, _ in course.beside), "说明"]
    table = Table(title, heads, _rows(indicator, course, holidays), list(foot))
    return Sheet(title, table, line_of(own, course, holidays), foot)


def _rows(
    indicator: Indicator, course: Course, holidays: frozenset[dt.date]
) -> Iterator[list[Cell]]:
    drawn = trend_points(indicator, course.points, holidays)
    for place, (point, of_it) in enumerate(zip(course.points, drawn, strict=True)):
        beside = [values[place] for _, values in course.beside]
        yield [
            zhmonth(point.month),
            *(
                None if value is None else displayed(value, indicator.kind)
                for value in (point.value, *beside)
            ),
            note_of(of_it) or None,
        ]


def note_of(point: dict[str, Any]) -> str:
    """What is said beside a point: where it is from, or why there is none."""
    if point["source"]:
        return str(point["source"])
    if point["value"] is None:
        return "寒暑假不报" if point["holiday"] else "没有数据"
    return "暂计" if point["provisional"] else ""
