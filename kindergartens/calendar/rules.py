"""Working days, and when a month's returns open, are due and lock. Plain Python.

Sources: the yearly notices of the General Office of the State Council on holidays and make-up days
(holidays.toml says which); 月报 to the county bureau by date, seed document 001 (四)2 月报告.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

ONE_DAY = dt.timedelta(days=1)
SATURDAY = 5
# An extension is for days, not for months: whoever needs longer asks again, with the new reason.
LONGEST_EXTENSION = dt.timedelta(days=30)
# Further ahead nobody needs periods, and the State Council has not said when people work.
MONTHS_AHEAD = 2


@dataclass(frozen=True)
class Notice:
    """The notice that arranges a year: its number and the day it was issued."""

    document: str
    issued_on: dt.date


@dataclass(frozen=True)
class WorkingCalendar:
    """`notices` by year, days off (holidays with their weekends), and weekends that are worked."""

    notices: Mapping[int, Notice]
    days_off: frozenset[dt.date]
    make_up_days: frozenset[dt.date]


def is_working_day(day: dt.date, working: WorkingCalendar) -> bool:
    """Monday to Friday but for holidays, and the weekends that make up for them (调休上班)."""
    if day in working.make_up_days:
        return True
    return day.weekday() < SATURDAY and day not in working.days_off


def add_working_days(day: dt.date, count: int, working: WorkingCalendar) -> dt.date:
    """The `count`-th working day after a day, which itself does not count; 0 is the day itself."""
    if count < 0:
        raise ValueError("working days are counted forwards")
    while count:
        day += ONE_DAY
        count -= is_working_day(day, working)
    return day


def subtract_working_days(day: dt.date, count: int, working: WorkingCalendar) -> dt.date:
    """The last working day from which `count` working days end on a day or before it.

    0 is the day itself.
    """
    if count < 0:
        raise ValueError("working days are counted backwards by their number")
    while count and not is_working_day(day, working):
        day -= ONE_DAY
    while count:
        day -= ONE_DAY
        count -= is_working_day(day, working)
    return day


def working_days_between(first: dt.date, last: dt.date, working: WorkingCalendar) -> int:
    """Working days after `first` up to and with `last`; 0 where `last` is not later."""
    days = (last - first).days
    return sum(is_working_day(first + ONE_DAY * ahead, working) for ahead in range(1, days + 1))


def unpublished_years(
    first: dt.date, last: dt.date, working: WorkingCalendar, *, on: dt.date | None = None
) -> list[int]:
    """Years of a stretch of days whose holidays are not known: only weekends were left out.

    `on` is the day on which the stretch was computed and kept; a notice that was issued later was
    not in it.
    """
    return [
        year
        for year in range(first.year, last.year + 1)
        if year not in working.notices or (on and working.notices[year].issued_on > on)
    ]


@dataclass(frozen=True)
class PeriodTimes:
    """How a county sets its months. Days of the month reported on; beyond its end: its last day.

    `due_after` working days follow the statistical date, `locks_after` the due date.
    """

    reference_day: int = 31
    opens_day: int = 25
    due_after: int = 5
    locks_after: int = 7


@dataclass(frozen=True)
class PeriodDays:
    """The days of one month. Opens in the morning; is due and locks in the evening."""

    month: dt.date
    reference_date: dt.date
    opens_on: dt.date
    due_on: dt.date
    locks_on: dt.date


def day_of_month(month: dt.date, day: int) -> dt.date:
    """A day of a month, or its last where the month is shorter."""
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))


def add_months(month: dt.date, count: int) -> dt.date:
    at = month.year * 12 + month.month - 1 + count
    return dt.date(at // 12, at % 12 + 1, 1)


def times_problem(times: PeriodTimes) -> str:
    """Why a county cannot set its months so; empty when it can."""
    if times.opens_day > times.reference_day:
        return "开放日不能晚于统计时点，否则园所没有时间填。"
    return ""


def period_days(
    month: dt.date, times: PeriodTimes, working: WorkingCalendar, today: dt.date
) -> PeriodDays:
    """The days of a month by the county's rule.

    For a month whose statistical date is past the days to file in are counted from today: nobody
    is late in what was not asked for.
    """
    reference = day_of_month(month, times.reference_day)
    due = add_working_days(max(reference, today), times.due_after, working)
    return PeriodDays(
        month=month,
        reference_date=reference,
        opens_on=max(day_of_month(month, times.opens_day), today),
        due_on=due,
        locks_on=add_working_days(due, times.locks_after, working),
    )


def holidays(asked: Collection[dt.date]) -> frozenset[dt.date]:
    """Months (寒暑假) without a period between months that have one; before the first and after the
    newest nothing is known.
    """
    found = set()
    month, newest = min(asked, default=None), max(asked, default=None)
    while month is not None and newest is not None and month < newest:
        month = add_months(month, 1)
        if month not in asked:
            found.add(month)
    return frozenset(found)


def months_to_open(newest: dt.date | None, today: dt.date) -> list[dt.date]:
    """Months after the county's newest that may be opened, oldest first.

    The month before the present one is the oldest: what lies further back is over.
    """
    present = today.replace(day=1)
    first = present if newest is None else max(add_months(newest, 1), add_months(present, -1))
    last = add_months(present, MONTHS_AHEAD)
    months = []
    while first <= last:
        months.append(first)
        first = add_months(first, 1)
    return months


def months_overdue(months: list[dt.date], today: dt.date) -> list[dt.date]:
    """Those of the months to open that have begun: kindergartens wait for them."""
    return [month for month in months if month <= today]


@dataclass(frozen=True)
class PeriodDates:
    """The four dates of a period as they are or are to be."""

    reference_date: dt.date
    opens_at: dt.datetime
    due_at: dt.datetime
    locks_at: dt.datetime


def dates_problem(month: dt.date, wanted: PeriodDates) -> tuple[str, str]:
    """Field and reason why a period cannot have these dates; both empty when it can."""
    if wanted.reference_date.replace(day=1) != month:
        return "reference_date", f"统计时点要在{month.year}年{month.month}月里。"
    if wanted.opens_at >= wanted.due_at:
        return "due_at", "报送截止要晚于开放填报。"
    if wanted.due_at > wanted.locks_at:
        return "locks_at", "锁定时间不能早于报送截止。"
    if wanted.locks_at > wanted.opens_at + dt.timedelta(days=92):
        return "locks_at", "从开放到锁定不能超过三个月，请核对年份和月份。"
    if abs(wanted.opens_at.date() - wanted.reference_date) > dt.timedelta(days=62):
        return "opens_at", "开放填报和统计时点相差超过两个月，请核对。"
    return "", ""


def change_problem(now_is: PeriodDates, wanted: PeriodDates, now: dt.datetime) -> tuple[str, str]:
    """Field and reason why a period's dates cannot be changed so at this moment.

    Before it opens all may change; while it runs only when it is due and locks, and never to a
    moment that is past, so that nobody who was on time is late, nor shut out unawares; after the
    lock nothing: single kindergartens get an extension.
    """
    if now >= now_is.locks_at:
        return "", "这个月已经锁定，不能再改时间。个别园要补报的，在这个月的页面给它延期。"
    if now >= now_is.opens_at:
        if wanted.reference_date != now_is.reference_date:
            return "reference_date", "已经开放填报，统计时点不能再改：园所已按它填报。"
        if wanted.opens_at != now_is.opens_at:
            return "opens_at", "已经开放填报，开放时间不能再改。"
    for name in ("opens_at", "due_at", "locks_at"):
        if getattr(wanted, name) != getattr(now_is, name) and getattr(wanted, name) <= now:
            return name, "新的时间要晚于现在。"
    return "", ""


def extension_problem(
    *, until: dt.datetime, locks_at: dt.datetime, latest: dt.datetime | None, now: dt.datetime
) -> str:
    """Why one kindergarten's month cannot be opened until then; empty when it can.

    `latest` is the end of the extension it has already, None without one.
    """
    if until <= now:
        return "延期要到现在以后，请核对日期和时间。"
    if until <= locks_at:
        return "这个时间还在锁定以前，不延期也能报。请填锁定以后的时间。"
    if until > max(now, locks_at) + LONGEST_EXTENSION:
        return f"一次最多延期{LONGEST_EXTENSION.days}天。还不够的，到时再延一次，写明新的原因。"
    if latest is not None and until <= latest:
        return "已有的延期不比这个早，不用再办。要缩短的，先撤销原来的延期。"
    return ""


# ---- pre-review by the towns (乡镇初审) ----------------------------------------------------------


@dataclass(frozen=True)
class PreReview:
    """From a month on the towns look at returns first, or do not."""

    from_month: dt.date
    is_on: bool


def pre_reviews_in_force(decided: Sequence[PreReview]) -> list[PreReview]:
    """Decisions in the order they were made → what holds from which month on, by month.

    A later decision takes the place of all that was said of its month and those after it. What
    changes nothing (off, before it was ever on) is left out.
    """
    found: list[PreReview] = []
    for one in decided:
        found = [before for before in found if before.from_month < one.from_month]
        if (found[-1].is_on if found else False) != one.is_on:
            found.append(one)
    return found


def pre_review_months(first_unlocked: dt.date | None, today: dt.date) -> list[dt.date]:
    """The months from which a decision may hold: none that is locked, and not far ahead."""
    this = today.replace(day=1)
    first = this if first_unlocked is None else min(first_unlocked, this)
    months = []
    while first <= add_months(this, MONTHS_AHEAD):
        months.append(first)
        first = add_months(first, 1)
    return months
