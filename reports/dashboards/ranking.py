"""The regions below one in the order of one indicator: ties share a place, who is not judged stands apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import Cell, Table
from accounts.models import Region
from accounts.statuses import verdict_status
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator
from indicators.catalogue.definition import TOPIC_LABELS, Direction
from indicators.selectors import Figure, RegionRow, child_figures, figures
from reports.dashboards import asking, lines, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.presenters import LEVEL_WORDS, shown
from reports.dashboards.sheets import (
    PAGE_WIDTH,
    Sheet,
    bars_class,
    bars_height,
    foot_of,
    head_of,
    value_cell,
    verdict_cell,
)
from reports.documents.charts import Drawing


@dataclass(frozen=True)
class Place:
    """One region; `rank` is None where it has no value or stands apart."""

    row: RegionRow
    line: lines.FigureLine
    rank: int | None


@dataclass(frozen=True)
class Ranking:
    """`ranked` from the best on; `waiting` miss returns, also from the best on, and have no place;
    `apart` are not judged while others are; `blank` have no value.
    """

    indicator: Indicator
    ranked: list[Place]
    waiting: list[Place]
    apart: list[Place]
    blank: list[Place]

    @property
    def places(self) -> list[Place]:
        return [*self.valued, *self.blank]

    @property
    def valued(self) -> list[Place]:
        return [*self.ranked, *self.waiting, *self.apart]


def ranked(rows: Sequence[RegionRow], indicator: Indicator) -> Ranking:
    """By the unrounded value, in the indicator's direction; equals by code, with the same place.

    Street offices and zones are not judged like townships: where townships are judged, the others
    get no place among them. Nor does one that still misses returns: it would be ranked by what is
    missing.
    """
    with_value = [row for row in rows if row.figures[0].value is not None]
    judged = any(row.figures[0].leading is not None for row in rows)
    aside = [row for row in with_value if judged and _is_street(row.region)]
    rest = [row for row in with_value if not (judged and _is_street(row.region))]
    best_first = indicator.direction is Direction.AT_LEAST
    rest.sort(key=lambda row: row.region.code)
    rest.sort(key=lambda row: row.figures[0].value or 0, reverse=best_first)
    complete = [row for row in rest if not row.figures[0].provisional]
    values = [row.figures[0].value for row in complete]
    return Ranking(
        indicator,
        [_place(row, values.index(row.figures[0].value) + 1) for row in complete],
        [_place(row, None) for row in rest if row.figures[0].provisional],
        [_place(row, None) for row in aside],
        [_place(row, None) for row in rows if row.figures[0].value is None],
    )


def _is_street(region: Region) -> bool:
    return region.level == Region.Level.TOWN and not region.is_township


def _place(row: RegionRow, rank: int | None) -> Place:
    return Place(row, lines.figure_line(row.figures[0]), rank)


def indicator_asked(request: SignedInRequest) -> Indicator:
    """?indicator=…, else the first of the three rates; 404 for an unknown one."""
    code = request.GET.get("indicator") or THREE_RATES[0]
    if code not in INDICATORS:
        raise Http404
    return INDICATORS[code]


def indicator_choices() -> list[tuple[str, list[Indicator]]]:
    """All indicators under the heads of the catalogue, to choose from."""
    return [
        (label, [i for i in INDICATORS.values() if i.topic is topic])
        for topic, label in TOPIC_LABELS.items()
        if any(i.topic is topic for i in INDICATORS.values())
    ]


def _must_have_parts(region: Region) -> None:
    if region.level == Region.Level.TOWN:
        raise Http404


@require_GET
@requires(Permission.READ_FIGURES)
def ranking(request: SignedInRequest, code: str) -> HttpResponse:
    """?indicator= and ?month=: the towns of a county, the counties of a city, the best first."""
    region = asking.region_in_scope(request, code)
    _must_have_parts(region)
    asked = period_asked(request, region)
    indicator = indicator_asked(request)
    found = ranked(child_figures(region, asked.month, [indicator.code]), indicator)
    own = figures(region, asked.month, [indicator.code])[0]
    drawing = bars(found, own)
    context = framed(request, region, asked, "ranking") | {
        "facts": selectors.facts_of(region, asked.month),
        "published": bool(found.ranked or found.waiting),
        "indicator": indicator,
        "indicators": indicator_choices(),
        "ranking": found,
        "own": lines.figure_line(own),
        "level_word": _level_word(region),
        "chart": drawing.data,
        "bars_class": bars_class(len(drawing.data["bars"])),
        **exactly(region, "ranking", month=asked.text, indicator=indicator.code),
    }
    return render(request, "reports/dashboards/ranking.html", context)


def _level_word(region: Region) -> str:
    return LEVEL_WORDS[Region.Level(region.level + 1)][1]


def bars(found: Ranking, own: Figure) -> Drawing:
    """Whoever has a value, in the order of the table, with the target that judges all of them.

    A target of the region above is none of theirs; where they have different ones none is drawn.
    """
    shown_places = found.valued
    targets = {place.line.target for place in shown_places if place.line.target}
    target = targets.pop() if len(targets) == 1 else ""
    data: dict[str, Any] = {
        "bars": [_bar(place) for place in shown_places],
        "unit": found.indicator.suffix,
        "target": target.strip("≥≤").removesuffix(found.indicator.suffix or " ") or None,
        "description": f"{own.region.name}{found.indicator.name}排名，共{len(shown_places)}个",
    }
    return Drawing("ranking_bars", data, PAGE_WIDTH, bars_height(len(shown_places)))


def _bar(place: Place) -> dict[str, Any]:
    figure = place.line.figure
    status = verdict_status(figure.verdict)
    text = shown(figure.indicator, figure.value)
    prefix = f"{place.rank} " if place.rank else ""
    return {
        "label": f"{prefix}{place.row.region.name}",
        "value": text.replace(",", ""),
        "shown": text,
        "word": "" if figure.leading is None else status.word,
        "tone": status.tone,
        "provisional": figure.provisional,
    }


def ranking_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    _must_have_parts(region)
    indicator = indicator_asked(request)
    found = ranked(child_figures(region, asked.month, [indicator.code]), indicator)
    own = figures(region, asked.month, [indicator.code])[0]
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    title = f"{region.name}各{_level_word(region)}{indicator.short_name}排名_{asked.words}"
    heads = ["名次", _level_word(region), "代码", head_of(own), "判定", "目标", "差距", "比上月", "算式",
             "应报（所）", "已接收（所）"]  # fmt: skip
    return Sheet(title, Table(title, heads, _rows(found), list(foot)), bars(found, own), foot)


def _rows(found: Ranking) -> Iterator[list[Cell]]:
    for place in found.places:
        figure, line = place.line.figure, place.line
        yield [
            place.rank, place.row.region.name, place.row.region.code, value_cell(figure),
            verdict_cell(figure), line.target or None, line.extra or None, line.change or None,
            line.parts or None, figure.expected, figure.accepted,
        ]  # fmt: skip
