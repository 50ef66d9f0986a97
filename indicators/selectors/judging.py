"""Which targets judge a region on a day, and how its figures stand to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Max, Q, Subquery

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.models import RegionFacts, Target
from indicators.rules import Counts, Outlook, Ruling, Verdict, judge, worst
from indicators.selectors.region_sums import value_in
from indicators.selectors.withholding import sums_are_told, told
from indicators.targets.rules import Progress, Start, progress
from kindergartens.models import ReportingPeriod
from kindergartens.rules import last_day

LEVEL_NAMES = {
    Region.Level.PROVINCE: "province",
    Region.Level.CITY: "city",
    Region.Level.COUNTY: "county",
    Region.Level.TOWN: "town",
}


@dataclass(frozen=True)
class Judgement:
    """A figure against one target: what is demanded by which document, and how it stands.

    `progress` is the way to the target's by-date; None where it has none.
    """

    target: Target
    title: str
    document_number: str
    clause: str
    verdict: Verdict
    gap: int | None
    surplus: int | None
    close: bool
    progress: Progress | None = None


@dataclass
class MonthContext:
    """What all figures of a screen share, read once."""

    month: dt.date
    reference_date: dt.date | None
    previous_month: dt.date | None
    targets: list[Target] = field(default_factory=list)
    # By region and first day of a document, the first sums since then: where its by-dates start.
    starts: Mapping[tuple[int, dt.date], RegionFacts] = field(default_factory=dict)
    # Asked of every figure of a screen: which targets name a level is worked out once.
    _named: dict[str, list[Target]] = field(default_factory=dict, init=False, compare=False)

    @property
    def day(self) -> dt.date:
        """The day on which the month's figures are judged."""
        return judging_day(self.month, self.reference_date)

    def start_of(self, indicator: Indicator, region: Region, target: Target) -> Start | None:
        """The first figure since the target's document began; None where there is none."""
        begins = target.begins_on
        facts = begins and self.starts.get((region.pk, begins))
        if not facts:
            return None
        return Start(last_day(facts.month), value_in(indicator, facts))

    def way_of(
        self, indicator: Indicator, region: Region, value: Decimal | None
    ) -> Callable[[Target, bool], Progress | None]:
        """How far a region's value is on its way to a target's by-date, once it is judged."""

        def way(target: Target, met: bool) -> Progress | None:
            if target.by_date is None:
                return None
            return progress(
                operator=target.operator,
                target=target.value,
                by_date=target.by_date,
                value=value,
                met=met,
                start=self.start_of(indicator, region, target),
                today=self.day,
            )

        return way

    def targets_at(self, level: str) -> list[Target]:
        """Targets that name a level, without those that a newer document replaced."""
        if level not in self._named:
            named = [target for target in self.targets if level in target.levels]
            self._named[level] = [
                t for t in named if not any(t.is_replaced_by(other, self.day) for other in named)
            ]
        return self._named[level]

    def targets_for(self, region: Region) -> list[Target]:
        """Targets that judge a region: of documents that cover it and name its level.

        Only towns and townships are judged at town level; street offices and zones are not.
        """
        level = Region.Level(region.level)
        if level is Region.Level.TOWN and not region.is_township:
            return []
        places = {None, *ancestor_ids(region)}
        return [t for t in self.targets_at(LEVEL_NAMES[level]) if t.policy.region_id in places]


def judging_day(month: dt.date, reference_date: dt.date | None) -> dt.date:
    """The day whose targets judge a month: its statistical date, or its last where it has none."""
    return reference_date or last_day(month)


def ancestor_ids(region: Region) -> set[int]:
    """The region and all above it."""
    above = (region.pk, region.county_id, region.city_id, region.province_id)
    return {pk for pk in above if pk is not None}


def reference_date(region: Region, month: dt.date) -> dt.date | None:
    """The statistical date of a month (of several counties, the latest); None without a period."""
    county = region.county_id or region.pk
    within = Q(county=county)
    if region.level < Region.Level.COUNTY:
        within = Q(**{f"county__{Region.ANCESTOR_FIELD[Region.Level(region.level)]}": region.pk})
    latest = (
        ReportingPeriod.objects.unscoped(REGION_CHECKED)
        .filter(within, month=month)
        .aggregate(latest=Max("reference_date"))
    )
    return latest["latest"]


def month_context(
    region: Region, month: dt.date, codes: Iterable[str], *, children: bool = False
) -> MonthContext:
    day = reference_date(region, month)
    covering = Q(policy__region__isnull=True) | Q(policy__region__in=ancestor_ids(region))
    if children:
        covering |= Q(policy__region__parent=region.pk)
    targets = (
        Target.objects.in_force(judging_day(month, day))
        .filter(covering, indicator__in=list(codes))
        .select_related("policy__region")
        .order_by("policy__region__level", "policy__slug", "pk")
    )
    earlier = (
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region=region, month__lt=month)
        .aggregate(newest=Max("month"))
    )
    chosen = list(targets)
    whose = Q(region__parent=region) if children else Q(region=region)
    begun = starts(region, month, chosen, whose)
    return MonthContext(month, day, earlier["newest"], chosen, begun)


def starts(
    region: Region, month: dt.date, targets: Iterable[Target], whose: Q
) -> dict[tuple[int, dt.date], RegionFacts]:
    """First sums of the regions `whose` since each document with by-dates began.

    That month is the region's own first, so that all below it start together. One query, none
    without a by-date.
    """
    begun = {t.begins_on for t in targets if t.by_date and t.begins_on}
    if not begun:
        return {}
    rows = RegionFacts.objects.unscoped(REGION_CHECKED)
    months = {
        begins: rows.filter(region=region, month__gte=begins.replace(day=1), month__lt=month)
        .order_by("month")
        .values("month")[:1]
        for begins in begun
    }
    where = Q(pk__in=[])
    for first in months.values():
        where |= Q(month=Subquery(first))
    found: dict[tuple[int, dt.date], RegionFacts] = {}
    for row in rows.filter(whose, where).order_by("-month"):
        for begins in begun:
            if row.month >= begins.replace(day=1):
                found[row.region_id, begins] = row
    return found


def judgements(
    indicator: Indicator,
    counts: Counts,
    targets: Iterable[Target],
    ahead: Outlook,
    on_the_way: Callable[[Target, bool], Progress | None] = lambda target, met: None,
    *,
    level: int = Region.Level.COUNTY,
) -> list[Judgement]:
    """`on_the_way` says how far it is to a target's by-date, given whether it is met. Where a place
    of the `level` tells no sums, nor is told how much is short: the ratio would lead to them.
    """
    counts, has_sums = told(indicator, counts), sums_are_told(indicator, level)
    found = []
    for target in targets:
        if target.indicator != indicator.code:
            continue
        ruling: Ruling = judge(indicator, counts, target.operator, target.value, ahead)
        found.append(
            Judgement(
                target=target,
                title=target.policy.title,
                document_number=target.policy.document_number,
                clause=target.clause,
                verdict=ruling.verdict,
                gap=ruling.gap if has_sums else None,
                surplus=ruling.surplus if has_sums else None,
                close=ruling.close,
                progress=on_the_way(target, ruling.verdict in (Verdict.MET, Verdict.NEAR)),
            )
        )
    return found


def leading(found: list[Judgement]) -> Judgement | None:
    """The worst verdict; among equals the widest gap, or the smallest surplus."""
    verdict = worst(j.verdict for j in found)
    alike = [j for j in found if j.verdict == verdict]
    return max(alike, key=lambda j: (j.gap or 0, -(j.surplus or 0)), default=None)
