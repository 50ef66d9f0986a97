"""Accepted returns as they add to a figure: today, and as they counted at an earlier moment.

Frozen rows are never deleted, only superseded, so which returns counted at any moment, and what they
said, can be read back. What registers, measures and standards say of them (LOOKED_AT_AGAIN) cannot: a
recomputation that somebody asks for brings those columns of past months to what is known now, in
place; an earlier moment's row then has them as they are today. Their history keeps what stood.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Iterable

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.changes import Flags, Part, Seen
from indicators.models import KindergartenFacts, Publication
from indicators.rules import Counts
from indicators.selectors.kindergarten import kindergarten_counts
from indicators.sums import SUMS

Returns = dict[int, KindergartenFacts]
FLAGS = ("counts_public", "counts_inclusive", "counts_staff")
# Columns of KindergartenFacts that are those of today, whatever moment is asked for.
LOOKED_AT_AGAIN = frozenset(
    {
        "established_heads", "established_pay_yuan", "non_established_heads",
        "non_established_pay_yuan", "vacant_posts", "unfilled_posts", "insurable_people",
        "insured_people", "trainable_people", "trained_people", "funded_children", "funded_yuan",
        "outdoor_area_dm2", "activity_room_area_dm2", "floor_area_dm2", "books",
        "outdoor_area_met", "activity_room_area_met", "floor_area_met", "new_design", "on_time",
        "guards", "alarm", "video", "closed_site", "charges_within_limits", "overcharged_yuan",
        "overcharge_uncounted", "fully_staffed",
    }
)  # fmt: skip


def is_of_today(indicator: Indicator) -> bool:
    """Whether an earlier moment's counts of it hold what is registered today."""
    columns = (re.findall(r"f\.(\w+)", SUMS.get(name, "")) for name in indicator.sums)
    return any(LOOKED_AT_AGAIN.intersection(one) for one in columns)


def accepted_returns(region: Region, months: Iterable[dt.date]) -> list[KindergartenFacts]:
    """Every version of the months that was ever counted in the region, replaced ones too."""
    rows = (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .in_region(region)
        .filter(month__in=list(months), counts_enrolment=True)
        .select_related("kindergarten", "filing_version")
        .order_by("kindergarten__code")
    )
    return list(rows)


def counted(
    rows: Iterable[KindergartenFacts], month: dt.date, at: dt.datetime | None = None
) -> Returns:
    """Those of a month that count today, or that counted at a moment."""
    return {row.kindergarten_id: row for row in rows if row.month == month and _counts(row, at)}


def _counts(row: KindergartenFacts, at: dt.datetime | None) -> bool:
    if at is None:
        return row.superseded_at is None
    return row.accepted_at <= at and (row.superseded_at is None or row.superseded_at > at)


def published_returns(
    rows: Iterable[KindergartenFacts], publication: Publication
) -> Returns:  # fmt: skip
    """Those that added up to what was published: the bytes name their versions."""
    versions = set(publication.body["returns"])
    return {row.kindergarten_id: row for row in rows if row.filing_version_id in versions}


def part_of(indicator: Indicator, facts: KindergartenFacts) -> Part:
    """What one return adds to a figure; nothing where the figure is not of returns."""
    if not indicator.of_returns:
        return Part()
    sums = kindergarten_counts(facts)
    return Part(
        sum(sums[name] for name in indicator.numerator),
        sum(sums[n] for n in indicator.denominator) if indicator.denominator_of_returns else 0,
        sums[indicator.numerator_heads] if indicator.of_averages else 0,
        sums[indicator.denominator_heads] if indicator.of_averages else 0,
    )


def seen(indicator: Indicator, returns: Returns) -> dict[int, Seen]:
    return {pk: _seen(indicator, row) for pk, row in returns.items()}


def _seen(indicator: Indicator, row: KindergartenFacts) -> Seen:
    flags = tuple(getattr(row, name) for name in FLAGS)

    def as_if(other: Flags) -> Part:
        if other == flags:
            return part_of(indicator, row)
        changed = copy.copy(row)
        for name, flag in zip(FLAGS, other, strict=True):
            setattr(changed, name, flag)
        return part_of(indicator, changed)

    return Seen(row.filing_version_id, flags, as_if)


def counts_from(
    indicator: Indicator, numerator: int | None, denominator: int | None,
    numerator_heads: int | None, denominator_heads: int | None,
) -> Counts:  # fmt: skip
    """Counts of a figure as it is kept: a count has no denominator, and only averages have heads."""
    return Counts(
        numerator,
        denominator if indicator.denominator else 1,
        numerator_heads if indicator.of_averages else indicator.parts,
        denominator_heads if indicator.of_averages else 1,
    )


def summed(indicator: Indicator, returns: Returns, population: int | None) -> Counts:
    """A region's counts from its returns; `population` is the denominator where it is one."""
    total = Part()
    for row in returns.values():
        total = total.plus(part_of(indicator, row))
    return counts_from(
        indicator, total.numerator,
        population if indicator.by_population else total.denominator,
        total.numerator_heads, total.denominator_heads,
    )  # fmt: skip
