"""The free year of a region's kindergartens, as rows of the page and sums of places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from accounts.models import Region
from fees.free_year.presenters import Line, line
from fees.free_year.selectors import FreeMonth
from fees.free_year.sums import Sums, sums
from kindergartens.models import Kindergarten

# What a list of one month may be narrowed to, in the order of the work.
STATES = {
    "claim_filed": "待核定",
    "claim_unfiled": "未申报",
    "claim_returned": "已退回",
    "to_pay": "待拨付",
    "claim_paid": "已拨付",
    "moved": "申报后有变",
    "unknown": "算不出来",
}


@dataclass(frozen=True)
class Row:
    """One kindergarten: its months together; `line` is the only one of them on a month's page."""

    kindergarten: Kindergarten
    town: Region
    total: Sums
    line: Line | None


def rows(months: Iterable[FreeMonth], *, of_one_month: bool) -> list[Row]:
    made = []
    for _, group in groupby(months, key=lambda one: one.kindergarten.pk):
        of_one = list(group)
        last = of_one[-1]
        made.append(
            Row(
                last.kindergarten,
                last.town,
                sums(of_one),
                line(last) if of_one_month else None,
            )
        )
    return made


def states_of(row: Row) -> set[str]:
    """Which of STATES a row is found under; in a school year none."""
    shown = row.line
    if shown is None:
        return set()
    found = {"to_pay"} if shown.state in {"claim_approved", "claim_part_paid"} else {shown.state}
    if shown.one.claim is None and not shown.one.computed:
        found = set()
    if shown.is_unknown:
        found.add("unknown")
    if shown.moved:
        found.add("moved")
    return found


@dataclass(frozen=True)
class Tab:
    code: str
    word: str
    number: int


def tabs(found: Iterable[Row]) -> list[Tab]:
    """Of every state that is there, and how many."""
    states = [states_of(row) for row in found]
    counted = [
        Tab(code, word, sum(code in of_row for of_row in states)) for code, word in STATES.items()
    ]
    return [Tab("", "全部", len(states)), *[tab for tab in counted if tab.number]]


@dataclass(frozen=True)
class Place:
    region: Region
    kindergartens: int
    total: Sums


def places(months: Iterable[FreeMonth], level: Region.Level) -> list[Place]:
    """By the regions of a level, in the order of their codes."""
    of_region: dict[int, list[FreeMonth]] = {}
    regions: dict[int, Region] = {}
    for one in months:
        region = _of_level(one.town, level)
        regions[region.pk] = region
        of_region.setdefault(region.pk, []).append(one)
    made = [
        Place(regions[pk], len({one.kindergarten.pk for one in found}), sums(found))
        for pk, found in of_region.items()
    ]
    return sorted(made, key=lambda place: place.region.code)


def _of_level(town: Region, level: Region.Level) -> Region:
    above = {Region.Level.CITY: town.city, Region.Level.COUNTY: town.county}
    return above.get(level) or town
