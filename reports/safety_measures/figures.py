"""Rates, places and lists of the pages, made from kindergartens' lines."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Region
from kindergartens.premises.rules import Cohort, judge_cohort
from reports.safety_measures import words
from reports.safety_measures.selectors import Line, OfOne
from safety.measures.rules import Beside, Standing
from safety.models import SafetyMeasure

ALL_FOUR = "four"
DEMANDED = Decimal(1)  # 四个100%
SORTS = ("town", "name", "measure")


@dataclass(frozen=True)
class Rate:
    """One measure over many kindergartens: who meets it ÷ all to whom it applies; of 100 %."""

    key: str
    label: str
    counted: Cohort
    measure: SafetyMeasure | None = None

    @property
    def share(self) -> Decimal | None:
        """Unrounded fraction; whoever has no record does not meet it. None without kindergartens."""
        everyone = self.counted.kindergartens
        return Decimal(self.counted.met) / everyone if everyone else None

    @property
    def verdict(self) -> str:
        return judge_cohort(self.counted, DEMANDED)

    @property
    def missing(self) -> int:
        return self.counted.unmet + self.counted.unknown


def rates(rows: Iterable[OfOne], listed: Sequence[SafetyMeasure] = ()) -> list[Rate]:
    """Of each measure, the four first as the list has them, then all four together.

    `listed` names them where the region has one list; below it others may have their own.
    """
    measures = {row.code: row for row in listed}
    counts: dict[str, Counter[Standing]] = {code: Counter() for code in measures}
    together: Counter[Standing] = Counter()
    for one in rows:
        for line in one.lines:
            measures.setdefault(line.measure.code, line.measure)
            counts.setdefault(line.measure.code, Counter())[line.found.standing] += 1
        if one.all_four is not None:
            together[one.all_four] += 1
    ordered = sorted(
        measures.values(), key=lambda row: (not row.one_of_four, row.position, row.code)
    )
    found = [Rate(row.code, row.label, _cohort(counts[row.code]), row) for row in ordered]
    if any(row.one_of_four for row in ordered):
        fours = sum(row.one_of_four for row in ordered)
        found.insert(fours, Rate(ALL_FOUR, "四项都达标", _cohort(together)))
    return found


def _cohort(counted: Counter[Standing]) -> Cohort:
    return Cohort(counted[Standing.MET], counted[Standing.UNMET], counted[Standing.NO_RECORD])


@dataclass(frozen=True)
class Place:
    region: Region
    kindergartens: int
    # Each head of the table with the place's own rate; None where its list has no such measure.
    cells: list[tuple[Rate, Rate | None]]


def places(rows: Sequence[OfOne], level: Region.Level, heads: Sequence[Rate]) -> list[Place]:
    """By the regions of a level in the order of their codes; a cell for each head."""
    made = []
    for region, within in _by_place(rows, level):
        found = {rate.key: rate for rate in rates(within)}
        made.append(Place(region, len(within), [(head, found.get(head.key)) for head in heads]))
    return made


def _by_place(rows: Iterable[OfOne], level: Region.Level) -> list[tuple[Region, list[OfOne]]]:
    """Kindergartens by the regions of a level in the order of their codes."""
    regions: dict[int, Region] = {}
    of_place: dict[int, list[OfOne]] = {}
    for one in rows:
        region = _of_level(one.status.town, level)
        regions[region.pk] = region
        of_place.setdefault(region.pk, []).append(one)
    found = [(regions[pk], within) for pk, within in of_place.items()]
    return sorted(found, key=lambda place: place[0].code)


def _of_level(town: Region, level: Region.Level) -> Region:
    # Counties right below a province (直辖市) have no city between.
    if level == Region.Level.CITY:
        return town.city or town.county or town
    return (town.county or town) if level == Region.Level.COUNTY else town


@dataclass(frozen=True)
class Missing:
    """One measure that one kindergarten does not meet, or where the return says otherwise."""

    of: OfOne
    line: Line
    why: str
    said: str

    @property
    def standing(self) -> str:
        return words.STANDINGS[self.line.found.standing].word


def missing(
    rows: Iterable[OfOne], *, measure: str = "", town: str = "", sort: str = ""
) -> list[Missing]:
    """Every measure not met, a row each; of one measure, of the four, of one town where asked for."""
    found = [
        _missing(one, line)
        for one in rows
        if not town or one.status.town.code == town
        for line in one.lines
        if not line.found.meets and _asked(line, measure)
    ]
    key = sort.removeprefix("-")
    if key == "name":
        found.sort(key=lambda row: row.of.kindergarten.name, reverse=sort.startswith("-"))
    elif key == "measure":
        found.sort(
            key=lambda row: (not row.line.measure.one_of_four, row.line.measure.position),
            reverse=sort.startswith("-"),
        )
    elif sort == "-town":
        found.sort(key=lambda row: row.of.status.town.code, reverse=True)
    return found


def _asked(line: Line, measure: str) -> bool:
    if measure == ALL_FOUR:
        return line.measure.one_of_four
    return not measure or line.measure.code == measure


def _missing(one: OfOne, line: Line) -> Missing:
    return Missing(one, line, words.why(line, one), words.beside(line, one))


def says_no(rows: Iterable[OfOne]) -> list[Missing]:
    """Met by evidence in force, and the newest return answers 否."""
    return [
        _missing(one, line)
        for one in rows
        for line in one.lines
        if line.beside is Beside.SAYS_NO
    ]  # fmt: skip


@dataclass(frozen=True)
class Expiring:
    of: OfOne
    line: Line
    days_left: int


def expiring(rows: Iterable[OfOne], day: dt.date, within: int) -> list[Expiring]:
    """Met today, and by nothing known after so many days; the first to end first."""
    found = [
        Expiring(one, line, (line.found.until - day).days)
        for one in rows
        for line in one.lines
        if line.found.until is not None and (line.found.until - day).days <= within
    ]
    return sorted(found, key=lambda row: row.days_left)


def ends_by_place(
    rows: Iterable[OfOne], level: Region.Level, day: dt.date, within: Sequence[int]
) -> list[tuple[Region, list[int]]]:
    """By the regions of a level how many end within each of the numbers of days."""
    return [
        (region, [len(expiring(here, day, days)) for days in within])
        for region, here in _by_place(rows, level)
    ]


@dataclass(frozen=True)
class GuardSum:
    """Guards of those of which all is known; `unknown`: kindergartens that are in no sum."""

    required: int
    present: int
    short: int
    lacking: int
    unknown: int


def guard_sum(rows: Sequence[OfOne]) -> GuardSum:
    """What one has too many fills no gap of another."""
    known = [one.guards for one in rows if one.guards.short is not None]
    return GuardSum(
        sum(one.required or 0 for one in known),
        sum(one.present or 0 for one in known),
        sum(one.short or 0 for one in known),
        sum(bool(one.short) for one in known),
        len(rows) - len(known),
    )


def guards_by_place(
    rows: Iterable[OfOne], level: Region.Level
) -> list[tuple[Region, int, GuardSum]]:
    """By the regions of a level how many kindergartens there are, and their guards."""
    return [(region, len(here), guard_sum(here)) for region, here in _by_place(rows, level)]


def by_gap(rows: Iterable[OfOne]) -> list[OfOne]:
    """Who lacks most guards first, then who cannot be computed, then the others."""
    return sorted(rows, key=lambda one: (-(one.guards.short or 0), one.guards.short is not None))
