"""How a return stands against its deadline, in working days. Plain Python.

Late (迟报) is what was filed after the deadline; overdue (逾期) is what is still missing after it.
The two are never counted together.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from kindergartens.calendar.rules import WorkingCalendar, working_days_between


class Kind(StrEnum):
    ON_TIME = "on_time"  # filed by the deadline
    LATE = "late"  # filed after it
    UPCOMING = "upcoming"  # the month is not open yet
    LEFT = "left"  # not filed, the deadline is ahead
    EXTENDED = "extended"  # not filed, locked, and open to this one kindergarten
    OVERDUE = "overdue"  # not filed, the deadline is past


class Urging(StrEnum):
    """Whether a kindergarten may be urged now, else the first thing that is against it."""

    POSSIBLE = "possible"
    FILED = "filed"  # it has nothing to do
    UPCOMING = "upcoming"  # the month is not open yet
    LOCKED = "locked"  # it cannot file any more without an extension
    TODAY = "today"  # it was urged today, for whichever month


@dataclass(frozen=True)
class Standing:
    """`days` are working days: to the deadline or the extension's end, or after the deadline.

    0 is the deadline's own day, or a day after it before any working day has passed.
    """

    kind: Kind
    days: int


@dataclass(frozen=True)
class Times:
    """A month's moments for one kindergarten; `extended_until` of the extension in force."""

    opens_at: dt.datetime
    due_at: dt.datetime
    locks_at: dt.datetime
    extended_until: dt.datetime | None


def standing(
    times: Times,
    *,
    filed_at: dt.datetime | None,
    now: dt.datetime,
    zone: dt.tzinfo,
    working: WorkingCalendar,
) -> Standing:
    """How a return stands. `filed_at` is its first submission, None while it is not filed."""

    def days(first: dt.datetime, last: dt.datetime) -> int:
        return working_days_between(
            first.astimezone(zone).date(), last.astimezone(zone).date(), working
        )

    if filed_at is not None:
        if filed_at <= times.due_at:
            return Standing(Kind.ON_TIME, 0)
        return Standing(Kind.LATE, days(times.due_at, filed_at))
    if now < times.opens_at:
        return Standing(Kind.UPCOMING, 0)
    if now <= times.due_at:
        return Standing(Kind.LEFT, days(now, times.due_at))
    if times.extended_until is not None and now >= times.locks_at:
        return Standing(Kind.EXTENDED, days(now, times.extended_until))
    return Standing(Kind.OVERDUE, days(times.due_at, now))
