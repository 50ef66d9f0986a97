"""Figures of a region at any time: from the portal's returns, and before them from published tables.

Where a month has a row of the portal that answers, whatever was published of it. A figure is never
made of both.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import PositiveBigIntegerField, PositiveIntegerField, Q

from accounts.models import Region
from indicators.aggregates.answers import Answer, Table, best, rows_between, tables
from indicators.catalogue import INDICATORS, THREE_RATES, Indicator, Kind
from indicators.models import AggregateReturn, RegionFacts, Target
from indicators.models.aggregate import NATION, NATION_NAME
from indicators.rules import Counts, Outlook, Verdict, judge
from indicators.selectors import figures as portal
from indicators.selectors import trends
from indicators.selectors.figures import Figure, RegionRow
from indicators.selectors.judging import (
    Judgement,
    MonthContext,
    ancestor_ids,
    leading,
    month_context,
)
from indicators.selectors.trends import TrendPoint
from kindergartens.rules import last_day

LEVEL_OF_NATION = 0
NOTHING = {
    field.name: 0
    for field in RegionFacts._meta.concrete_fields
    if isinstance(field, PositiveIntegerField | PositiveBigIntegerField) and not field.null
}


def nation() -> Region:
    """The nation, as what a figure is of; it is no row of the regions."""
    return Region(code=NATION, name=NATION_NAME, level=LEVEL_OF_NATION)


def figures(
    region: Region, month: dt.date, indicators: Sequence[str] = THREE_RATES
) -> list[Figure]:
    """The region's figures of a month, in the order asked for. KeyError names an unknown code.

    Where the portal has no row of the month, the tables published of a day in it answer.
    """
    found = portal.figures(region, month, indicators)
    if not found or found[0].computed_at is not None:
        return found
    told = tables(rows_between([region.pk], month, last_day(month)))
    if not told:
        return found
    contexts = _Contexts(region, indicators)
    return [from_tables(figure.indicator, region, told, contexts) for figure in found]


def published_figure(
    region: Region, indicator: str, first: dt.date, last: dt.date
) -> tuple[Figure, list[Answer]] | None:
    """A figure from the tables published of a time, and what other tables answer; None without any.

    `region` may be the nation.
    """
    told = tables(rows_between([region.pk], first, last))
    if not told:
        return None
    chosen = INDICATORS[indicator]
    figure = from_tables(chosen, region, told, _Contexts(region, [indicator]))
    return figure, best(chosen, told)[1:]


def child_figures(
    region: Region, month: dt.date, indicators: Sequence[str] = THREE_RATES
) -> list[RegionRow]:
    """The rows below a region that have data, by code; of those the portal has no row of, what was
    published of a day in the month.
    """
    rows = portal.child_figures(region, month, indicators)
    below = {one.pk: one for one in Region.objects.filter(parent=region).order_by("code")}
    left = below.keys() - {row.region.pk for row in rows}
    told = rows_between(left, month, last_day(month)) if left else []
    by_region: dict[int, list[AggregateReturn]] = defaultdict(list)
    for row in told:
        if row.region_id is not None:
            by_region[row.region_id].append(row)
    contexts = _Contexts(region, indicators, children=True)
    for pk, of_region in by_region.items():
        kept = tables(of_region)
        if not kept:
            continue
        child = below[pk]
        # No return is owed or filed of it: a row of nothing.
        nothing = RegionFacts(
            region=child, month=month, computed_at=of_region[0].entered_at, **NOTHING
        )
        made = [from_tables(INDICATORS[code], child, kept, contexts) for code in indicators]
        rows.append(RegionRow(region=child, facts=nothing, figures=made))
    return sorted(rows, key=lambda row: row.region.code)


def trend(
    region: Region,
    indicator: str,
    last_month: dt.date,
    months: int = 12,
    *,
    years_before: int = 0,
) -> list[TrendPoint]:
    """The last months, oldest first; a month without a row is not reported and has no value.

    Months of which only tables were published have those; so have up to `years_before` years
    before them, a point for each statistical date.
    """
    own = trends.trend(region, indicator, last_month, months)
    first, last = own[0].month, own[-1].month
    blank = {point.month for point in own if not point.reported}
    if not blank and not years_before:
        return own
    since = first.replace(year=max(1, first.year - years_before))
    points = published_points(region, indicator, since, last_day(last))
    before = [point for day, point in points if day < first]
    within = {point.month: point for day, point in points if point.month in blank}
    return [*before, *(within.get(point.month, point) for point in own)]


def published_points(
    region: Region, indicator: str, first: dt.date, last: dt.date
) -> list[tuple[dt.date, TrendPoint]]:
    """Statistical dates with the value published tables give, oldest first. One query."""
    return _points(INDICATORS[indicator], rows_between([region.pk], first, last))


def _points(
    indicator: Indicator, rows: Iterable[AggregateReturn]
) -> list[tuple[dt.date, TrendPoint]]:
    by_day: dict[dt.date, list[Table]] = defaultdict(list)
    for table in tables(rows):
        by_day[table.row.reference_date].append(table)
    points = []
    for day, told in sorted(by_day.items()):
        answer = best(indicator, told)[0]
        if answer.value is not None:
            month = day.replace(day=1)
            points.append((day, TrendPoint(month, answer.value, False, True, answer.row.label)))
    return points


@dataclass(frozen=True)
class ReferenceLine:
    """What the nation or a place above published of an indicator, oldest first, to compare with."""

    name: str
    code: str
    points: tuple[TrendPoint, ...]


def reference_series(indicator: str, region: Region, years: Sequence[int]) -> list[ReferenceLine]:
    """Lines of the nation, the province and the city above a region, over some years. One query.

    Places of which nothing was published in those years have no line.
    """
    if not years:
        return []
    above = [one for one in (region.province, region.city, region.county) if one is not None]
    first, last = dt.date(min(years), 1, 1), dt.date(max(years), 12, 31)
    by_place: dict[int | None, list[AggregateReturn]] = defaultdict(list)
    for row in rows_between([None, *(one.pk for one in above)], first, last):
        by_place[row.region_id].append(row)
    lines = [
        ReferenceLine(place.name, place.code, tuple(point for _, point in points))
        for place in (nation(), *above)
        if (points := _points(INDICATORS[indicator], by_place[place.pk]))
    ]
    return [line for line in lines if line.code != region.code]


class _Contexts:
    """Targets in force on the dates of tables, read once a date."""

    def __init__(self, region: Region, codes: Iterable[str], *, children: bool = False) -> None:
        self.region, self.codes, self.children = region, list(codes), children
        self.known: dict[dt.date, MonthContext] = {}

    def on(self, day: dt.date) -> MonthContext:
        if day not in self.known:
            self.known[day] = month_context(self.region, day, self.codes, children=self.children)
        return self.known[day]


def from_tables(
    indicator: Indicator, region: Region, told: Sequence[Table], contexts: _Contexts
) -> Figure:
    """The figure of the source that leads, judged by the targets of its date; not the nation's."""
    answer = best(indicator, told)[0]
    row = answer.row
    targets: list[Target] = []
    if region.pk is not None:
        targets = contexts.on(row.reference_date).targets_for(region)
    found = _judged(indicator, answer, targets)
    return Figure(
        indicator=indicator,
        region=region,
        month=row.reference_date.replace(day=1),
        numerator=answer.numerator.number if answer.numerator else None,
        denominator=answer.denominator.number if answer.denominator else None,
        value=answer.value,
        verdicts=found,
        leading=leading(found),
        expected=0,
        filed=0,
        accepted=0,
        provisional=False,
        # Of a rate without its counts nobody knows what the source divided by what.
        base="来源没有写明口径" if answer.is_published_only else indicator.base,
        computed_at=row.entered_at,
        reference_date=row.reference_date,
        reason=answer.reason,
        source=row.label,
        aggregate=answer,
    )


def _judged(indicator: Indicator, answer: Answer, targets: Iterable[Target]) -> list[Judgement]:
    """Against each target, on the unrounded value; `close` where its rounding could turn it."""
    return [
        judgement(indicator, answer, target)
        for target in targets
        if target.indicator == indicator.code
    ]


def judgement(indicator: Indicator, answer: Answer, target: Target) -> Judgement:
    """How a published figure stands to a target; without counts nothing can be short or spare."""
    counts = _counts(indicator, answer)
    ruling = judge(indicator, counts, target.operator, target.value, Outlook())
    has_counts = answer.numerator is not None
    ends = [
        judge(indicator, Counts(end.numerator, end.denominator), target.operator, target.value)
        for end in ((answer.bounds.least, answer.bounds.most) if answer.bounds else ())
        if end.numerator > 0
    ]
    reached = {end.verdict in {Verdict.MET, Verdict.NEAR} for end in ends}
    return Judgement(
        target=target,
        title=target.policy.title,
        document_number=target.policy.document_number,
        clause=target.clause,
        verdict=ruling.verdict,
        gap=ruling.gap if has_counts else None,
        surplus=ruling.surplus if has_counts else None,
        close=ruling.close or len(reached) > 1,
    )


def _counts(indicator: Indicator, answer: Answer) -> Counts:
    if answer.value is not None and answer.numerator is None:
        numerator, denominator = answer.value.as_integer_ratio()
        return Counts(numerator, denominator)
    below = answer.denominator.number if answer.denominator else None
    return Counts(
        answer.numerator.number if answer.numerator else None,
        1 if indicator.kind is Kind.COUNT else below,
        indicator.parts,
    )


def reference_targets(region: Region, indicator: str, day: dt.date) -> list[Target]:
    """Targets that judge a place's figure of a day in nothing, to compare with all the same.

    They hold for other levels (a city's figure, where documents judge counties), or are of a
    document that began later (`begins_on`).
    """
    if region.pk is None:
        return []
    context = month_context(region, day, [indicator])
    here = Q(policy__region__isnull=True) | Q(policy__region__in=ancestor_ids(region))
    later = (
        Target.objects.standing()
        .filter(here, indicator=indicator)
        .select_related("policy__region")
        .order_by("policy__region__level", "policy__slug", "pk")
    )
    covering = [
        *(
            target
            for level in ("county", "city", "town")
            for target in context.targets_at(level)
            if target.policy.region_id in {None, *ancestor_ids(region)}
        ),
        *(target for target in later if target.begins_on and target.begins_on > day),
    ]
    judging = {target.pk for target in context.targets_for(region)}
    return [one for one in dict.fromkeys(covering) if one.pk not in judging]
