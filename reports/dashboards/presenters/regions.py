"""Regions side by side: lines of a table, in groups or in the order asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import Region
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import RegionFacts
from indicators.rules import Verdict
from indicators.selectors import Figure, RegionRow
from reports.dashboards.presenters.figures import (
    distance_text,
    explain_url,
    shown,
    target_text,
    why_missing,
)

NOT_JUDGED = "not_judged"
GROUPS = (
    ("problem", "有未达标或待报齐"),
    ("unavailable", "有无法计算"),
    ("met", "三率均达标"),
    (NOT_JUDGED, "没有适用的目标，不考核"),
)
STREETS = "街道和功能区，不按乡镇考核"
# Words for one region of a level, and the head of a column of them.
LEVEL_WORDS = {
    Region.Level.PROVINCE: ("个省", "省"),
    Region.Level.CITY: ("个市", "市州"),
    Region.Level.COUNTY: ("个区县", "区县"),
    Region.Level.TOWN: ("个乡镇街道", "乡镇街道"),
}


@dataclass(frozen=True)
class RateCell:
    """One rate of one region: number, verdict beside it, and where it is explained."""

    place: int
    label: str
    text: str
    value: Decimal | None
    verdict: str
    extra: str
    url: str


@dataclass(frozen=True)
class RegionLine:
    region: Region
    url: str | None
    group_name: str
    expected: int
    accepted: int
    children: int | None
    population: int | None
    cells: list[RateCell]
    group: str
    gap: int

    @property
    def incomplete(self) -> bool:
        return self.accepted < self.expected


def _cell(place: int, figure: Figure) -> RateCell:
    indicator, verdict = figure.indicator, figure.verdict
    extra = why_missing(figure)
    if not extra and verdict in {Verdict.UNMET, Verdict.PENDING, Verdict.NEAR}:
        extra = distance_text(indicator, figure.leading, short=True)
    if not extra and figure.value is not None and figure.value > 1:
        extra = "超100%"
    return RateCell(
        place=place,
        label=indicator.short_name,
        text=shown(indicator, figure.value),
        value=figure.value,
        verdict=verdict,
        extra=extra,
        url=explain_url(figure),
    )


def _group(figures: Iterable[Figure]) -> str:
    verdicts = {figure.verdict for figure in figures}
    if verdicts & {Verdict.UNMET, Verdict.PENDING}:
        return "problem"
    if Verdict.UNAVAILABLE in verdicts:
        return "unavailable"
    return NOT_JUDGED if verdicts == {NOT_JUDGED} else "met"


def region_line(
    region: Region,
    facts: RegionFacts | None,
    figures: Sequence[Figure],
    *,
    group_name: str = "",
    url: str | None = None,
) -> RegionLine:
    return RegionLine(
        region=region,
        url=url,
        group_name=group_name,
        expected=facts.expected if facts else 0,
        accepted=facts.accepted if facts else 0,
        children=facts.enrolled_children if facts and facts.kindergartens else None,
        population=facts.resident_population_3_5 if facts else None,
        cells=[_cell(place, figure) for place, figure in enumerate(figures, start=1)],
        group=_group(figures),
        gap=sum(f.leading.gap or 0 for f in figures if f.leading),
    )


def lines_of(rows: Iterable[RegionRow]) -> list[RegionLine]:
    return [
        region_line(
            row.region,
            row.facts,
            row.figures,
            group_name=row.group_name or "",
            url=reverse("dashboard-region", args=[row.region.code]),
        )
        for row in rows
    ]


def _rate_key(place: int) -> Callable[[RegionLine], Any]:
    return lambda line: line.cells[place].value


# Sort keys of the table, as they stand in the address.
SORTS: dict[str, Callable[[RegionLine], Any]] = {
    "name": lambda line: line.region.code,
    "group": lambda line: line.group_name or None,
    "expected": lambda line: line.expected,
    "accepted": lambda line: line.accepted,
    "children": lambda line: line.children,
    "population": lambda line: line.population,
    **{code: _rate_key(place) for place, code in enumerate(THREE_RATES)},
}


@dataclass(frozen=True)
class LineGroup:
    """Lines under one title. On phones a group that needs no attention `folds`."""

    code: str
    title: str
    count_text: str
    lines: list[RegionLine]
    folds: bool = False


def arranged(lines: Sequence[RegionLine], sort: str) -> list[LineGroup]:
    """Lines in the order asked for; unasked, problems come first and the largest gap leads.

    Blanks come last in either direction.
    """
    key = SORTS.get(sort.removeprefix("-"))
    if key is not None:
        known = [line for line in lines if key(line) is not None]
        known.sort(key=lambda line: line.region.code)
        known.sort(key=key, reverse=sort.startswith("-"))
        blank = [line for line in lines if key(line) is None]
        return [LineGroup("all", "", "", known + blank)]
    groups = []
    for code, title in GROUPS:
        members = [line for line in lines if line.group == code]
        if members:
            members.sort(key=lambda line: (-line.gap, line.region.code))
            unit = LEVEL_WORDS[Region.Level(members[0].region.level)][0]
            if code == NOT_JUDGED and _are_streets(members):
                title = STREETS
            folds = code in {"met", NOT_JUDGED} and len(members) < len(lines)
            groups.append(LineGroup(code, title, f"{len(members)}{unit}", members, folds))
    return groups


def _are_streets(lines: Sequence[RegionLine]) -> bool:
    return all(
        line.region.level == Region.Level.TOWN and not line.region.is_township for line in lines
    )


@dataclass(frozen=True)
class RateHead:
    code: str
    label: str
    target: str


def rate_heads(figures: Sequence[Figure], own: Sequence[Figure] = ()) -> list[RateHead]:
    """Heads of the rate columns, with all targets that judge any of the rows.

    Where the rows are not judged but the region itself is, its own leading target stands there:
    its row is on top.
    """
    heads = []
    for code in THREE_RATES:
        targets = {
            target_text(figure.indicator, judged.target.operator, judged.target.value)
            for figure in figures
            for judged in figure.verdicts
            if figure.indicator.code == code
        } or {
            target_text(
                figure.indicator, figure.leading.target.operator, figure.leading.target.value
            )
            for figure in own
            if figure.indicator.code == code and figure.leading
        }
        heads.append(RateHead(code, INDICATORS[code].short_name, "、".join(sorted(targets))))
    return heads
