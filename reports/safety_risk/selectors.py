"""The risk picture of an area: kindergartens with their points, and matters by place and field."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.access.scope import home_region
from accounts.models import Region, User
from kindergartens.models import Kindergarten
from reports.safety_risk.rules import (
    GROUPS,
    Line,
    fields,
    heat,
    scored,
    total,
    weighting_on,
)
from reports.safety_risk.sources import InHand, facts_of
from safety.patrols.selectors import watched

# Sorting by these; anything else is by points.
SORTS = ("name", "points", *GROUPS)
# The same hazard once more.
# Told as a number to whoever may not read each.
NUMBERED = frozenset({"incident"})
COUNTED_ELSEWHERE = frozenset({"hazard_overdue", "hazard_stop"})


@dataclass(frozen=True)
class Cell:
    label: str
    points: int


@dataclass(frozen=True)
class Place:
    """One kindergarten: what counts, by factor, and the points together."""

    kindergarten: Kindergarten
    lines: list[Line]
    points: int

    @property
    def town(self) -> Region:
        return self.kindergarten.organisation.region

    @property
    def by_group(self) -> Mapping[str, int]:
        """Points of each group of factors, 0 where nothing counts."""
        sums = dict.fromkeys(GROUPS, 0)
        for line in self.lines:
            sums[line.factor.group] += line.points
        return sums

    @property
    def cells(self) -> list[Cell]:
        """By group, in the order of the columns."""
        return [Cell(GROUPS[code], points) for code, points in self.by_group.items()]

    @property
    def reasons(self) -> str:
        """The factors, those that count most first."""
        worst = sorted(self.lines, key=lambda line: -line.points)
        return "；".join(
            f"{line.factor.label}{f'{line.times}项' if line.times > 1 else ''}" for line in worst
        )


def picture(
    user: User, today: dt.date, *, town: str = "", kindergarten: Kindergarten | None = None
) -> list[Place]:
    """Running kindergartens the person sees (of a `town` by its code, or the one), the most points first.

    Queries do not grow with their number; of a town or of one nothing else is read.
    """
    home = home_region(user)
    rows = watched(user, today).select_related("organisation__region__county")
    if town:
        rows = rows.filter(organisation__region__code=town)
    if kindergarten is not None:
        rows = rows.filter(pk=kindergarten.pk)
    places = list(rows)
    if home is None or not places:
        return []
    hand = InHand(
        user, home, places, places[0].organisation.region if town else None, kindergarten
    )  # fmt: skip
    facts, weighting = facts_of(hand, today), weighting_on(today)
    found = []
    for one in places:
        lines = scored(facts.get(one.pk, []), weighting)
        found.append(Place(one, lines, total(lines)))
    return sorted(found, key=_worst_first)


def _worst_first(place: Place) -> tuple[int, str]:
    return -place.points, place.kindergarten.code


def in_order(places: Sequence[Place], sort: str) -> list[Place]:
    """By a key of SORTS, descending with a minus; equal ones stay as they are."""
    key = sort.removeprefix("-")
    if key not in SORTS:
        return list(places)
    if key == "name":
        return sorted(places, key=lambda one: one.kindergarten.name, reverse=sort != key)
    if key == "points":
        return sorted(places, key=lambda one: one.points, reverse=sort != key)
    return sorted(places, key=lambda one: one.by_group[key], reverse=sort != key)


@dataclass(frozen=True)
class HeatRow:
    """One town (or county): how many matters are open, by field, each with how dark it is."""

    place: Region
    kindergartens: int
    cells: list[tuple[str, int, int]]

    @property
    def matters(self) -> int:
        return sum(number for _, number, _ in self.cells)


def heat_rows(places: Sequence[Place], *, by_county: bool) -> list[HeatRow]:
    """Matters, not points: one that counts twice (open and overdue) is one, and so is what one
    kindergarten left out of one kind of self-check, however often: else a major hazard would drown.
    """
    counts: dict[Region, dict[str, int]] = defaultdict(lambda: dict.fromkeys(fields(), 0))
    number: dict[Region, int] = defaultdict(int)
    for one in places:
        region = (one.town.county or one.town) if by_county else one.town
        number[region] += 1
        for line in one.lines:
            if line.factor.code not in COUNTED_ELSEWHERE:
                for fact in line.facts:
                    counts[region][fact.field] += fact.times if line.factor.code in NUMBERED else 1
    most = max((cell for row in counts.values() for cell in row.values()), default=0)
    return [
        HeatRow(
            region,
            number[region],
            [(code, counts[region][code], heat(counts[region][code], most)) for code in fields()],
        )
        for region in sorted(number, key=lambda one: one.code)
    ]
