"""From which day on something may be registered without moving a figure that is locked."""

from __future__ import annotations

import datetime as dt

from accounts.models import Region
from kindergartens.changes.policies import months_from

# The last locked month is never further back than this in a county that reports.
LOOKED_BACK = dt.timedelta(days=800)
ONE_DAY = dt.timedelta(days=1)


def earliest_day(home: Region | None, *, today: dt.date, now: dt.datetime) -> dt.date | None:
    """The day after the last locked statistical date of the person's county; None: any day."""
    if home is None or home.level < Region.Level.COUNTY:
        return None
    locked = [
        month.reference_date
        for month in months_from(today - LOOKED_BACK, [home.county or home])
        if now >= month.locks_at
    ]
    return max(locked) + ONE_DAY if locked else None
