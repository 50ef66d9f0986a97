"""Working days by the State Council's notices, and the dates that follow from them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.calendar import rules
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import PeriodDates, PeriodTimes

CHINA = ZoneInfo("Asia/Shanghai")
WORKING = working_calendar()
DAYS = st.dates(dt.date(2023, 6, 1), dt.date(2028, 6, 1))
COUNTS = st.integers(0, 40)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-11-26", True),  # a Thursday
        ("2026-11-28", False),  # a Saturday
        ("2024-02-04", True),  # a Sunday worked for the Spring Festival
        ("2024-02-09", True),  # New Year's Eve 2024: paid leave was encouraged, not ordered
        ("2024-02-12", False),
        ("2024-09-14", True),
        ("2024-10-12", True),
        ("2025-01-01", False),
        ("2025-01-02", True),
        ("2025-01-26", True),
        ("2025-01-28", False),
        ("2025-10-08", False),  # the eighth day, with the Mid-Autumn Festival
        ("2025-10-11", True),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-09-25", False),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2027-10-01", True),  # not published: weekends only
    ],
)
def test_working_days(text: str, works: bool) -> None:
    assert rules.is_working_day(day(text), WORKING) is works


# 《全国年节及纪念日放假办法》: eleven holidays for everybody, thirteen from 2025 on. Moving days about
# changes which days are worked, not how many: all days but weekends and holidays.
@pytest.mark.parametrize(
    ("year", "days"),
    [(2024, 366 - 104 - 11), (2025, 365 - 104 - 13), (2026, 365 - 104 - 13)],
)
def test_each_notice_is_whole(year: int, days: int) -> None:
    before, last = dt.date(year - 1, 12, 31), dt.date(year, 12, 31)
    assert rules.working_days_between(before, last, WORKING) == days
    worked = [one for one in WORKING.make_up_days if one.year == year]
    assert all(one.weekday() >= 5 for one in worked)
    assert not WORKING.days_off & set(worked)
    assert WORKING.notices[year].issued_on.year == year - 1


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-10-31", 5, "2026-11-06"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),  # a make-up Saturday
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-11-28", 0, "2026-11-28"),
        ("2026-12-31", 2, "2027-01-04"),
    ],
)
def test_adding(start: str, count: int, end: str) -> None:
    assert rules.add_working_days(day(start), count, WORKING) == day(end)


def test_days_are_counted_forwards() -> None:
    with pytest.raises(ValueError, match="forwards"):
        rules.add_working_days(day("2026-11-26"), -1, WORKING)


@given(DAYS, COUNTS)
def test_between_undoes_adding(start: dt.date, count: int) -> None:
    end = rules.add_working_days(start, count, WORKING)
    assert rules.working_days_between(start, end, WORKING) == count
    assert count == 0 or rules.is_working_day(end, WORKING)


@given(DAYS, COUNTS, COUNTS)
def test_adding_goes_step_by_step(start: dt.date, first: int, more: int) -> None:
    there = rules.add_working_days(start, first, WORKING)
    assert rules.add_working_days(there, more, WORKING) == rules.add_working_days(
        start, first + more, WORKING
    )


@given(DAYS, DAYS, DAYS)
def test_stretches_add_up(one: dt.date, another: dt.date, third: dt.date) -> None:
    first, middle, last = sorted((one, another, third))
    between = rules.working_days_between
    assert between(first, middle, WORKING) + between(middle, last, WORKING) == between(
        first, last, WORKING
    )
    assert between(last, first, WORKING) == (0 if first < last else between(first, last, WORKING))


def test_years_that_are_not_published_are_named() -> None:
    assert rules.unpublished_years(day("2026-11-30"), day("2026-12-31"), WORKING) == []
    assert rules.unpublished_years(day("2026-12-31"), day("2027-01-20"), WORKING) == [2027]


@pytest.mark.parametrize(
    ("month", "today", "reference", "opens", "due", "locks"),
    [
        ("2026-10-01", "2026-10-01", "2026-10-31", "2026-10-25", "2026-11-06", "2026-11-17"),
        ("2026-02-01", "2026-01-15", "2026-02-28", "2026-02-25", "2026-03-06", "2026-03-17"),
        # The State Council's week lies between.
        ("2026-09-01", "2026-09-01", "2026-09-30", "2026-09-25", "2026-10-13", "2026-10-22"),
        # Opened too late: counted from today.
        ("2026-10-01", "2026-11-26", "2026-10-31", "2026-11-26", "2026-12-03", "2026-12-14"),
    ],
)
def test_the_days_of_a_month(
    month: str, today: str, reference: str, opens: str, due: str, locks: str
) -> None:
    days = rules.period_days(day(month), PeriodTimes(), WORKING, day(today))
    assert (days.reference_date, days.opens_on) == (day(reference), day(opens))
    assert (days.due_on, days.locks_on) == (day(due), day(locks))


@given(
    st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 1)),
    st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
    st.integers(1, 31),
    st.integers(1, 31),
    st.integers(1, 20),
    st.integers(0, 20),
)
def test_days_are_always_in_order(
    start: dt.date, today: dt.date, reference: int, opens: int, due: int, locks: int
) -> None:
    times = PeriodTimes(max(reference, opens), min(reference, opens), due, locks)
    assert rules.times_problem(times) == ""
    days = rules.period_days(start.replace(day=1), times, WORKING, today)
    assert days.opens_on < days.due_on <= days.locks_on
    assert days.due_on > today
    assert days.reference_date.replace(day=1) == days.month


@pytest.mark.parametrize(
    ("newest", "today", "months"),
    [
        ("2026-10-01", "2026-11-26", ["2026-11-01", "2026-12-01", "2027-01-01"]),
        (None, "2026-11-26", ["2026-11-01", "2026-12-01", "2027-01-01"]),
        ("2027-01-01", "2026-11-26", []),
        ("2020-12-01", "2026-11-26", ["2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"]),
    ],
)
def test_months_to_open(newest: str | None, today: str, months: list[str]) -> None:
    found = rules.months_to_open(day(newest) if newest else None, day(today))
    assert found == [day(month) for month in months]
    waiting = rules.months_overdue(found, day(today))
    assert waiting == [month for month in found if month <= day(today)]


NOW_IS = PeriodDates(
    day("2026-10-31"), moment("2026-10-25 08:00"), moment("2026-11-06 18:00"),
    moment("2026-11-17 18:00"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "now", "field"),
    [
        ({"reference_date": day("2026-10-30")}, "2026-10-01 12:00", ""),
        ({"opens_at": moment("2026-09-30 08:00")}, "2026-10-01 12:00", "opens_at"),
        ({"reference_date": day("2026-10-30")}, "2026-11-01 12:00", "reference_date"),
        ({"opens_at": moment("2026-11-02 08:00")}, "2026-11-01 12:00", "opens_at"),
        ({"due_at": moment("2026-11-09 18:00")}, "2026-11-01 12:00", ""),
        ({"due_at": moment("2026-11-09 18:00")}, "2026-11-08 12:00", ""),
        ({"due_at": moment("2026-11-01 11:00")}, "2026-11-01 12:00", "due_at"),
        ({"locks_at": moment("2026-11-20 18:00")}, "2026-11-08 12:00", ""),
        ({"locks_at": moment("2026-11-08 11:00")}, "2026-11-08 12:00", "locks_at"),
    ],
)
def test_what_may_change_when(changes: dict[str, object], now: str, field: str) -> None:
    wanted = replace(NOW_IS, **changes)
    found, reason = rules.change_problem(NOW_IS, wanted, moment(now))
    assert (found, bool(reason)) == (field, bool(field))


def test_a_locked_month_does_not_move() -> None:
    wanted = replace(NOW_IS, locks_at=moment("2026-11-30 18:00"))
    assert "已经锁定" in rules.change_problem(NOW_IS, wanted, moment("2026-11-17 18:00"))[1]


MOMENTS = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: moment("2026-10-01 00:00") + dt.timedelta(minutes=minutes)
)


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_nobody_who_was_on_time_becomes_late(
    now: dt.datetime, due: dt.datetime, locks: dt.datetime, filed: dt.datetime
) -> None:
    wanted = replace(NOW_IS, due_at=due, locks_at=locks)
    if filed <= min(now, NOW_IS.due_at) and not rules.change_problem(NOW_IS, wanted, now)[1]:
        assert filed <= wanted.due_at


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, ""),
        ({"reference_date": day("2026-11-01")}, "reference_date"),
        ({"opens_at": moment("2026-11-06 18:00")}, "due_at"),
        ({"locks_at": moment("2026-11-06 17:00")}, "locks_at"),
        ({"locks_at": moment("2027-11-17 18:00")}, "locks_at"),
        ({"opens_at": moment("2026-08-25 08:00")}, "opens_at"),
    ],
)
def test_dates_in_order(changes: dict[str, object], field: str) -> None:
    assert rules.dates_problem(day("2026-10-01"), replace(NOW_IS, **changes))[0] == field


@pytest.mark.parametrize(
    ("until", "latest", "now", "says"),
    [
        ("2026-11-25 18:00", None, "2026-11-20 09:00", ""),
        ("2026-11-19 18:00", None, "2026-11-20 09:00", "现在以后"),
        ("2026-11-17 12:00", None, "2026-11-10 09:00", "锁定以前"),
        ("2026-11-20 18:00", None, "2026-11-10 09:00", ""),
        ("2026-12-25 18:00", None, "2026-11-20 09:00", "最多延期30天"),
        ("2026-11-25 18:00", "2026-11-25 18:00", "2026-11-20 09:00", "已有的延期"),
        ("2026-11-26 18:00", "2026-11-25 18:00", "2026-11-20 09:00", ""),
    ],
)
def test_extensions(until: str, latest: str | None, now: str, says: str) -> None:
    problem = rules.extension_problem(
        until=moment(until),
        locks_at=NOW_IS.locks_at,
        latest=moment(latest) if latest else None,
        now=moment(now),
    )
    assert says in problem
    assert bool(problem) is bool(says)
