"""Accepted returns as they add to a figure: today, and as they counted at an earlier moment.

Frozen rows are never deleted, only superseded, so which returns counted at any moment, and what they
said, can be read back. What registers, measures and standards say of them (LOOKED_AT_AGAIN) cannot: a
recomputation that somebody asks for brings those columns of past months to what is known now, in
place; an earlier moment's row then has them as they are today. Their history keeps what stood.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.changes import Flags, Part, Seen
from indicators.kindergarten_sums import kindergarten_sums
from indicators.models import KindergartenFacts, Publication
from indicators.rules import Counts
from indicators.sums import SUMS, columns

# The columns of a frozen return that a figure needs, and which kindergarten's it is.
Return = Mapping[str, Any]
Returns = dict[int, Return]
FLAGS = ("counts_public", "counts_inclusive", "counts_staff")
_flags = itemgetter(*FLAGS)
COLUMNS = (
    "kindergarten_id", "town_id", "county_id", "city_id", "month", "filing_version_id",
    "accepted_at", "superseded_at", "ownership", "counts_enrolment", *FLAGS,
)  # fmt: skip
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
    return not LOOKED_AT_AGAIN.isdisjoint(columns(set(indicator.sums) & SUMS.keys()))


def accepted_returns(
    indicator: Indicator, region: Region, months: Iterable[dt.date]
) -> list[Return]:
    """Every version of the months that was ever counted in the region, replaced ones too.

    A province has tens of thousands: no more of each is read than its indicator is made of.
    """
    sums = {name for rule in indicator.rules for name in rule.sums if name in SUMS}
    rows = (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .in_region(region)
        .filter(month__in=list(months), counts_enrolment=True)
    )
    return list(rows.values(*sorted({*COLUMNS, *columns(sums)})))


def counted(rows: Iterable[Return], month: dt.date, at: dt.datetime | None = None) -> Returns:
    """Those of a month that count today, or that counted at a moment."""
    return {r["kindergarten_id"]: r for r in rows if r["month"] == month and _counts(r, at)}


def _counts(row: Return, at: dt.datetime | None) -> bool:
    replaced = row["superseded_at"]
    if at is None:
        return replaced is None
    return bool(row["accepted_at"] <= at and (replaced is None or replaced > at))


def published_returns(rows: Iterable[Return], publication: Publication) -> Returns:
    """Those that added up to what was published: the bytes name their versions."""
    versions = set(publication.body["returns"])
    return {row["kindergarten_id"]: row for row in rows if row["filing_version_id"] in versions}


def parts_of(indicator: Indicator) -> Callable[[Return], Part]:
    """What one return adds to a figure; nothing where the figure is not of returns."""
    if not indicator.of_returns:
        return lambda row: Part()
    above = indicator.numerator
    below = indicator.denominator if indicator.denominator_of_returns else ()
    heads = (
        (indicator.numerator_heads, indicator.denominator_heads) if indicator.of_averages else ()
    )
    names = {*above, *below, *heads}

    def part(row: Return) -> Part:
        sums = kindergarten_sums(row, names)
        return Part(
            sum([sums[name] for name in above]),
            sum([sums[name] for name in below]),
            *[sums[name] for name in heads],
        )

    return part


def seen(indicator: Indicator, returns: Returns) -> dict[int, Seen]:
    part = parts_of(indicator)
    return {pk: _seen(part, row) for pk, row in returns.items()}


def _seen(part: Callable[[Return], Part], row: Return) -> Seen:
    def as_if(flags: Flags) -> Part:
        return part({**row, **dict(zip(FLAGS, flags, strict=True))})

    return Seen(row["filing_version_id"], _flags(row), part(row), as_if)


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
    part, total = parts_of(indicator), Part()
    for row in returns.values():
        total = total.plus(part(row))
    return counts_from(
        indicator, total.numerator,
        population if indicator.by_population else total.denominator,
        total.numerator_heads, total.denominator_heads,
    )  # fmt: skip
