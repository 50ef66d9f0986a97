"""Who is missing where (人员缺口): accepted returns against the standard in force, in people.

Derived from frozen counts on every page; nothing of it is stored. However many kindergartens, the
returns and the standards are one query each, and of a region only its sums are held.
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
from indicators.services.staffing import STAFFED_FIELDS, Staffed, staffed_of
from kindergartens.models import Kindergarten
from kindergartens.models.record import MealService
from staffing.models import Appointment
from staffing.standards.rules import (
    ASKED,
    DEMAND_OF,
    Meals,
    Need,
    Post,
    Standing,
    fully_staffed,
    needs,
)
from staffing.standards.selectors import Rows, Standards, terms_of
from staffing.standards.sums import PostSum, StaffSums, teachers_of_county
from staffing.standards.terms import Demand

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


@dataclass
class Area:
    """A region with its kindergartens summed. `facts` say how many returns are counted."""

    region: Region
    facts: RegionFacts | None
    counts: StaffSums = field(default_factory=StaffSums)
    # The sets of standards its kindergartens were held against, each once.
    standards: list[Rows] = field(default_factory=list)

    @property
    def sums(self) -> list[PostSum]:
        return list(self.counts.posts.values())

    def bases(self, post: Post) -> list[str]:
        """Documents and clauses by which the post is counted here, each once."""
        rows = (standard.get(DEMAND_OF[post]) for standard in self.standards)
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


@dataclass(frozen=True)
class Row:
    """One counted return, as narrow as sums need it, with what the registry says of the place."""

    staffed: Staffed
    nursery: int
    boarding: bool | None
    meals: str


def stream(region: Region, month: dt.date) -> Iterator[Row]:
    """The region's counted returns, a chunk in memory at a time."""
    rows = counted(region, month).select_related(None).order_by()
    for row in rows.values_list(
        "nursery_children", "kindergarten__boarding", "kindergarten__meal_service", *STAFFED_FIELDS,
    ).iterator(CHUNK):  # fmt: skip
        nursery, boarding, meals, *staffed = row
        yield Row(Staffed(*staffed), nursery, boarding, meals)


def area(region: Region, month: dt.date) -> tuple[Area, list[Area]]:
    """The region, and the regions right below it in the order of their codes (of a town none)."""
    sums: dict[int, StaffSums] = defaultdict(StaffSums)
    # The sets of standards that were met in each part, by identity.
    met: dict[int, dict[int, Rows]] = defaultdict(dict)
    standards = Standards()
    for row in stream(region, month):
        asked, found = held_against(row, standards, row.staffed.day)
        part = _child_of(region, row.staffed)
        met[part][id(asked)] = asked
        sums[part].add_return(found, row.staffed.head_count())
    kept = RegionFacts.objects.unscoped(REGION_CHECKED).filter(month=month).select_related("region")
    whole = Area(region, kept.filter(region=region).first())
    every: dict[int, Rows] = {}
    for part, counts in sums.items():
        whole.counts.add_sums(counts)
        every |= met[part]
    whole.standards = list(every.values())
    if region.level == Region.Level.TOWN:
        return whole, []
    below = kept.filter(region__parent=region, expected__gt=0).order_by("region__code")
    return whole, [
        Area(one.region, one, sums[one.region_id], list(met[one.region_id].values()))
        for one in below
    ]


def gardens(region: Region, month: dt.date) -> list[Garden]:
    """The kindergartens of a region themselves: for the list of a town."""
    return gardens_of(counted(region, month))


def county_teachers(whole: Area, day: dt.date) -> CountyTeachers | None:
    """None for other than a county, and where no document asks for it."""
    region = whole.region
    if region.level != Region.Level.COUNTY:
        return None
    places = [pk for pk in (region.pk, region.city_id, region.province_id) if pk is not None]
    row = Standards().of(places, day, half_day=False).get(Demand.TEACHERS_OF_COUNTY)
    if row is None or row.most is None:
        return None
    children, teachers = whole.counts.children, whole.counts.teachers
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


@dataclass(frozen=True)
class Rostered:
    """Who is on the roster of a kindergarten on a day, each person once a line.

    `leading`: by class and post (专任教师、保育员), how many lead it (所带班级).
    """

    people: dict[Post, int]
    leading: dict[tuple[str, str], int]


def on_roster(user: User, kindergarten: Kindergarten, day: dt.date) -> Rostered:
    """One query. Cooks and guards, whom no return counts, are known by their duty."""
    held = (
        Appointment.objects.visible_to(user)
        .held_on(day)
        .filter(kindergarten=kindergarten)
        .values_list("post", "duty", "person", "class_led")
    )
    people: dict[Post, set[int]] = {post: set() for post in ROSTER_POSTS}
    leading: dict[tuple[str, str], set[int]] = defaultdict(set)
    for post, duty, person, class_led in held:
        if class_led:
            leading[class_led, post].add(person)
        for line, (posts, duties) in ROSTER_POSTS.items():
            if (not posts or post in posts) and (not duties or duty in duties):
                people[line].add(person)
    return Rostered(
        {line: len(found) for line, found in people.items()},
        {key: len(found) for key, found in leading.items()},
    )


# Posts and duties of the roster that make up a line; nothing named stands for all of them.
ROSTER_POSTS: dict[Post, tuple[frozenset[str], frozenset[str]]] = {
    Post.STAFF: (frozenset(), frozenset()),
    Post.CARE_TEACHING: (frozenset({"full_time_teacher", "childcare_worker"}), frozenset()),
    Post.TEACHER: (frozenset({"full_time_teacher"}), frozenset()),
    Post.CARER: (frozenset({"childcare_worker"}), frozenset()),
    Post.HEALTH: (frozenset({"health_staff"}), frozenset()),
    Post.PRINCIPAL: (frozenset({"principal"}), frozenset()),
    Post.COOK: (frozenset(), frozenset({"cook"})),
    Post.GUARD: (frozenset(), frozenset({"guard"})),
}


def _child_of(region: Region, staffed: Staffed) -> int:
    if region.level >= Region.Level.COUNTY:
        return staffed.town
    # Counties right below a province (直辖市) have no city between.
    if staffed.city is None or staffed.city == region.pk:
        return staffed.county
    return staffed.city


def _garden(facts: KindergartenFacts, standards: Standards) -> Garden:
    place = facts.kindergarten
    row = Row(staffed_of(facts), facts.nursery_children, place.boarding, place.meal_service)
    return Garden(facts, *held_against(row, standards, row.staffed.day))


def held_against(row: Row, standards: Standards, day: dt.date) -> tuple[Rows, list[Need]]:
    """With what the registry says of boarding and meals; neither says how many cooks there are."""
    staffed, counts = row.staffed, row.staffed.head_count()
    everybody = None
    if counts.staff is not None:
        everybody = staffed.children + row.nursery + counts.staff
    known = replace(
        counts,
        everybody=everybody,
        boarding_classes=0 if row.boarding is False else None,
        meals=MEALS.get(row.meals),
    )
    rows = standards.of(staffed.places, day, half_day=staffed.half_day)
    return rows, needs(terms_of(rows), known)
