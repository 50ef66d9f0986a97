"""What another standard would do to a county's kindergartens, before anybody saves it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.models import KindergartenFacts
from kindergartens.models import ReportingPeriod
from reports.staffing.selectors import held_against, stream
from staffing.models import StaffingStandard
from staffing.standards.rules import DEMAND_OF, Post, fully_staffed
from staffing.standards.selectors import Standards, with_another
from staffing.standards.sums import PostSum, StaffSums
from staffing.standards.terms import Demand


@dataclass(frozen=True)
class Effect:
    """Of the returns counted in `month`, as they would stand on the new row's first day.

    `falling` were fully staffed (配足配齐) and would not be, `rising` the other way about; `unknown`
    those of which one cannot, or could no more, be said. `posts` are (before, after) of the posts
    the row speaks of.
    """

    month: dt.date
    kindergartens: int
    falling: int
    rising: int
    unknown: int
    before: StaffSums
    after: StaffSums
    posts: list[tuple[PostSum, PostSum]]
    judged_again: list[dt.date]

    @property
    def changed(self) -> int:
        return self.falling + self.rising + self.unknown


def newest_month(county: Region) -> dt.date | None:
    return (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .current()
        .filter(county=county)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )


def months_judged_again(county: Region, since: dt.date, now: dt.datetime) -> list[dt.date]:
    """Months that are not locked and whose statistical date the row reaches, the earliest first.

    What is locked was reported: it keeps the verdict it was frozen with.
    """
    return list(
        ReportingPeriod.objects.unscoped(REGION_CHECKED)
        .filter(county=county, reference_date__gte=since, opens_at__lte=now, locks_at__gt=now)
        .order_by("month")
        .values_list("month", flat=True)
    )


def effect_of(standard: StaffingStandard, county: Region, now: dt.datetime) -> Effect | None:
    """None while no return of the county is counted. The row names its place and its first day."""
    month, day = newest_month(county), standard.valid_from
    if month is None or day is None:
        return None
    old, new = Standards(), with_another(standard)
    before, after = StaffSums(), StaffSums()
    falling = rising = unknown = 0
    for row in stream(county, month):
        verdicts = []
        for standards, sums in ((old, before), (new, after)):
            _, found = held_against(row, standards, day)
            sums.add_return(found, row.staffed.head_count())
            verdicts.append(fully_staffed(found))
        was, would_be = verdicts
        if was is not would_be:
            falling += was is True and would_be is False
            rising += was is False and would_be is True
            unknown += was is None or would_be is None
    demand = Demand(standard.demand)
    return Effect(
        month=month,
        kindergartens=before.kindergartens,
        falling=falling,
        rising=rising,
        unknown=unknown,
        before=before,
        after=after,
        posts=[
            (before.posts[post], after.posts[post])
            for post in Post
            if DEMAND_OF[post] is demand and after.posts[post].kindergartens
        ],
        judged_again=months_judged_again(county, day, now),
    )
