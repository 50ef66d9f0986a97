"""Dates of the demo on whatever day it is loaded, and parts that add up."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.demo.calendar import at_time, past_year, running_year
from config.demo.classes import LIMITS, Grade, history, make_classes
from config.demo.parts import apportion, spread_units
from config.demo.staff import make_staff


@given(st.dates(dt.date(2025, 1, 1), dt.date(2031, 12, 31)))
def test_a_return_can_be_filled_in_and_judged_on_any_day(today: dt.date) -> None:
    periods = running_year(today)
    months = [period.month for period in periods]
    assert len(set(months)) == 12
    assert months == sorted(months)
    assert months[-1] == (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)

    open_now = periods[-1]
    midnight = at_time(today, dt.time(0, 0))
    assert open_now.opens_at < midnight
    assert open_now.due_at >= midnight + dt.timedelta(days=5)
    assert open_now.locks_at - open_now.due_at == dt.timedelta(days=9)
    for before in periods[:-1]:
        assert before.locks_at <= midnight + dt.timedelta(days=15)
    for period in periods:
        assert (period.reference_date + dt.timedelta(days=1)).day == 1
        sessions = period.sessions
        assert sessions == sorted(set(sessions))
        assert period.opens_at < sessions[0]
        assert sessions[-1] < min(period.due_at, period.horizon)
        late = period.late_sessions
        assert all(period.due_at < moment < period.locks_at for moment in late)


def test_a_month_in_the_past_is_due_on_the_6th_and_locks_on_the_15th() -> None:
    last = past_year(dt.date(2020, 12, 1))[-1]
    assert timezone.localtime(last.due_at).strftime("%Y-%m-%d %H:%M") == "2021-01-06 18:00"
    assert timezone.localtime(last.locks_at).strftime("%Y-%m-%d %H:%M") == "2021-01-15 18:00"
    assert timezone.localtime(last.opens_at).strftime("%Y-%m-%d") == "2020-12-25"


@given(st.integers(0, 50_000), st.lists(st.floats(0.1, 10), min_size=1, max_size=40))
def test_parts_add_up_and_none_is_negative(total: int, weights: list[float]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


def test_every_place_gets_one_before_any_gets_two() -> None:
    assert spread_units(random.Random(1), 12, [1, 1, 20]) == [2, 1, 9]
    assert spread_units(random.Random(1), 3, [1, 1, 20]) == [1, 1, 1]


@pytest.mark.parametrize("last_month", range(1, 13))
@given(children=st.integers(20, 480), seed=st.integers(0, 1000))
def test_classes_stay_plausible_through_the_year(last_month: int, children: int, seed: int) -> None:
    rng = random.Random(seed)
    months = [(last_month + at) % 12 + 1 for at in range(12)]
    for base_at in (10, 11):
        base = make_classes(rng, children)
        assert sum(row.children for row in base) == children
        year = history(rng, base, base_at, months)
        assert year[base_at] == base
        for classes in year:
            assert len({row.name for row in classes}) == len(classes)
            for row in classes:
                assert row.boys >= 0
                assert row.girls >= 0
                assert min(row.ages) >= 0
                assert sum(row.ages) == row.children
                assert row.children <= 1.8 * LIMITS[Grade(row.grade)]


@given(children=st.integers(20, 480), seed=st.integers(0, 1000))
def test_staff_counts_are_never_negative(children: int, seed: int) -> None:
    rng = random.Random(seed)
    for people, certified in make_staff(rng, make_classes(rng, children), None).values():
        assert people >= 0
        assert certified is None or 0 <= certified <= people
