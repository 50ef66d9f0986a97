"""When a month's returns open, are due and lock, and the office hours in between."""

from __future__ import annotations

import calendar
import datetime as dt
import random
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

MONTHS = 12
OFFICE_TIMES = [dt.time(9, 30), dt.time(11, 0), dt.time(14, 30), dt.time(16, 40)]
# The longest a director's submission precedes the session that takes it up, on the same day.
MOST_MINUTES_BEFORE = 75


@dataclass(frozen=True)
class PeriodPlan:
    """A month with its dates. Nothing has happened after `horizon`."""

    month: dt.date
    reference_date: dt.date
    opens_at: dt.datetime
    due_at: dt.datetime
    locks_at: dt.datetime
    horizon: dt.datetime

    @cached_property
    def sessions(self) -> list[dt.datetime]:
        """Four sittings of the officer between the statistical date and the due date."""
        start = at_time(self.reference_date, dt.time(8, 0))
        moments = _office_moments(start, min(self.due_at, self.horizon))
        last = len(moments) - 1
        return [moments[last * quarter // 4] for quarter in range(1, 4)] + [moments[last]]

    @cached_property
    def late_sessions(self) -> list[dt.datetime]:
        """Two sittings between the due date and the lock; none before they are past."""
        if self.horizon < self.locks_at:
            return []
        moments = _office_moments(self.due_at, self.locks_at)
        return [moments[len(moments) // 2], moments[-1]]

    def submission_before(self, rng: random.Random, session: dt.datetime) -> dt.datetime:
        """A moment shortly before a session, when a director submits."""
        return session - dt.timedelta(minutes=rng.randint(5, MOST_MINUTES_BEFORE))


def at_time(day: dt.date, time: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, time))


def _office_moments(start: dt.datetime, end: dt.datetime) -> list[dt.datetime]:
    """Office times after `start` and before `end`, leaving time for submissions after `start`."""
    day = timezone.localdate(start)
    moments = []
    while day <= timezone.localdate(end):
        moments += [at_time(day, time) for time in OFFICE_TIMES]
        day += dt.timedelta(days=1)
    soonest = start + dt.timedelta(minutes=MOST_MINUTES_BEFORE)
    return [moment for moment in moments if soonest < moment < end]


def add_months(month: dt.date, count: int) -> dt.date:
    at = month.year * 12 + month.month - 1 + count
    return dt.date(at // 12, at % 12 + 1, 1)


def past_year(last_month: dt.date) -> list[PeriodPlan]:
    """The twelve months that end with `last_month`, all of them over."""
    return [_past_period(add_months(last_month, at - MONTHS + 1)) for at in range(MONTHS)]


def running_year(today: dt.date) -> list[PeriodPlan]:
    """The twelve months that end with the month before `today`.

    The last one is open for at least five days more, whatever the day, so that a return can be
    filled in and judged.
    """
    last_month = add_months(today.replace(day=1), -1)
    *past, last = past_year(last_month)
    due_at = max(last.due_at, at_time(today + dt.timedelta(days=5), dt.time(18, 0)))
    current = PeriodPlan(
        month=last.month,
        reference_date=last.reference_date,
        opens_at=last.opens_at,
        due_at=due_at,
        locks_at=due_at + dt.timedelta(days=9),
        horizon=at_time(today, dt.time(0, 0)),
    )
    return [*past, current]


def _past_period(month: dt.date) -> PeriodPlan:
    following = add_months(month, 1)
    locks_at = at_time(following.replace(day=15), dt.time(18, 0))
    return PeriodPlan(
        month=month,
        reference_date=month.replace(day=calendar.monthrange(month.year, month.month)[1]),
        opens_at=at_time(month.replace(day=25), dt.time(8, 0)),
        due_at=at_time(following.replace(day=6), dt.time(18, 0)),
        locks_at=locks_at,
        horizon=locks_at,
    )
