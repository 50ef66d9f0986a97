"""Staffing of one kindergarten, by table (V4–V6) and for any head-count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.rules import (
    FULL_DAY_STAFF,
    HealthStaffNeed,
    Staffing,
    against,
    care_teaching_standard,
    health_staff_needed,
    people_needed,
    people_short,
    staff_standard,
)


@pytest.mark.parametrize(
    ("children", "people", "most", "short"),
    [
        (105, 15, 7, 0),
        (106, 15, 7, 1),
        (300, 20, 15, 0),
        (301, 20, 15, 1),
        (34_737, 2_249, 15, 67),
        (0, 0, 7, 0),
        (1, 0, 7, 1),
    ],
)
def test_people_short(children, people, most, short):
    assert people_short(children, people, most) == short


@pytest.mark.parametrize(
    ("children", "need"),
    [
        (0, HealthStaffNeed(0, False)),
        (149, HealthStaffNeed(1, False)),
        (150, HealthStaffNeed(1, True)),
        (151, HealthStaffNeed(2, True)),
        (300, HealthStaffNeed(2, True)),
    ],
)
def test_health_staff(children, need):
    assert health_staff_needed(children) == need


@pytest.mark.parametrize(
    ("children", "people", "stands"),
    [
        (105, 15, Staffing.ENOUGH),
        (106, 15, Staffing.SHORT),
        (75, 15, Staffing.ENOUGH),
        (74, 15, Staffing.MORE),
        (10, 0, Staffing.SHORT),
        (0, 3, Staffing.UNAVAILABLE),
    ],
)
def test_against_the_full_day_standard(children, people, stands):
    assert against(FULL_DAY_STAFF, children, people) is stands


def test_half_day_kindergartens_have_limits_of_their_own():
    assert (staff_standard(half_day=False).most, staff_standard(half_day=True).most) == (7, 10)
    assert care_teaching_standard(half_day=False).most == 9
    assert care_teaching_standard(half_day=True).most == 13
    assert against(staff_standard(half_day=True), 100, 10) is Staffing.ENOUGH
    assert against(staff_standard(half_day=False), 100, 10) is Staffing.SHORT


@given(children=st.integers(0, 10**6), most=st.integers(1, 500))
def test_needed_people_are_the_fewest_that_do(children, most):
    needed = people_needed(children, most)
    assert needed * most >= children
    assert needed == 0 or (needed - 1) * most < children
