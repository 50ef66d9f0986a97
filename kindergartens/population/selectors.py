"""The population of a county's towns: one date with gaps and sums, and which figures lean on it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.access.scope import home_region
from accounts.history.sentences import Line, Subject, history_page
from accounts.history.tracking import TRACKED
from accounts.models import Region, User
from kindergartens.models import BirthCount, Population, ReportingPeriod
from kindergartens.population.rules import AGES, Forecast, SumCheck, forecast
from kindergartens.stamps import stamp_of_texts

Base = Population.Base
ALL_AGES = (2, 3, 4, 5, 6)
COPIES_READ = "copies of rows of a region whose population the person was found to enter"
PERIODS_READ = "months of a county whose population the person was found to see"


def counties_of(user: User) -> list[Region]:
    """Counties whose population the person may look at: the own one, or those of the own city."""
    home = home_region(user)
    if home is None:
        return []
    if home.level >= Region.Level.COUNTY:
        return [home.county or home]
    return list(
        Region.objects.within(home)
        .filter(level=Region.Level.COUNTY, is_active=True)
        .order_by("code")
    )


def regions_of(county: Region) -> list[Region]:
    """The county itself and its towns, in the order of their codes."""
    towns = Region.objects.filter(county=county, level=Region.Level.TOWN, is_active=True)
    return [county, *towns.order_by("code")]


def dates_of(county: Region) -> list[dt.date]:
    """Dates of which there is anything, the newest first."""
    return list(
        Population.objects.filter(region__in=[region.pk for region in regions_of(county)])
        .order_by("-reference_date")
        .values_list("reference_date", flat=True)
        .distinct()
    )


@dataclass(frozen=True)
class Row:
    """One region on a date: children by age, None where nobody has entered any."""

    region: Region
    children: Mapping[int, int]
    source: str
    before: int | None

    @property
    def total(self) -> int | None:
        """Three- to five-year-olds; None while an age is missing."""
        return rate_total(self.children)

    @property
    def change(self) -> int | None:
        return None if self.total is None or self.before is None else self.total - self.before

    @property
    def cells(self) -> list[tuple[int, int | None]]:
        """(age, children) of every age, None where there are none entered."""
        return [(age, self.children.get(age)) for age in ALL_AGES]


def rate_total(children: Mapping[int, int]) -> int | None:
    if any(age not in children for age in AGES):
        return None
    return sum(children[age] for age in AGES)


@dataclass(frozen=True)
class Table:
    """One county, date and base. `missing` are towns without all three ages."""

    county: Row
    towns: list[Row]
    missing: list[Region]
    sums: SumCheck
    before: dt.date | None


def table(county: Region, *, day: dt.date, base: str, dates: Sequence[dt.date]) -> Table:
    """Two queries, whatever the number of towns."""
    regions = regions_of(county)
    before = max((other for other in dates if other < day), default=None)
    found: dict[tuple[int, dt.date], dict[int, int]] = defaultdict(dict)
    sources: dict[int, str] = {}
    rows = Population.objects.filter(
        region__in=[region.pk for region in regions],
        base=base,
        reference_date__in=[day] + ([before] if before else []),
    ).values_list("region", "reference_date", "age", "children", "source")
    for region, of_day, age, children, source in rows:
        found[region, of_day][age] = children
        if of_day == day:
            sources[region] = source
    made = [
        Row(
            region,
            found.get((region.pk, day), {}),
            sources.get(region.pk, ""),
            rate_total(found.get((region.pk, before), {})) if before else None,
        )
        for region in regions
    ]
    towns = made[1:]
    missing = [row.region for row in towns if row.total is None]
    known = [row.total for row in towns if row.total is not None]
    return Table(
        county=made[0],
        towns=towns,
        missing=missing,
        sums=SumCheck(sum(known) if known else None, made[0].total, len(missing)),
        before=before,
    )


@dataclass(frozen=True)
class Entered:
    """What is entered of one region, date and base: children by age, and where they come from."""

    children: Mapping[int, int]
    source: str

    @property
    def stamp(self) -> str:
        """Digest of it all; another stamp: somebody changed a value since."""
        texts = {str(age): str(children) for age, children in self.children.items()}
        return stamp_of_texts({**texts, "source": self.source})


def entered(region: Region, *, day: dt.date, base: str) -> Entered:
    rows = list(
        Population.objects.filter(region=region, reference_date=day, base=base).order_by("age")
    )
    return Entered({row.age: row.children for row in rows}, next((row.source for row in rows), ""))


def last_change(region: Region, *, day: dt.date, base: str) -> Line | None:
    """Who changed one of these values last, and when; a value taken away counts too."""
    copies = TRACKED[Population].copies(COPIES_READ)
    rows = copies.filter(region=region, reference_date=day, base=base)
    lines = history_page([Subject(Population, rows.values("pgh_obj_id"))], None).object_list
    return next(iter(lines), None)


@dataclass(frozen=True)
class Affected:
    """A month whose gross enrolment rate leans on population that changed, and of which regions."""

    month: dt.date
    locked: bool
    regions: list[Region]


def months_affected(
    county: Region, moved: Iterable[tuple[Region, dt.date, str]], *, now: dt.datetime
) -> list[Affected]:
    """Months whose rate uses a row that changed: the newest date on or before the statistical date.

    A month with a newer population than the one that changed leans on that and stays.
    """
    changed = set(moved)
    if not changed:
        return []
    first = min(day for _, day, _ in changed)
    periods = (
        ReportingPeriod.objects.unscoped(PERIODS_READ)
        .filter(county=county, reference_date__gte=first, opens_at__lte=now)
        .order_by("month")
    )
    regions = {region.pk: region for region, _, _ in changed}
    days: dict[tuple[int, str], list[dt.date]] = defaultdict(list)
    for region, base, day in (
        Population.objects.filter(region__in=regions)
        .values_list("region", "base", "reference_date")
        .distinct()
    ):
        days[region, base].append(day)
    found = []
    for period in periods:
        using = {
            region.pk
            for region, day, base in changed
            if day <= period.reference_date
            and not any(day < other <= period.reference_date for other in days[region.pk, base])
        }
        if using:
            found.append(
                Affected(
                    period.month,
                    now >= period.locks_at,
                    sorted((regions[key] for key in using), key=lambda region: region.code),
                )
            )
    return found


@dataclass(frozen=True)
class ForecastRow:
    region: Region
    forecasts: list[Forecast]


def forecasts(
    county: Region, *, base: str, years: Sequence[int]
) -> tuple[list[ForecastRow], list[int]]:
    """Of the county and each town the coming school years' children; and the years of births known."""
    regions = regions_of(county)
    births: dict[int, dict[int, int]] = defaultdict(dict)
    known: set[int] = set()
    for region, year, children in BirthCount.objects.filter(
        region__in=[region.pk for region in regions], base=base
    ).values_list("region", "year", "children"):
        births[region][year] = children
        known.add(year)
    return [
        ForecastRow(region, [forecast(births[region.pk], school_year=year) for year in years])
        for region in regions
    ], sorted(known)
