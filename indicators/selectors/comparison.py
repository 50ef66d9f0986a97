"""Why a figure changed: against the month before, the same month a year ago, or what was published.

An earlier month is taken as it was told: as published, else as it stood when the month was locked.
What came in or was corrected after that is a step of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial

from django.db.models import Max, Q

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.changes import Move, Reason, Step, moves, steps
from indicators.models import Publication, RegionFacts
from indicators.publications.rules import COUNTS, figure_in
from indicators.rules import Counts, change, counts_of, value_of
from indicators.selectors.figures import Figure
from indicators.selectors.progress import OwedReturn, owing_among
from indicators.selectors.region_sums import region_sums
from indicators.selectors.returns import (
    Return,
    Returns,
    counted,
    counts_from,
    published_returns,
    seen,
    summed,
)
from kindergartens.models import Kindergarten, ReportingPeriod


class Against(StrEnum):
    MONTH = "month"  # 与上月
    YEAR = "year"  # 与去年同月
    PUBLISHED = "published"  # 与同一个月公布的数


LABELS = {
    Reason.LATE: "{n}所迟报补入",
    Reason.OPENED: "{n}所新开办或转入",
    Reason.CORRECTED: "{n}所更正月报",
    Reason.MOVED: "{n}所实际增减",
    Reason.STATUS: "{n}所办园性质变更",
    Reason.MISSING: "{n}所尚未计入（上次人数）",
    Reason.CLOSED: "{n}所停办、转出或撤销",
    Reason.RECORDS: "登记资料核对后重算",
}


@dataclass(frozen=True)
class ChangeReason:
    """One step from the figure compared with to this one. The steps' exact points add up."""

    label: str
    units: int  # change of the numerator
    below: int  # change of the denominator
    points: Decimal | None  # change of the value, in its own unit


@dataclass(frozen=True)
class Comparison:
    """What a figure is compared with, and the steps from there.

    `closed_at`: the moment as of which the earlier figure stands, where something of it was
    changed afterwards; `publication`: the one whose figure it is.
    """

    against: Against
    month: dt.date
    publication: Publication | None
    closed_at: dt.datetime | None
    before: Counts
    then: Returns
    value: Decimal
    change: Decimal
    reasons: list[ChangeReason]


def month_compared(figure: Figure, against: Against, earlier: dt.date | None) -> dt.date | None:
    """The month of the figure compared with; `earlier` is the one before it with figures."""
    if against is Against.PUBLISHED:
        return figure.month
    if against is Against.YEAR:
        return figure.month.replace(year=figure.month.year - 1)
    return earlier


def last_publication(region: Region, month: dt.date) -> Publication | None:
    """The newest publication that tells the region's figures of a month: its own, else that of the
    region it lies in. Its bytes are read when they are asked for.
    """
    found = (
        Publication.objects.unscoped(REGION_CHECKED)
        .filter(Q(region=region.pk) | Q(region=region.parent_id), month=month)
        .defer("content")
        .order_by("-region__level", "-published_at", "-pk")
    )
    return found.first()


def compared(
    indicator: Indicator,
    figure: Figure,
    rows: list[Return],
    owing: list[OwedReturn],
    *,
    against: Against,
    month: dt.date,
    facts: RegionFacts | None,
    publication: Publication | None,
) -> Comparison | None:
    """The steps to a figure; None where one of the two values cannot be computed.

    `rows` are all accepted returns of both months, `facts` the region's sums of
    `month` and `publication` one that tells it.
    """
    rule = indicator.on(month)
    told = _published(rule, figure.region, publication)
    closed_at = publication.published_at if publication else _locked_at(figure.region, month)
    later = counted(rows, month)
    then = published_returns(rows, publication) if publication else counted(rows, month, closed_at)
    if told is not None:
        before: Counts | None = told
    elif facts is None or against is Against.PUBLISHED:
        before = None
    elif not rule.of_returns or _versions(then) == _versions(later):
        # What no return adds to is known only as the region's sums have it.
        before, closed_at = counts_of(rule, region_sums(facts)), None
    else:
        before = summed(rule, then, facts.resident_population_3_5)
    value = value_of(rule, before) if before else None
    changed = change(figure.value, value)
    if before is None or value is None or changed is None:
        return None
    now = counted(rows, figure.month)
    made = (
        _within_month(indicator, then, now, publication)
        if against is Against.PUBLISHED
        else _to_another_month(indicator, figure.region, month, then, later, now, owing)
    )
    built = steps(
        made,
        start=before,
        end=counts_from(
            indicator, figure.numerator, figure.denominator, figure.numerator_heads,
            figure.denominator_heads,
        ),
        value=partial(value_of, indicator),
        of_averages=indicator.of_averages,
        by_population=indicator.by_population,
    )  # fmt: skip
    return Comparison(
        against=against,
        month=month,
        publication=publication if told is not None else None,
        closed_at=closed_at,
        before=before,
        then=then,
        value=value,
        change=changed,
        reasons=[_in_words(indicator, step, before, figure, rule) for step in built],
    )


def _published(
    indicator: Indicator, region: Region, publication: Publication | None
) -> Counts | None:
    """Counts as they were published; None where they were not."""
    if publication is None:
        return None
    found = figure_in(publication.body, region.code, indicator.code)
    if found is None or found["value"] is None:
        return None
    return counts_from(indicator, *(found[name] for name in COUNTS))


def _locked_at(region: Region, month: dt.date) -> dt.datetime | None:
    """When the month was (or will be) locked in the region; of several counties, in the last."""
    periods = ReportingPeriod.objects.unscoped(REGION_CHECKED).of_region(region).filter(month=month)
    latest: dt.datetime | None = periods.aggregate(latest=Max("locks_at"))["latest"]
    return latest


def _versions(returns: Returns) -> set[int]:
    return {row["filing_version_id"] for row in returns.values()}


def _within_month(
    indicator: Indicator, then: Returns, now: Returns, publication: Publication | None
) -> list[Move]:
    """From what counted when the same month was published to what counts now."""
    missing = {row["code"] for row in publication.body["missing"]} if publication else set()
    owed = Kindergarten.objects.unscoped(REGION_CHECKED).filter(code__in=missing)
    owed_then = set(owed.values_list("pk", flat=True))
    return list(
        moves(
            seen(indicator, then), seen(indicator, now),
            owed_then=owed_then, owing_now=(), same_month=True,
        )
    )  # fmt: skip


def _to_another_month(
    indicator: Indicator, region: Region, month: dt.date, then: Returns, later: Returns,
    now: Returns, owing: list[OwedReturn],
) -> list[Move]:  # fmt: skip
    """First what was changed of the earlier month after it was told, by the rule of that month;
    then from month to month, both by the rule of the later one.
    """
    rule = indicator.on(month)
    replaced = {pk for pk in then.keys() | later.keys() if then.get(pk) is not later.get(pk)}
    as_told, as_it_is = (
        seen(rule, {pk: row for pk, row in rows.items() if pk in replaced})
        for rows in (then, later)
    )
    owed = owing_among(region, month, now.keys() - later.keys())
    corrected = moves(as_told, as_it_is, owed_then=as_it_is, owing_now=(), same_month=True)
    moved = moves(
        seen(indicator, later), seen(indicator, now),
        owed_then=owed, owing_now={row.kindergarten_id for row in owing}, same_month=False,
    )  # fmt: skip
    return [*corrected, *moved]


def _in_words(
    indicator: Indicator, step: Step, before: Counts, figure: Figure, rule: Indicator
) -> ChangeReason:
    """`rule` is the definition that held for the figure compared with."""
    if step.reason is Reason.POPULATION:
        label = (
            f"{indicator.denominator_text}由{before.denominator or 0:,}变为"
            f"{figure.denominator or 0:,}"
        )
    elif step.reason is Reason.RECORDS and not indicator.of_returns:
        label = "登记的增减"
    elif step.reason is Reason.RECORDS and rule.version != indicator.version:
        label = f"口径由{rule.version}改为{indicator.version}"
    else:
        label = LABELS[step.reason].format(n=f"{step.kindergartens:,}")
    return ChangeReason(label, step.numerator, step.denominator, step.points)
