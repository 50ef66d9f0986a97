"""The heat table: kindergartens, or the regions below, by indicators, each cell with its verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import Cell, Table
from accounts.models import Region, User
from accounts.statuses import Status, verdict_status
from indicators.catalogue import INDICATORS, Indicator
from indicators.catalogue.definition import Direction, Topic
from indicators.models import KindergartenFacts
from indicators.rules import Verdict, displayed
from indicators.selectors import (
    CUTS,
    Figure,
    KindergartenFigure,
    child_figures,
    counted_in,
    figures_of_each,
    says_of_one,
)
from kindergartens.models import Group
from reports.dashboards import asking, lines, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.presenters import LEVEL_WORDS, explain_url, shown
from reports.dashboards.sheets import PAGE_WIDTH, Sheet, foot_of
from reports.dashboards.town import nature
from reports.documents.charts import Drawing

ROWS_PER_PAGE = 60
# A picture of more rows than this is read by nobody; the table has them all.
MOST_DRAWN = 60
COLUMN_WIDTH, ROW_HEIGHT, NAMES = 68, 34, 180
OF_ONE = tuple(code for code, indicator in INDICATORS.items() if says_of_one(indicator))
PLACES, KINDERGARTENS = "places", "kindergartens"
NOT_JUDGED = "not_judged"
YES, NO = "是", "否"
PEOPLE_FIRST = {Topic.REACH, Topic.STAFF}
# In a shorter table a fifth says nothing.
FEWEST_TO_COMPARE = 10
LAGS = Status("最差五分之一", "chevrons-down", "lags")


@dataclass(frozen=True)
class HeatCell:
    """One figure: its number, its verdict where it is judged, and the page that explains it."""

    text: str
    verdict: str
    url: str
    value: Decimal | None = None
    # Of what no document judges: among the fifth of this table that stands worst.
    lags: bool = False

    @property
    def status(self) -> Status | None:
        """None of a plain number."""
        if self.verdict != NOT_JUDGED:
            return verdict_status(self.verdict)
        return LAGS if self.lags else None


@dataclass(frozen=True)
class HeatRow:
    name: str
    sub: str
    url: str
    cells: list[HeatCell]
    version: int | None = None
    version_url: str = ""
    is_example: bool = False

    @property
    def problems(self) -> tuple[int, int]:
        """How much is not met, then how often it lags."""
        return (
            sum(cell.verdict == Verdict.UNMET for cell in self.cells),
            sum(cell.lags for cell in self.cells),
        )


def compared(rows: Sequence[HeatRow], columns: Sequence[Indicator]) -> list[HeatRow]:
    """The rows with what lags marked, those with most that is not met first.

    What a document judges is not compared besides. Of values that many share none lags: a mark
    means worse than four fifths of the table.
    """
    marked = list(rows)
    for place, indicator in enumerate(columns):
        marked = _marked(marked, place, indicator)
    return sorted(marked, key=lambda row: row.problems, reverse=True)


def _marked(rows: Sequence[HeatRow], place: int, indicator: Indicator) -> list[HeatRow]:
    sign = 1 if indicator.direction is Direction.AT_LEAST else -1
    values = [
        cell.value * sign
        for cell in (row.cells[place] for row in rows)
        if cell.value is not None and cell.verdict == NOT_JUDGED
    ]
    if len(values) < FEWEST_TO_COMPARE:
        return list(rows)
    line = sorted(values)[len(values) // 5]

    def of(row: HeatRow) -> HeatRow:
        cell = row.cells[place]
        if cell.value is None or cell.verdict != NOT_JUDGED or cell.value * sign >= line:
            return row
        cells = [*row.cells]
        cells[place] = replace(cell, lags=True)
        return replace(row, cells=cells)

    return [of(row) for row in rows]


# ---- regions -----------------------------------------------------------------------------------


def rows_of_places(region: Region, month: dt.date) -> list[HeatRow]:
    """The regions right below, by code."""
    return [
        HeatRow(
            name=row.region.name,
            sub=lines.figure_line(row.figures[0]).coverage,
            url=f"{reverse('figures-heat', args=[row.region.code])}?month={month:%Y-%m}",
            cells=[_of_region(figure) for figure in row.figures],
        )
        for row in child_figures(region, month, lines.EVERY_INDICATOR)
    ]


def _of_region(figure: Figure) -> HeatCell:
    return HeatCell(
        shown(figure.indicator, figure.value), figure.verdict, explain_url(figure), figure.value
    )


# ---- kindergartens -----------------------------------------------------------------------------


def rows_of_kindergartens(
    user: User, region: Region, month: dt.date, *, cut: str = "", part: str = ""
) -> list[HeatRow]:
    """The counted kindergartens of a county or town, town by town.

    `cut` and `part` keep one part of a cut. The number of queries does not depend on the rows.
    """
    facts = selectors.counted(region, month)
    if cut:
        facts = facts.filter(pk__in=counted_in(region, month, CUTS[cut], part))
    found = list(facts)
    codes = selectors.kindergarten_codes(user, [row.kindergarten_id for row in found])
    readable = selectors.readable_filings(user, [row.filing_version.filing_id for row in found])
    county = region.county or region
    figures = figures_of_each(county, month, found, OF_ONE)
    return [
        _row(one, of_it, codes.get(one.kindergarten_id), readable)
        for one, of_it in zip(found, figures, strict=True)
    ]


def _row(
    facts: KindergartenFacts,
    figures: Sequence[KindergartenFigure],
    code: str | None,
    readable: dict[int, bool],
) -> HeatRow:
    version = facts.filing_version
    url = ""
    if version.filing_id in readable:
        url = reverse("filing-version", args=[version.filing_id, version.version])
    return HeatRow(
        name=facts.kindergarten.name,
        sub=f"{facts.town.name}　{nature(facts)}",
        url=reverse("kindergarten-detail", args=[code]) if code else "",
        cells=[_of_one(figure, url) for figure in figures],
        version=version.version,
        version_url=url,
        is_example=facts.kindergarten.is_example,
    )


def _of_one(figure: KindergartenFigure, url: str) -> HeatCell:
    verdict = str(figure.leading.verdict) if figure.leading else NOT_JUDGED
    return HeatCell(_text_of_one(figure), verdict, url, figure.value)


def _text_of_one(figure: KindergartenFigure) -> str:
    """A share of kindergartens is of a single one yes or no."""
    if figure.indicator.gap_unit == "所" and figure.value is not None:
        return YES if figure.value else NO
    return shown(figure.indicator, figure.value)


# ---- the page and its files --------------------------------------------------------------------


@dataclass(frozen=True)
class Grid:
    """What was asked for: of what the rows are, the columns, and all rows."""

    by: str
    columns: list[Indicator]
    rows: list[HeatRow]
    offered: list[Indicator]  # of which some row has a value
    empty: list[Indicator]  # of which none has: they get no column
    cut: str = ""
    part: str = ""


def grid_asked(request: SignedInRequest, region: Region, month: dt.date) -> Grid:
    """?by=places or kindergartens, ?cut= and ?part= of kindergartens, ?indicator= (several, else
    all); 404 for what there is not.

    Single kindergartens are for those who may read their returns; cities and provinces see places.
    """
    close = region.level >= Region.Level.COUNTY
    reads = request.user.can(Permission.READ_RETURNS)
    by = request.GET.get("by") or (KINDERGARTENS if close and reads else PLACES)
    wanted = request.GET.getlist("indicator")
    if not set(wanted) <= INDICATORS.keys():
        raise Http404
    if by == PLACES and region.level < Region.Level.TOWN:
        return _grid(by, lines.EVERY_INDICATOR, rows_of_places(region, month), month, wanted)
    if by != KINDERGARTENS or not close:
        raise Http404
    asking.must_read_returns(request)
    cut, part = request.GET.get("cut", ""), request.GET.get("part", "")
    if cut and (cut not in CUTS or not CUTS[cut].has(part)):
        raise Http404
    rows = rows_of_kindergartens(request.user, region, month, cut=cut, part=part)
    return _grid(by, OF_ONE, rows, month, wanted, cut=cut, part=part)


def _grid(
    by: str,
    codes: Sequence[str],
    rows: Sequence[HeatRow],
    month: dt.date,
    wanted: Sequence[str] = (),
    *,
    cut: str = "",
    part: str = "",
) -> Grid:
    columns = [INDICATORS[code].on(month) for code in codes]
    filled = [
        any(row.cells[place].value is not None for row in rows) for place in range(len(columns))
    ]
    offered = sorted(
        (place for place, has in enumerate(filled) if has),
        key=lambda place: _comes_late(columns[place], [row.cells[place] for row in rows]),
    )
    places = [place for place in offered if columns[place].code in wanted] or offered
    shown_columns = [columns[place] for place in places]
    kept = [replace(row, cells=[row.cells[place] for place in places]) for row in rows]
    return Grid(
        by,
        shown_columns,
        compared(kept, shown_columns),
        [columns[place] for place in offered],
        [one for one, has in zip(columns, filled, strict=True) if not has],
        cut,
        part,
    )


def _comes_late(indicator: Indicator, cells: Sequence[HeatCell]) -> tuple[bool, bool, bool]:
    """What is judged comes first, what is only yes or no last; between them people before buildings.

    Else in the catalogue's order: the first columns are what is seen without scrolling.
    """
    judged = any(cell.verdict != NOT_JUDGED for cell in cells)
    words = {cell.text for cell in cells if cell.value is not None}
    return not judged, words <= {YES, NO}, indicator.topic not in PEOPLE_FIRST


@require_GET
@requires(Permission.READ_FIGURES)
def heat(request: SignedInRequest, code: str) -> HttpResponse:
    """Kindergarten by indicator for those who read returns, region by indicator for all others."""
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    grid = grid_asked(request, region, asked.month)
    page: Page[HeatRow] = Paginator(grid.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    rows_asked = {"by": grid.by, "cut": grid.cut, "part": grid.part}
    columns = [] if grid.columns == grid.offered else [one.code for one in grid.columns]
    context = framed(request, region, asked, "heat") | {
        "facts": selectors.facts_of(region, asked.month),
        "grid": grid,
        "page_obj": page,
        "rows": page.object_list,
        "ways": _ways(request, region, asked, grid),
        "of_part": _part_words(request.user, grid),
        # A form keeps what the other one asks.
        "rows_asked": [(name, value) for name, value in rows_asked.items() if value],
        "hidden": [
            *((name, value) for name, value in rows_asked.items() if value),
            *(("indicator", code) for code in columns),
        ],
        **exactly(region, "heat", month=asked.text, indicator=columns, **rows_asked),
    }
    return render(request, "reports/dashboards/heat.html", context)


def _ways(
    request: SignedInRequest, region: Region, asked: Asked, grid: Grid
) -> list[dict[str, Any]]:
    """Between kindergartens and places, where a person and a region have both."""
    if region.level != Region.Level.COUNTY or not request.user.can(Permission.READ_RETURNS):
        return []
    here = reverse("figures-heat", args=[region.code])
    labels = {KINDERGARTENS: "各幼儿园", PLACES: "各乡镇街道"}
    return [
        {
            "label": label, "url": f"{here}?month={asked.text}&by={by}", "count": None,
            "active": by == grid.by,
        }
        for by, label in labels.items()
    ]  # fmt: skip


def _part_words(user: User, grid: Grid) -> str:
    """Which part of which cut the rows are; empty of all of them."""
    if not grid.cut:
        return ""
    cut = CUTS[grid.cut]
    words = cut.words.get(grid.part, "不在其中")
    if cut.group_kind and grid.part:
        group = Group.objects.visible_to(user).filter(pk=int(grid.part)).first()
        words = group.name if group else "没有这个组"
    return f"{cut.name}：{words}"


def heat_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    grid = grid_asked(request, region, asked.month)
    foot = foot_of(selectors.facts_of(region, asked.month), timezone.now())
    of_kindergartens = grid.by == KINDERGARTENS
    what = "幼儿园" if of_kindergartens else LEVEL_WORDS[Region.Level(region.level + 1)][1]
    title = f"{region.name}各{what}指标_{asked.words}"
    heads = [what, "说明"]
    for indicator in grid.columns:
        heads += [f"{indicator.short_name}（{indicator.unit}）", "判定"]
    table = Table(title, heads, _table_rows(grid), list(foot))
    return Sheet(title, table, _drawing(grid, title), foot)


def _table_rows(grid: Grid) -> Iterator[list[Cell]]:
    for row in grid.rows:
        cells: list[Cell] = [row.name, row.sub.replace("　", "，") or None]
        for indicator, cell in zip(grid.columns, row.cells, strict=True):
            value = None if cell.value is None else displayed(cell.value, indicator.kind)
            cells += [value, verdict_status(cell.verdict).word]
        yield cells


def _drawing(grid: Grid, title: str) -> Drawing:
    rows = grid.rows[:MOST_DRAWN]
    data = {
        "columns": [indicator.short_name for indicator in grid.columns],
        "rows": [
            {"label": row.name, "cells": [_drawn(cell) for cell in row.cells]} for row in rows
        ],
        "description": f"{title}，{len(rows)}行",
    }
    width = max(PAGE_WIDTH, NAMES + COLUMN_WIDTH * len(grid.columns))
    return Drawing("heat_grid", data, width, 60 + ROW_HEIGHT * max(len(rows), 1))


def _drawn(cell: HeatCell) -> dict[str, str]:
    if cell.status is None:
        return {"text": cell.text, "tone": "", "mark": ""}
    return {"text": cell.text, "tone": cell.status.tone, "mark": cell.status.word}
