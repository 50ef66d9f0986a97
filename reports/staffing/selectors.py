"""Who is missing where (人员缺口): accepted returns against the standard in force, in people.

Derived from frozen counts on every page; nothing of it is stored. However many kindergartens, the
returns and the standards are one query each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db.models import QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.exports import CHUNK
from accounts.models import Region, User
from indicators.models import KindergartenFacts, RegionFacts
from indicators.services.staffing import staffed_of
from kindergartens.models import Kindergarten
from kindergartens.models.record import MealService
from staffing.standards.rules import (
    ASKED,
    DEMAND_OF,
    Demand,
    HeadCount,
    Meals,
    Need,
    Post,
    PostSum,
    Standing,
    fully_staffed,
    needs,
    sum_of,
    teachers_of_county,
)
from staffing.standards.selectors import Rows, Standards, terms_of

MEALS: dict[str, Meals | None] = {
    "": None,
    MealService.NONE: Meals.NONE,
    MealService.DELIVERED: Meals.NONE,
    MealService.ONE_MEAL: Meals.FEWER,
    MealService.TWO_MEALS: Meals.FEWER,
    MealService.THREE_MEALS: Meals.FULL,
}


@dataclass(frozen=True)
class Garden:
    """One kindergarten's counted return against the standard of its place and that day."""

    facts: KindergartenFacts
    standard: Rows
    needs: list[Need]

    @property
    def fully_staffed(self) -> bool | None:
        return fully_staffed(self.needs)

    @property
    def verdict(self) -> Standing:
        """配足配齐 in one of the verdicts."""
        if self.fully_staffed is None:
            return Standing.UNAVAILABLE
        return Standing.MET if self.fully_staffed else Standing.SHORT

    @property
    def short(self) -> int:
        """For the order of lists: of its worst line; lines overlap and are never added."""
        return max((need.short or 0 for need in self.needs if need.post in ASKED), default=0)


@dataclass(frozen=True)
class Area:
    """A region with its kindergartens summed. `facts` say how many returns are counted."""

    region: Region
    facts: RegionFacts | None
    gardens: list[Garden] = field(default_factory=list)

    @property
    def sums(self) -> list[PostSum]:
        return [
            sum_of(post, (need for garden in self.gardens for need in garden.needs))
            for post in Post
        ]

    @property
    def fully(self) -> int:
        return sum(garden.fully_staffed is True for garden in self.gardens)

    @property
    def judged(self) -> int:
        return sum(garden.fully_staffed is not None for garden in self.gardens)

    def bases(self, post: Post) -> list[str]:
        """Documents and clauses by which the post is counted here, each once."""
        rows = (garden.standard.get(DEMAND_OF[post]) for garden in self.gardens)
        return list(dict.fromkeys(row.basis for row in rows if row is not None))


@dataclass(frozen=True)
class CountyTeachers:
    """专任教师与在园幼儿之比 of a whole county: Σ children ÷ Σ teachers against one limit."""

    children: int
    teachers: int
    required: int | None
    short: int | None
    most: int
    basis: str


def counted(region: Region, month: dt.date) -> QuerySet[KindergartenFacts]:
    """The returns counted in a region, with all that a line needs; not read yet."""
    return (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .in_region(region)
        .current()
        .filter(month=month, counts_enrolment=True)
        .select_related("kindergarten", "town", "county", "city", "filing_version__filing__period")
        .order_by("town__code", "kindergarten__code")
    )


def gardens_of(rows: Iterable[KindergartenFacts]) -> list[Garden]:
    standards = Standards()
    return [_garden(facts, standards) for facts in rows]


def gardens_one_by_one(region: Region, month: dt.date) -> Iterator[Garden]:
    """For a file: a chunk of them is read at a time."""
    standards = Standards()
    rows = counted(region, month).iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        for facts in chunk:
            yield _garden(facts, standards)


def area(region: Region, month: dt.date) -> Area:
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month=month).first()
    return Area(region, facts, gardens_of(counted(region, month)))


def below(whole: Area, month: dt.date) -> list[Area]:
    """The regions right below with their share of the kindergartens, in the order of their codes."""
    region = whole.region
    by_region: dict[int, list[Garden]] = defaultdict(list)
    for garden in whole.gardens:
        by_region[_child_of(region, garden.facts)].append(garden)
    rows = (
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region__parent=region, month=month, expected__gt=0)
        .select_related("region")
        .order_by("region__code")
    )
    return [Area(facts.region, facts, by_region.get(facts.region_id, [])) for facts in rows]


def county_teachers(whole: Area, day: dt.date) -> CountyTeachers | None:
    """None for other than a county, and where no document asks for it."""
    region = whole.region
    if region.level != Region.Level.COUNTY:
        return None
    places = [pk for pk in (region.pk, region.city_id, region.province_id) if pk is not None]
    row = Standards().of(places, day, half_day=False).get(Demand.TEACHERS_OF_COUNTY)
    if row is None or row.most is None:
        return None
    staffed = [garden.facts for garden in whole.gardens if garden.facts.counts_staff]
    children = sum(facts.enrolled_children for facts in staffed)
    teachers = sum(facts.full_time_teachers for facts in staffed)
    required, short = teachers_of_county(row.terms, children, teachers)
    return CountyTeachers(children, teachers, required, short, row.most, row.basis)


def garden_of(user: User, kindergarten: Kindergarten, month: dt.date | None) -> Garden | None:
    """A kindergarten's counted return of a month, or its newest, if the person may see it."""
    rows = (
        KindergartenFacts.objects.visible_to(user)
        .current()
        .filter(kindergarten=kindergarten)
        .select_related("kindergarten", "town", "county", "city", "filing_version__filing__period")
    )
    if month is not None:
        rows = rows.filter(month=month)
    found = gardens_of(rows.order_by("-month")[:1])
    return found[0] if found else None


def _child_of(region: Region, facts: KindergartenFacts) -> int:
    if region.level == Region.Level.COUNTY:
        return facts.town_id
    # Counties right below a province (直辖市) have no city between.
    return facts.county_id if facts.county.parent_id == region.pk else facts.city_id


def _garden(facts: KindergartenFacts, standards: Standards) -> Garden:
    staffed = staffed_of(facts)
    rows = standards.of(staffed.places, staffed.day, half_day=staffed.half_day)
    return Garden(facts, rows, needs(terms_of(rows), _as_known(facts, staffed.head_count())))


def _as_known(facts: KindergartenFacts, counts: HeadCount) -> HeadCount:
    """With what the registry says of boarding and meals; neither says how many cooks there are."""
    everybody = None
    if facts.counts_staff:
        everybody = facts.enrolled_children + facts.nursery_children + facts.staff
    return replace(
        counts,
        everybody=everybody,
        boarding_classes=0 if facts.kindergarten.boarding is False else None,
        meals=MEALS.get(facts.kindergarten.meal_service),
    )
