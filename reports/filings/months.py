"""Which county and month a page about returns looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.models import Region, User
from kindergartens.models import ReportingPeriod

MONTHS_OFFERED = 24


@dataclass(frozen=True)
class CountyMonth:
    """What an address asks for, with what it may choose from; `period` is None without any."""

    counties: list[Region]
    months: list[dt.date]
    period: ReportingPeriod | None


def county_month(user: User, query: Mapping[str, str], now: dt.datetime) -> CountyMonth:
    """`?county=` (a code) and `?month=` among the person's periods, else the first and the newest."""
    seen = ReportingPeriod.objects.visible_to(user).select_related("county")
    counties = sorted({period.county for period in seen}, key=lambda one: one.code)
    county = next(
        (one for one in counties if one.code == query.get("county")),
        counties[0] if counties else None,
    )
    periods = [period for period in seen if county is not None and period.county_id == county.pk]
    month = chosen_month(query.get("month", ""), periods, now)
    return CountyMonth(
        counties=counties,
        months=sorted((one.month for one in periods), reverse=True)[:MONTHS_OFFERED],
        period=next((one for one in periods if one.month == month), None),
    )


def chosen_month(text: str, periods: Sequence[ReportingPeriod], now: dt.datetime) -> dt.date | None:
    """The month asked for (2026-10), else the newest that has opened: later ones are only planned.

    None where there are no periods at all.
    """
    for period in periods:
        if f"{period.month:%Y-%m}" == text:
            return period.month
    opened = [period.month for period in periods if period.opens_at <= now]
    return max(opened) if opened else (periods[0].month if periods else None)
