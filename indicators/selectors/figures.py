"""Figures of a region and of the regions below it, judged by the targets in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.aggregates.answers import Answer
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator, Kind
from indicators.models import RegionFacts
from indicators.rules import Counts, Verdict, change, counts_of, value_of
from indicators.selectors.judging import (
    Judgement,
    MonthContext,
    judgements,
    leading,
    month_context,
)
from indicators.selectors.region_sums import outlook, region_sums, value_in
from indicators.selectors.withholding import TOO_FEW, sums_are_told, tells_of_few, told
from indicators.targets.rules import Combined, combined
from kindergartens.models import Group, GroupMember, ReportingPeriod


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


def why_unavailable(indicator: Indicator, counts: Counts, expected: int) -> str:
    if counts.numerator is None and expected and indicator.told_by:
        return indicator.unrecorded
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
    *,
    whole: bool = True,
) -> Figure:
    """One figure from the stored sums; an honest blank where there is no row.

    `whole` is False of a part of the region, which tells no sums of pay.
    """
    indicator = indicator.on(month)
    if facts is None:
        return Figure(
            indicator, region, month, None, None, None, [], None, 0, 0, 0, False, indicator.base,
            None, context.reference_date, reason="这个月没有数据。",
        )  # fmt: skip
    counts = counts_of(indicator, region_sums(facts, indicator.sums))
    few = tells_of_few(indicator, counts)
    counts = told(indicator, counts)
    value = value_of(indicator, counts)
    previous = value_in(indicator, before) if before else None
    found = judgements(
        indicator, counts, context.targets_for(region), outlook(indicator, facts),
        context.way_of(indicator, region, value), level=region.level,
    )  # fmt: skip
    reason = TOO_FEW if few else why_unavailable(indicator, counts, facts.expected)
    # Of a part, as of a town: what is left of the whole would be told with it.
    level = region.level if whole else Region.Level.TOWN
    if not sums_are_told(indicator, level):
        counts = Counts(None, None, None, None)
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
        reason=reason if value is None else "",
        numerator_heads=counts.numerator_heads if indicator.of_averages else None,
        denominator_heads=counts.denominator_heads if indicator.of_averages else None,
    )


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
