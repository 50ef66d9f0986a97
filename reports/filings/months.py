"""Which month a page about returns looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kindergartens.models import ReportingPeriod


def chosen_month(text: str, periods: Sequence[ReportingPeriod], now: dt.datetime) -> dt.date | None:
    """The month asked for (2026-10), else the newest that has opened: later ones are only planned.

    None where there are no periods at all.
    """
    for period in periods:
        if f"{period.month:%Y-%m}" == text:
            return period.month
    opened = [period.month for period in periods if period.opens_at <= now]
    return max(opened) if opened else (periods[0].month if periods else None)
