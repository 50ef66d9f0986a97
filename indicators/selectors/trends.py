"""A figure over months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import RegionFacts
from indicators.selectors.region_sums import value_in


@dataclass(frozen=True)
class TrendPoint:
    month: dt.date
    value: Decimal | None
    provisional: bool
    reported: bool
    source: str = ""  # of a published table; empty of the portal's own returns


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
    value = value_in(indicator, facts)
    provisional = indicator.of_returns and facts.accepted < facts.expected
    return TrendPoint(month, value, provisional, reported=True)


def _months_before(month: dt.date, back: int) -> dt.date:
    years, zero_based = divmod(month.year * 12 + month.month - 1 - back, 12)
    return dt.date(years, zero_based + 1, 1)
