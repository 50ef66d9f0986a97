"""Figures of a region and of the regions below it, judged by the targets in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Max, Q, Subquery

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.aggregates.answers import Answer
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator, Kind
from indicators.models import RegionFacts, Target
from indicators.rules import (
    Counts,
    Outlook,
    Ruling,
    Verdict,
    change,
    counts_of,
    judge,
    value_of,
    worst,
)
from indicators.targets.rules import Combined, Progress, Start, combined, progress
from kindergartens.models import Group, GroupMember, ReportingPeriod
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


@dataclass(frozen=True)
class Figure:
    """One indicator of one region and month, with everything that is printed beside it.

    `value` is unrounded: a fraction for shares, children per person for ratios. `denominator` is
    None of a count, too. `change` is the difference to `previous` in the same unit. `indicator` is
    the definition that holds for the month. `reason` says why there is no value.
    """

    indicator: Indicator
    region: Region
    month: dt.date
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    verdicts: list[Judgement]
    leading: Judgement | None
    expected: int
    filed: int
    accepted: int
    provisional: bool
    base: str
    computed_at: dt.datetime | None
    reference_date: dt.date | None
    previous: Decimal | None = None
    previous_month: dt.date | None = None
    change: Decimal | None = None
    reason: str = ""
    # Of two averages, the people each is divided by; else None.
    numerator_heads: int | None = None
    denominator_heads: int | None = None
    # Where it is not made of returns of the portal: the published table it was taken from, in words
    # and with everything it says.
    source: str = ""
    aggregate: Answer | None = None

    @property
    def verdict(self) -> str:
        """The code of the leading verdict; "not_judged" where no target applies."""
        return str(self.leading.verdict) if self.leading else "not_judged"


@dataclass(frozen=True)
class RegionRow:
    """One region of a list, with its figures in the order asked for."""

    region: Region
    facts: RegionFacts
    figures: list[Figure]
    group_name: str = ""


@dataclass(frozen=True)
class TrendPoint:
    month: dt.date
    value: Decimal | None
    provisional: bool
    reported: bool
    source: str = ""  # of a published table; empty of the portal's own returns


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
        return self.reference_date or last_day(self.month)

    def start_of(self, indicator: Indicator, region: Region, target: Target) -> Start | None:
        """The first figure since the target's document began; None where there is none."""
        begins = target.begins_on
        facts = begins and self.starts.get((region.pk, begins))
        if not facts:
            return None
        return Start(last_day(facts.month), _value(indicator, facts))

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
            day = self.reference_date or self.month
            named = [target for target in self.targets if level in target.levels]
            self._named[level] = [
                t for t in named if not any(t.is_replaced_by(other, day) for other in named)
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
        Target.objects.in_force(day or month)
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


def region_sums(facts: RegionFacts, names: Iterable[str] | None = None) -> dict[str, int | None]:
    """Named sums of a region (None: all); those of returns are missing while no kindergarten is
    counted.
    """
    nothing_counted = facts.kindergartens == 0
    return {
        name: None if nothing_counted and name not in OF_THE_PLACE else getattr(facts, name)
        for name in (SUM_NAMES if names is None else names)
    }


_RULES = [rule for indicator in INDICATORS.values() for rule in indicator.rules]
SUM_NAMES = {name for rule in _RULES for name in rule.sums}
POPULATION_SUMS = {"resident_population_3_5", "registered_population_3_5"}
# Known of a place whether or not a return of its kindergartens is counted.
OF_THE_PLACE = POPULATION_SUMS | {
    name for rule in _RULES if not rule.of_returns for name in rule.sums
}


def outlook(indicator: Indicator, facts: RegionFacts) -> Outlook:
    """What the kindergartens not counted yet could add to this indicator."""
    if indicator.denominator == ("expected",):
        # A return that has not come can still come.
        return Outlook(facts.expected - facts.filed)
    if not indicator.of_returns:
        return Outlook()

    def pending(names: tuple[str, ...]) -> int:
        return sum(getattr(facts, f"pending_{n}") for n in names if n not in POPULATION_SUMS)

    of_averages = indicator.of_averages
    return Outlook(
        numerator=pending((*indicator.numerator, *indicator.undecided))
        + sum(getattr(facts, name) for name in indicator.undecided),
        denominator=pending(indicator.denominator),
        unknown_kindergartens=max(0, facts.expected - facts.accepted - facts.pending_kindergartens),
        numerator_heads=pending((indicator.numerator_heads,)) if of_averages else 0,
        denominator_heads=pending((indicator.denominator_heads,)) if of_averages else 0,
    )


def judgements(
    indicator: Indicator,
    counts: Counts,
    targets: Iterable[Target],
    ahead: Outlook,
    on_the_way: Callable[[Target, bool], Progress | None] = lambda target, met: None,
) -> list[Judgement]:
    """`on_the_way` says how far it is to a target's by-date, given whether it is met."""
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
                gap=ruling.gap,
                surplus=ruling.surplus,
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


def why_unavailable(indicator: Indicator, counts: Counts, expected: int) -> str:
    if counts.numerator is None:
        return "还没有已接收的月报。" if expected else "没有应报的幼儿园。"
    if counts.denominator is None:
        if indicator.by_population:
            return "常住3–5岁人口未登记。"
        return "还没有已接收的月报。"
    if indicator.unrecorded:
        return indicator.unrecorded
    if counts.denominator == 0:
        return f"{indicator.denominator_text}为0。"
    if indicator.kind is Kind.RATIO and counts.numerator == 0:
        return f"{indicator.numerator_text}为0。"
    return ""


def build_figure(
    indicator: Indicator,
    region: Region,
    month: dt.date,
    facts: RegionFacts | None,
    before: RegionFacts | None,
    context: MonthContext,
) -> Figure:
    """One figure from the stored sums; an honest blank where there is no row."""
    indicator = indicator.on(month)
    if facts is None:
        return Figure(
            indicator, region, month, None, None, None, [], None, 0, 0, 0, False, indicator.base,
            None, context.reference_date, reason="这个月没有数据。",
        )  # fmt: skip
    counts = counts_of(indicator, region_sums(facts, indicator.sums))
    value = value_of(indicator, counts)
    previous = _value(indicator, before) if before else None
    found = judgements(
        indicator, counts, context.targets_for(region), outlook(indicator, facts),
        context.way_of(indicator, region, value),
    )  # fmt: skip
    return Figure(
        indicator=indicator,
        region=region,
        month=month,
        numerator=counts.numerator,
        denominator=counts.denominator if indicator.denominator else None,
        value=value,
        verdicts=found,
        leading=leading(found),
        expected=facts.expected,
        filed=facts.filed,
        accepted=facts.accepted,
        provisional=indicator.of_returns and facts.accepted < facts.expected,
        base=indicator.base,
        computed_at=facts.computed_at,
        reference_date=context.reference_date,
        previous=previous,
        previous_month=context.previous_month if previous is not None else None,
        change=change(value, previous),
        reason=why_unavailable(indicator, counts, facts.expected) if value is None else "",
        numerator_heads=counts.numerator_heads if indicator.of_averages else None,
        denominator_heads=counts.denominator_heads if indicator.of_averages else None,
    )


def _value(indicator: Indicator, facts: RegionFacts) -> Decimal | None:
    """A month's value by the rule of that month."""
    rule = indicator.on(facts.month)
    return value_of(rule, counts_of(rule, region_sums(facts, rule.sums)))


def figures(
    region: Region, month: dt.date, indicators: Sequence[str] = THREE_RATES
) -> list[Figure]:
    """The region's figures of a month, in the order asked for. KeyError names an unknown code."""
    chosen = [INDICATORS[code] for code in indicators]
    context = month_context(region, month, indicators)
    rows = {
        row.month: row
        for row in RegionFacts.objects.unscoped(REGION_CHECKED).filter(
            region=region, month__in=[m for m in (month, context.previous_month) if m]
        )
    }
    before = rows.get(context.previous_month) if context.previous_month else None
    return [build_figure(i, region, month, rows.get(month), before, context) for i in chosen]


def child_figures(
    region: Region, month: dt.date, indicators: Sequence[str] = THREE_RATES
) -> list[RegionRow]:
    """The rows below a region that have data: towns of a county, counties of a city, by code."""
    chosen = [INDICATORS[code] for code in indicators]
    context = month_context(region, month, indicators, children=True)
    rows = list(
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region__parent=region, month=month)
        .select_related("region")
        .order_by("region__code")
    )
    earlier = RegionFacts.objects.none()
    if context.previous_month:
        earlier = RegionFacts.objects.unscoped(REGION_CHECKED).filter(
            region__parent=region, month=context.previous_month
        )
    before = {row.region_id: row for row in earlier}
    groups = _group_names(region, context.reference_date or month)
    return [
        RegionRow(
            region=row.region,
            facts=row,
            figures=[
                build_figure(i, row.region, month, row, before.get(row.region_id), context)
                for i in chosen
            ],
            group_name=groups.get(row.region_id, ""),
        )
        for row in rows
    ]


def combined_judgements(own: Figure, below: Iterable[RegionRow]) -> dict[int, Combined]:
    """By target's key, those that name the region's level and the next one below it.

    Such a target is met when the region and all below it that are judged meet it (武清区：区域、镇域).
    """
    verdicts: dict[int, list[Verdict]] = {}
    for row in below:
        for figure in row.figures:
            for judged in figure.verdicts:
                verdicts.setdefault(judged.target.pk, []).append(judged.verdict)
    return {
        judged.target.pk: combined(judged.verdict, verdicts[judged.target.pk])
        for judged in own.verdicts
        if judged.target.pk in verdicts
    }


def _group_names(county: Region, day: dt.date) -> dict[int, str]:
    """The cluster (组团) each town of a county belongs to on a day."""
    members = (
        GroupMember.objects.unscoped(REGION_CHECKED)
        .on(day)
        .filter(town__parent=county, kind=Group.Kind.TOWN_CLUSTER)
    )
    return dict(members.values_list("town", "group__name"))


def trend(
    region: Region, indicator: str, last_month: dt.date, months: int = 12
) -> list[TrendPoint]:
    """The last months, oldest first; a month without a row is not reported and has no value."""
    chosen = INDICATORS[indicator]
    span = [_months_before(last_month, back) for back in range(months - 1, -1, -1)]
    rows = {
        row.month: row
        for row in RegionFacts.objects.unscoped(REGION_CHECKED).filter(
            region=region, month__in=span
        )
    }
    return [_trend_point(chosen, month, rows.get(month)) for month in span]


def _trend_point(indicator: Indicator, month: dt.date, facts: RegionFacts | None) -> TrendPoint:
    if facts is None:
        return TrendPoint(month, None, provisional=False, reported=False)
    value = _value(indicator, facts)
    provisional = indicator.of_returns and facts.accepted < facts.expected
    return TrendPoint(month, value, provisional, reported=True)


def _months_before(month: dt.date, back: int) -> dt.date:
    years, zero_based = divmod(month.year * 12 + month.month - 1 - back, 12)
    return dt.date(years, zero_based + 1, 1)


def months_available(region: Region) -> list[dt.date]:
    """Months the region has figures for, newest first.

    A county's (and its towns') are those of its own periods; the rows of other months only say
    that it is missing in its city.
    """
    rows = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region).order_by("-month")
    if region.level >= Region.Level.COUNTY:
        own = ReportingPeriod.objects.unscoped(REGION_CHECKED).filter(
            county=region.county_id or region.pk
        )
        rows = rows.filter(month__in=own.values("month"))
    return list(rows.values_list("month", flat=True))
