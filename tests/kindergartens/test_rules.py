"""Class sizes, ages and school years (cases V7 and V10)."""

import datetime as dt

import pytest

from kindergartens.rules import (
    AgeGroup,
    age_group,
    age_in_school_year,
    class_complies,
    school_year,
)


@pytest.mark.parametrize(
    ("grade", "children", "complies"),
    [
        ("small", 25, True),
        ("small", 26, False),
        ("middle", 30, True),
        ("middle", 31, False),
        ("large", 35, True),
        ("large", 36, False),
        ("mixed", 30, True),
        ("mixed", 31, False),
        ("nursery", 40, None),
    ],
)
def test_class_size_limits(grade: str, children: int, complies: bool | None) -> None:
    assert class_complies(grade, children) is complies


@pytest.mark.parametrize(
    ("birth", "group"),
    [
        (dt.date(2023, 8, 31), AgeGroup.PRESCHOOL),
        (dt.date(2023, 9, 1), AgeGroup.UNDER_THREE),
        (dt.date(2020, 9, 1), AgeGroup.PRESCHOOL),
        (dt.date(2020, 8, 31), AgeGroup.OVER_AGE),
    ],
)
def test_who_belongs_to_the_school_year_of_2026(birth: dt.date, group: AgeGroup) -> None:
    assert age_group(birth, 2026) is group


def test_leap_day_child_turns_three_before_31_august() -> None:
    assert age_in_school_year(dt.date(2024, 2, 29), 2026) == 2
    assert age_in_school_year(dt.date(2024, 2, 29), 2027) == 3


@pytest.mark.parametrize(
    ("day", "year"),
    [(dt.date(2026, 8, 31), 2025), (dt.date(2026, 9, 1), 2026), (dt.date(2027, 1, 1), 2026)],
)
def test_school_year_begins_on_1_september(day: dt.date, year: int) -> None:
    assert school_year(day) == year
