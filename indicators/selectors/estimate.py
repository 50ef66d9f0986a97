"""Figures with those not counted yet carried forward from their last returns: marked, never stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from indicators.estimates import all_may_be_carried
from indicators.rules import Counts, counts_of, value_of
from indicators.selectors.figures import Figure
from indicators.selectors.progress import OwedReturn
from indicators.selectors.region_sums import POPULATION_SUMS
from indicators.selectors.returns import counts_from
from indicators.sums import SUMS, cast

# What the last counted returns of some kindergartens, each of its own month, sum to.
LAST_RETURNS = f"""
SELECT {", ".join(f"coalesce({sum_}, 0)::{cast(name)} AS {name}" for name, sum_ in SUMS.items())}
FROM unnest(%(kindergartens)s::bigint[], %(months)s::date[]) AS missing (kindergarten_id, month)
JOIN indicators_kindergartenfacts f ON f.kindergarten_id = missing.kindergarten_id
    AND f.month = missing.month AND f.superseded_at IS NULL AND f.counts_enrolment
"""  # noqa: S608 - built from column names, never from input


@dataclass(frozen=True)
class Estimate:
    """`value` unrounded, with `kindergartens` carried from returns of `months` (first, last)."""

    value: Decimal
    counts: Counts
    kindergartens: int
    months: tuple[dt.date, dt.date]


def estimate_of(figure: Figure, missing: Sequence[OwedReturn]) -> Estimate | None:
    return estimates([figure], missing).get(figure.indicator.code)


def estimates(figures: Sequence[Figure], missing: Sequence[OwedReturn]) -> dict[str, Estimate]:
    """By indicator, of figures of one region and month and all that it misses. One query, or none."""
    if not figures:
        return {}
    lasts = [row.last_month for row in missing]
    if not all_may_be_carried(figures[0].month, lasts):
        return {}
    known = [month for month in lasts if month is not None]
    carried = _carried(missing)
    found = {}
    for figure in figures:
        indicator = figure.indicator
        # Of pay, the estimate less the figure would tell what the missing ones pay.
        if not indicator.of_returns or indicator.of_averages:
            continue
        added = counts_of(indicator, carried | dict.fromkeys(POPULATION_SUMS, 0))
        counts = _together(figure, added)
        value = value_of(indicator, counts)
        if value is not None:
            months = (min(known), max(known))
            found[indicator.code] = Estimate(value, counts, len(missing), months)
    return found


def _carried(missing: Sequence[OwedReturn]) -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            LAST_RETURNS,
            {
                "kindergartens": [row.kindergarten_id for row in missing],
                "months": [row.last_month for row in missing],
            },
        )
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _together(figure: Figure, added: Counts) -> Counts:
    """Population that is not registered stays missing; returns that are not counted add nothing."""
    denominator = figure.denominator
    if denominator is None and not figure.indicator.by_population:
        denominator = 0
    return counts_from(
        figure.indicator,
        (figure.numerator or 0) + (added.numerator or 0),
        None if denominator is None else denominator + (added.denominator or 0),
        (figure.numerator_heads or 0) + (added.numerator_heads or 0),
        (figure.denominator_heads or 0) + (added.denominator_heads or 0),
    )
