"""How far fees are published in a region, and what care and education costs there: two queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Sum

from accounts.models import Region, User
from fees.models import Entrants, FeeHours, FeeItem, FeeScope, FeeUnit, ScheduledFee
from kindergartens.models import Kindergarten, KindergartenStatus

# From a kindergarten to the place of a level it lies in.
PLACES = {
    Region.Level.CITY: "organisation__region__city",
    Region.Level.COUNTY: "organisation__region__county",
    Region.Level.TOWN: "organisation__region",
}


@dataclass
class Prices:
    """保教费 of the kindergartens of one 办园性质 that have a monthly one for all children.

    `yuan` is the sum of one amount a kindergarten, in yuan a child and month.
    """

    kindergartens: int = 0
    yuan: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal | None:
        """平均保教费, each kindergarten once; None where none has one."""
        return self.yuan / self.kindergartens if self.kindergartens else None


@dataclass
class Figures:
    """Kindergartens that run on the day; those with a line in force; those of whose lines each has
    been published by then (fees.rules.published_by). `prices` by 办园性质.
    """

    kindergartens: int = 0
    with_schedule: int = 0
    published: int = 0
    prices: dict[str, Prices] = field(
        default_factory=lambda: {code: Prices() for code in KindergartenStatus.Ownership.values}
    )

    @property
    def published_share(self) -> Decimal | None:
        """公示率: all published ÷ running, since each has to publish (学前教育法 Art 69); one without
        a schedule has published nothing. None where none runs.
        """
        return Decimal(self.published) / self.kindergartens if self.kindergartens else None

    @property
    def by_ownership(self) -> list[tuple[str, Prices]]:
        """Each 办园性质 in words, with its prices."""
        return [(word, self.prices[code]) for code, word in KindergartenStatus.Ownership.choices]

    def add(self, row: Mapping[str, Any]) -> None:
        self.kindergartens += row["kindergartens"]
        self.with_schedule += row["with_schedule"]
        self.published += row["all_published"]
        price = self.prices[row["ownership"]]
        price.kindergartens += row["priced"]
        price.yuan += row["yuan"] or 0


@dataclass(frozen=True)
class Overview:
    """Of a region, and of each place of the level below that has a kindergarten, by code."""

    whole: Figures
    places: list[tuple[Region, Figures]]


def overview(user: User, region: Region, day: dt.date) -> Overview:
    """On a day. Two queries, whatever the area."""
    level = Region.Level(min(region.level + 1, Region.Level.TOWN))
    whole = Figures()
    below: dict[int, Figures] = {}
    for row in _rows(user, region, day, PLACES[level]):
        whole.add(row)
        below.setdefault(row["place"], Figures()).add(row)
    if region.level >= Region.Level.TOWN:
        return Overview(whole, [])
    regions = Region.objects.filter(pk__in=below).order_by("code")
    return Overview(whole, [(one, below[one.pk]) for one in regions])


def _rows(user: User, region: Region, day: dt.date, place: str) -> Any:
    """By place and 办园性质."""
    status = KindergartenStatus.objects.unscoped("of kindergartens in hand").on(day)
    running = status.filter(
        kindergarten=OuterRef("pk"),
        operating_state=KindergartenStatus.OperatingState.OPERATING,
    )
    lines = (
        ScheduledFee.objects.unscoped("of kindergartens in hand")
        .on(day)
        .filter(kindergarten=OuterRef("pk"))
    )
    price = (
        lines.filter(
            item=FeeItem.CARE_EDUCATION, unit=FeeUnit.MONTH, scope=FeeScope.ALL,
            hours__in=[FeeHours.ANY, FeeHours.FULL_DAY], entrants=Entrants.ALL,
        )
        .order_by()
        .values("kindergarten")
        .annotate(most=Max("amount"))
        .values("most")
    )  # fmt: skip
    return (
        Kindergarten.objects.visible_to(user)
        .filter(organisation__region__in=Region.objects.within(region))
        .annotate(
            ownership=Subquery(running.values("ownership")[:1]),
            charges=Exists(lines),
            waits=Exists(lines.unpublished_by(day)),
            price=Subquery(price),
            place=F(place),
        )
        .filter(ownership__isnull=False)
        .order_by()
        .values("place", "ownership")
        .annotate(
            kindergartens=Count("pk"),
            with_schedule=Count("pk", filter=Q(charges=True)),
            all_published=Count("pk", filter=Q(charges=True, waits=False)),
            priced=Count("price"),
            yuan=Sum("price"),
        )
    )
