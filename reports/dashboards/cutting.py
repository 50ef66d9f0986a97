"""A region's figures cut by what its kindergartens are: table, bars of one indicator, files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access.guards import SignedInRequest, requires
from accounts.access.permissions import Permission
from accounts.exports import Cell, Table
from accounts.formatting import percent
from accounts.models import Region
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import RegionFacts
from indicators.rules import rate
from indicators.selectors import CUTS, Cut, Figure, Part, cut_figures, figures
from reports.dashboards import asking, selectors
from reports.dashboards.framing import Asked, exactly, framed, period_asked
from reports.dashboards.heat import KINDERGARTENS
from reports.dashboards.presenters import shown, why_missing
from reports.dashboards.sheets import (
    PAGE_WIDTH,
    Sheet,
    bars_class,
    bars_height,
    foot_of,
    head_of,
    value_cell,
)
from reports.documents.charts import Drawing

# A table of more columns is not read on a page; the file has every indicator that was chosen.
SHOWN_AT_FIRST = 6


@dataclass(frozen=True)
class Asking:
    """The cut, the indicators that suit it, those chosen, and the one that is drawn."""

    cut: Cut
    suiting: list[Indicator]
    chosen: list[Indicator]
    drawn: Indicator


def cut_asked(request: SignedInRequest) -> Asking:
    """?cut=, ?indicator= (several), ?drawn=; 404 for what there is not, or does not suit the cut."""
    cut = CUTS.get(request.GET.get("cut") or next(iter(CUTS)))
    if cut is None:
        raise Http404
    suiting = [indicator for indicator in INDICATORS.values() if cut.suits(indicator)]
    codes = request.GET.getlist("indicator")
    chosen = [i for i in suiting if i.code in codes] or suiting[:SHOWN_AT_FIRST]
    if not set(codes) <= INDICATORS.keys():
        raise Http404
    drawn = next((i for i in chosen if i.code == request.GET.get("drawn")), chosen[0])
    return Asking(cut, suiting, chosen, drawn)


@dataclass(frozen=True)
class PartLine:
    """One part, or the whole region, as a row."""

    label: str
    facts: RegionFacts
    cells: list[tuple[str, str, str]]  # head, value, why there is none
    children_share: str
    url: str = ""


@require_GET
@requires(Permission.READ_FIGURES)
def cuts(request: SignedInRequest, code: str) -> HttpResponse:
    region = asking.region_in_scope(request, code)
    asked = period_asked(request, region)
    wanted = cut_asked(request)
    codes = [indicator.code for indicator in wanted.chosen]
    parts = cut_figures(region, asked.month, wanted.cut, codes)
    facts = selectors.facts_of(region, asked.month)
    drawing = bars(wanted, parts, region)
    context = framed(request, region, asked, "cuts") | {
        "facts": facts,
        "cuts": CUTS.values(),
        "wanted": wanted,
        "total": facts and _line("合计", facts, figures(region, asked.month, codes), facts, ""),
        "lines": [_part_line(request, region, asked, wanted.cut, part, facts) for part in parts],
        "chart": drawing.data,
        "bars_class": bars_class(len(parts)),
        "not_suiting": [i.short_name for i in INDICATORS.values() if not wanted.cut.suits(i)],
        **exactly_cut(region, asked, wanted),
    }
    return render(request, "reports/dashboards/cuts.html", context)


def exactly_cut(region: Region, asked: Asked, wanted: Asking) -> dict[str, str]:
    """As of the other pages; the indicators chosen stand in the address one by one."""
    return exactly(
        region, "cuts", month=asked.text, cut=wanted.cut.code, drawn=wanted.drawn.code,
        indicator=[indicator.code for indicator in wanted.chosen],
    )  # fmt: skip


def _part_line(
    request: SignedInRequest,
    region: Region,
    asked: Asked,
    cut: Cut,
    part: Part,
    whole: RegionFacts | None,
) -> PartLine:
    """A part leads to its kindergartens where the person may see single ones, a group to its page."""
    url = ""
    if region.level >= Region.Level.COUNTY and request.user.can(Permission.READ_RETURNS):
        query = {"month": asked.text, "by": KINDERGARTENS, "cut": cut.code, "part": part.code}
        url = f"{reverse('figures-heat', args=[region.code])}?{urlencode(query)}"
    elif part.group is not None and region.level <= Region.Level.COUNTY:
        url = f"{reverse('group-figures', args=[part.group])}?month={asked.month:%Y-%m}"
    return _line(part.label, part.facts, part.figures, whole, url)


def _line(
    label: str,
    facts: RegionFacts,
    of_it: Sequence[Figure],
    whole: RegionFacts | None,
    url: str,
) -> PartLine:
    share = ""
    if whole is not None and whole.enrolled_children:
        share = percent(rate(facts.enrolled_children, whole.enrolled_children), 1)
    return PartLine(
        label=label,
        facts=facts,
        cells=[
            (f.indicator.short_name, shown(f.indicator, f.value), why_missing(f)) for f in of_it
        ],
        children_share=share,
        url=url,
    )


def bars(wanted: Asking, parts: Sequence[Part], region: Region) -> Drawing:
    """One indicator of the parts that have it, in the order of the table."""
    place = wanted.chosen.index(wanted.drawn)
    data: dict[str, Any] = {
        "bars": [
            {
                "label": part.label,
                "value": None
                if figure.value is None
                else shown(figure.indicator, figure.value).replace(",", ""),
                "shown": shown(figure.indicator, figure.value),
                "word": why_missing(figure),
                "tone": "",
                "provisional": figure.provisional,
            }
            for part in parts
            for figure in [part.figures[place]]
        ],
        "unit": wanted.drawn.suffix,
        "target": None,
        "description": f"{region.name}{wanted.drawn.name}按{wanted.cut.name}，共{len(parts)}类",
    }
    return Drawing("ranking_bars", data, PAGE_WIDTH, bars_height(len(parts)))


def cuts_sheet(request: SignedInRequest, region: Region, asked: Asked) -> Sheet:
    wanted = cut_asked(request)
    codes = [indicator.code for indicator in wanted.chosen]
    parts = cut_figures(region, asked.month, wanted.cut, codes)
    facts = selectors.facts_of(region, asked.month)
    own = figures(region, asked.month, codes)
    foot = foot_of(facts, timezone.now())
    title = f"{region.name}按{wanted.cut.name}_{asked.words}"
    heads = [
        wanted.cut.name, "应报（所）", "已接收（所）", "在园幼儿",
        *(head_of(figure) for figure in own),
    ]  # fmt: skip
    table = Table(title, heads, _rows(parts, facts, own), list(foot))
    return Sheet(title, table, bars(wanted, parts, region), foot)


def _rows(
    parts: Sequence[Part], facts: RegionFacts | None, own: Sequence[Figure]
) -> Iterator[list[Cell]]:
    for label, of_it, found in (
        *(("合计", one, own) for one in [facts] if one is not None),
        *((part.label, part.facts, part.figures) for part in parts),
    ):
        yield [
            label, of_it.expected, of_it.accepted,
            of_it.enrolled_children if of_it.kindergartens else None,
            *(value_cell(figure) for figure in found),
        ]  # fmt: skip
