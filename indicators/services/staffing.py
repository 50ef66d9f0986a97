"""Whether each kindergarten is fully staffed (配足配齐), by the standard in force where and when it
was counted. Frozen with its counts, like the classes that keep to their size.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from accounts.history.context import because
from accounts.models import Region
from indicators.models import KindergartenFacts
from staffing.standards.rules import HeadCount, fully_staffed, needs
from staffing.standards.selectors import Standards, terms_of

EVERY_KINDERGARTEN = "the portal itself judges all of them; nobody is told of one"
CHUNK = 1000


@dataclass(frozen=True)
class Staffed:
    """One kindergarten's counts with the place, day and length of day that choose its standard."""

    key: int
    town: int
    county: int
    city: int | None
    province: int
    day: dt.date
    half_day: bool
    counts_staff: bool
    children: int
    classes: int
    principals: int
    teachers: int
    carers: int
    health: int
    others: int

    @property
    def places(self) -> list[int]:
        """The nearest first."""
        above = (self.town, self.county, self.city, self.province)
        return list(dict.fromkeys(pk for pk in above if pk is not None))

    def head_count(self) -> HeadCount:
        """People of a kindergarten whose staff is not counted are not known, never none."""
        posts = (self.principals, self.teachers, self.carers, self.health)
        if not self.counts_staff:
            return HeadCount(self.children, self.classes, None, None, None, None, None)
        return HeadCount(self.children, self.classes, sum(posts) + self.others, *posts)


# The columns of KindergartenFacts that make one, in order.
STAFFED_FIELDS = (
    "pk", "town", "county", "city", "province", "filing_version__filing__period__reference_date",
    "half_day", "counts_staff", "enrolled_children", "classes", "principals", "full_time_teachers",
    "childcare_workers", "health_staff", "other_staff",
)  # fmt: skip


def staffed_of(facts: KindergartenFacts) -> Staffed:
    """Of a frozen row, read with its filing's period."""
    return Staffed(
        facts.pk, facts.town_id, facts.county_id, facts.city_id, facts.province_id,
        facts.filing_version.filing.period.reference_date, facts.half_day, facts.counts_staff,
        facts.enrolled_children, facts.classes, facts.principals, facts.full_time_teachers,
        facts.childcare_workers, facts.health_staff, facts.other_staff,
    )  # fmt: skip


def judge_staffing(counted: Iterable[Staffed]) -> dict[int, bool | None]:
    """By key: fully staffed, not, or None where nobody can say. One query, however many."""
    standards = Standards()
    return {
        one.key: fully_staffed(
            needs(
                terms_of(standards.of(one.places, one.day, half_day=one.half_day)),
                one.head_count(),
            )
        )
        for one in counted
    }


def judge_again(*, month: dt.date, county: Region | None = None) -> int:
    """Bring the verdicts of a month to the standards as they are entered now.

    For months frozen before their standard was entered, or after it was set right. A standard that
    begins later does not touch them. Returns how many kindergartens changed; figures are to be
    recomputed afterwards.
    """
    rows = (
        KindergartenFacts.objects.unscoped(EVERY_KINDERGARTEN)
        .current()
        .filter(month=month)
        .order_by("pk")
    )
    if county is not None:
        rows = rows.filter(county=county)
    # Read with the counts themselves: a return may be accepted while the rows are read.
    before: dict[int, bool | None] = {}

    def counted() -> Iterator[Staffed]:
        for was, *row in rows.values_list("fully_staffed", *STAFFED_FIELDS).iterator(CHUNK):
            staffed = Staffed(*row)
            before[staffed.key] = was
            yield staffed

    with transaction.atomic(), because("按现行标准重新判定"):
        judged = judge_staffing(counted())
        changed: dict[bool | None, list[int]] = defaultdict(list)
        for pk, verdict in judged.items():
            if before[pk] is not verdict:
                changed[verdict].append(pk)
        for verdict, keys in changed.items():
            rows.filter(pk__in=keys).update(fully_staffed=verdict)
    return sum(len(keys) for keys in changed.values())
