"""Rows for other systems: of a key's own place, in one order, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.db.models import Max, Q, Value

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region, User
from accounts.tokens.acting import Bearer
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import Publication, RegionFacts, Target
from indicators.models.publication import PublicationQuerySet
from indicators.models.region_facts import RegionFactsQuerySet
from indicators.selectors.figures import Figure, build_figure
from indicators.selectors.judging import LEVEL_NAMES, MonthContext, ancestor_ids
from kindergartens.models import ReportingPeriod

LEVELS = {name: level for level, name in LEVEL_NAMES.items()}


@dataclass(frozen=True)
class FigureRow:
    facts: RegionFacts
    reference_date: dt.date | None
    figures: list[Figure]


def region_of(bearer: Bearer, code: str | None) -> Region | None:
    """The region of a code within the key's place; None where there is none such."""
    own = bearer.token.region
    if code is None or code == own.code:
        return own
    # 东莞 and others are two rows of one code: the county, as everywhere.
    return Region.objects.within(own).filter(code=code).order_by("-level").first()


def regions_below(region: Region, level: str | None) -> list[Region]:
    """Active regions from one down, in the order of codes; of one level where it is named."""
    rows = Region.objects.within(region).active().select_related("parent")
    if level is not None:
        rows = rows.filter(level=LEVELS[level])
    return rows.order_by("code", "level")  # type: ignore[return-value]


def rows_of(
    bearer: Bearer, region: Region, level: str | None, months: tuple[dt.date, dt.date] | None
) -> RegionFactsQuerySet:
    """The stored sums asked for: by month, then from the larger to the smaller place, by code.

    None without `months`: the place has figures of none.
    """
    if months is None:
        return RegionFacts.objects.none()
    rows = RegionFacts.objects.visible_to(cast(User, bearer)).filter(month__range=months)
    if level is None:
        rows = rows.filter(region=region)
    else:
        inside = Region.objects.within(region).filter(level=LEVELS[level])
        rows = rows.filter(region__in=inside.values("pk"))
    return rows.select_related("region__parent").order_by("month", "region__code", "region__level")


def newest_month(bearer: Bearer, region: Region) -> dt.date | None:
    rows = RegionFacts.objects.visible_to(cast(User, bearer)).filter(region=region)
    newest: dt.date | None = rows.aggregate(newest=Max("month"))["newest"]
    return newest


def with_figures(rows: Sequence[RegionFacts], indicators: Sequence[Indicator]) -> list[FigureRow]:
    """Each row with its figures, judged by the targets of its own day and place."""
    days = _reference_dates(rows)
    targets = _targets(
        rows, {days.get((r.region_id, r.month)) or r.month for r in rows}, indicators
    )
    found = []
    for row in rows:
        day = days.get((row.region_id, row.month))
        context = MonthContext(row.month, day, None, targets.get(day or row.month, []))
        built = [build_figure(one, row.region, row.month, row, None, context) for one in indicators]
        found.append(FigureRow(row, day, built))
    return found


def _reference_dates(rows: Sequence[RegionFacts]) -> dict[tuple[int, dt.date], dt.date]:
    """The statistical day of each row: of its county, or the latest of the counties below it."""
    periods = ReportingPeriod.objects.unscoped(REGION_CHECKED).filter(
        month__in={row.month for row in rows}
    )
    found: dict[tuple[int, dt.date], dt.date] = {}
    for field, level in (("county__province", 1), ("county__city", 2), ("county", 3)):
        wanted = {
            row.region.county_id or row.region_id if level == Region.Level.COUNTY else row.region_id
            for row in rows
            if min(row.region.level, Region.Level.COUNTY) == level
        }
        if not wanted:
            continue
        latest = (
            periods.filter(**{f"{field}__in": wanted})
            .order_by()
            .values_list(field, "month")
            .annotate(Max("reference_date"))
        )
        found |= {(region, month): day for region, month, day in latest}
    for row in rows:
        if row.region.county_id and (row.region.county_id, row.month) in found:
            found[row.region_id, row.month] = found[row.region.county_id, row.month]
    return found


def _targets(
    rows: Sequence[RegionFacts], days: Iterable[dt.date], indicators: Sequence[Indicator]
) -> dict[dt.date, list[Target]]:
    """The targets in force on each of some days that can judge one of these places: two queries."""
    places = {pk for row in rows for pk in ancestor_ids(row.region)}
    covering = Q(policy__region__isnull=True) | Q(policy__region__in=places)
    codes = [one.code for one in indicators]
    each = [
        Target.objects.in_force(day)
        .filter(covering, indicator__in=codes)
        .order_by()
        .values_list("pk", Value(day))
        for day in sorted(days)
    ]
    if not each:
        return {}
    judging = list(each[0].union(*each[1:], all=True))
    known = {
        target.pk: target
        for target in Target.objects.filter(pk__in={pk for pk, _ in judging})
        .select_related("policy")
        .order_by("policy__region__level", "policy__slug", "pk")
    }
    by_day: dict[dt.date, set[int]] = {}
    for pk, day in judging:
        by_day.setdefault(day, set()).add(pk)
    return {
        day: [target for pk, target in known.items() if pk in chosen]
        for day, chosen in by_day.items()
    }


def parts_of(
    bearer: Bearer, region: Region, month: dt.date, indicator: Indicator
) -> tuple[FigureRow | None, list[FigureRow]]:
    """A region's figure, and the same of each region directly below it."""
    rows = list(
        RegionFacts.objects.visible_to(cast(User, bearer))
        .filter(Q(region=region) | Q(region__parent=region), month=month)
        .select_related("region__parent")
        .order_by("region__level", "region__code")
    )
    shown = with_figures(rows, [indicator])
    own = next((row for row in shown if row.facts.region_id == region.pk), None)
    return own, [row for row in shown if row.facts.region_id != region.pk]


def publications_of(
    bearer: Bearer, region: Region, kind: str | None, month: dt.date | None
) -> PublicationQuerySet:
    """What was published of a region and below it, the newest first; without the bytes."""
    rows = Publication.objects.visible_to(cast(User, bearer)).filter(
        region__in=Region.objects.within(region).values("pk")
    )
    if kind is not None:
        rows = rows.filter(kind=kind)
    if month is not None:
        rows = rows.filter(month=month)
    return (
        rows.select_related("region__parent", "corrects", "corrected_by")
        .defer("content", "corrects__content", "corrected_by__content")
        .order_by("-published_at", "-pk")
    )


def publication_of(bearer: Bearer, number: str) -> Publication | None:
    return (
        Publication.objects.visible_to(cast(User, bearer))
        .select_related("region__parent", "corrects", "corrected_by")
        .filter(number=number)
        .first()
    )


def known(codes: Sequence[str]) -> tuple[list[Indicator], list[str]]:
    """The indicators of some codes in their order, and the codes that are none."""
    return (
        [INDICATORS[code] for code in codes if code in INDICATORS],
        [code for code in codes if code not in INDICATORS],
    )
