"""Children from births, and sums that have to fit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.population.rules import SumCheck, cohort, forecast

BIRTHS = {2021: 1200, 2022: 900, 2023: 600, 2024: 300}


@pytest.mark.parametrize(
    ("school_year", "age", "children"),
    [
        # Born September 2022 to August 2023: 900 × 4/12 + 600 × 8/12.
        (2026, 3, Decimal(700)),
        # Born September 2021 to August 2022: 1200 × 4/12 + 900 × 8/12.
        (2026, 4, Decimal(1000)),
        (2026, 5, None),  # needs 2020
        (2027, 3, Decimal(400)),
        (2028, 3, None),  # needs 2025
    ],
)
def test_a_cohort_is_of_two_years_of_births(school_year, age, children):
    assert cohort(BIRTHS, school_year=school_year, age=age) == children


def test_a_forecast_with_a_gap_has_no_total():
    found = forecast(BIRTHS, school_year=2026)
    assert (found.by_age, found.total) == ({3: 700, 4: 1000, 5: None}, None)
    assert forecast({**BIRTHS, 2020: 1200}, school_year=2026).total == 700 + 1000 + 1200
    assert forecast({}, school_year=2026).by_age == {3: None, 4: None, 5: None}


@given(st.lists(st.integers(0, 10**6), min_size=8, max_size=8))
def test_a_child_is_in_one_cohort_each_year_and_moves_up(numbers):
    births = dict(zip(range(2018, 2026), numbers, strict=True))
    for school_year in range(2024, 2028):
        for age in (3, 4):
            before = cohort(births, school_year=school_year, age=age)
            after = cohort(births, school_year=school_year + 1, age=age + 1)
            assert before == after
    found = forecast(births, school_year=2026)
    assert abs(found.total - sum(found.by_age.values())) <= 2


@pytest.mark.parametrize(
    ("towns", "county", "missing", "difference", "is_wide"),
    [
        (1000, 1000, 0, 0, False),
        (1005, 1000, 0, 5, False),
        (1006, 1000, 0, 6, True),
        (994, 1000, 0, -6, True),
        (500, 1000, 3, None, False),
        (None, 1000, 0, None, False),
        (1000, None, 0, None, False),
        (1, 0, 0, 1, True),
    ],
)
def test_sums_are_compared_where_they_are_complete(towns, county, missing, difference, is_wide):
    check = SumCheck(towns, county, missing)
    assert (check.difference, check.is_wide) == (difference, is_wide)
