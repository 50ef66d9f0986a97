"""What a report of a hazard must say, what may follow what, when one is overdue; the direct criteria."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from safety.hazards import rules
from safety.hazards.criteria import all_criteria, criteria_in

TODAY = dt.date(2026, 11, 5)
TOLD: dict[str, Any] = {
    "place": "一楼厨房", "description": "灭火器过期", "found_on": TODAY, "fixed_on_spot": False,
    "deadline": dt.date(2026, 11, 12), "grade": "general", "photos": 1, "mended_photos": 0,
    "today": TODAY,
}  # fmt: skip
ON_SPOT = {"fixed_on_spot": True, "deadline": None, "mended_photos": 1}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, None),
        (ON_SPOT, None),
        ({"photos": 0}, None),
        ({"deadline": TODAY}, None),
        ({"place": "  "}, "place"),
        ({"description": " "}, "description"),
        ({"found_on": dt.date(2026, 11, 6)}, "found_on"),
        ({"found_on": dt.date(2025, 11, 5), "deadline": TODAY}, None),
        ({"found_on": dt.date(2025, 11, 4)}, "found_on"),
        ({"deadline": dt.date(2027, 11, 5)}, None),
        ({"deadline": dt.date(2027, 11, 6)}, "deadline"),
        ({"deadline": dt.date(2027, 11, 6), "of_bureau": True}, None),
        ({"deadline": dt.date(2206, 11, 12), "of_bureau": True}, "deadline"),
        ({"photos": 6}, "photos"),
        ({"deadline": None}, "deadline"),
        ({"deadline": dt.date(2026, 11, 4)}, "deadline"),
        (ON_SPOT | {"deadline": TODAY}, "deadline"),
        (ON_SPOT | {"mended_photos": 0}, "mended_photos"),
        (ON_SPOT | {"mended_photos": 6}, "mended_photos"),
        (ON_SPOT | {"grade": "major"}, "fixed_on_spot"),
        ({"mended_photos": 1}, "mended_photos"),
    ],
)
def test_a_report_says_where_what_and_until_when(more: dict[str, Any], field: str | None) -> None:
    problem = rules.report_problem(**TOLD | more)
    assert (problem and problem[0]) == field


def test_a_photo_without_a_place_is_asked_where_it_was_taken() -> None:
    with_photo, without = (
        rules.report_problem(**TOLD | {"place": "", "photos": n}) for n in (1, 0)
    )
    assert "照片" in str(with_photo)
    assert "照片" not in str(without)


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ({}, False),
        ({"grade": "major"}, True),
        ({"grade": "major", "of_bureau": True}, False),
        ({"days": 31}, True),
        ({"days": 31, "of_kindergarten": False}, False),
        ({"days": None}, False),
    ],
)
def test_what_waits_for_the_bureau_to_grade_it(said: dict[str, Any], waits: bool) -> None:
    told = {"grade": "general", "of_kindergarten": True, "of_bureau": False, "days": 30} | said
    days = told.pop("days")
    deadline = TODAY + dt.timedelta(days) if days is not None else None
    assert rules.waits_for_grading(**told, found_on=TODAY, deadline=deadline) == waits


@pytest.mark.parametrize(
    ("deadline", "refused"),
    [(TODAY - dt.timedelta(1), True), (TODAY, False), (dt.date(2206, 11, 5), True)],
)
def test_days_the_bureau_may_set(deadline: dt.date, refused: bool) -> None:
    problem = rules.deadline_problem(deadline=deadline, was=None, today=TODAY)
    assert bool(problem) == refused


@pytest.mark.parametrize(
    ("state", "act", "plated", "following"),
    [
        ("reported", "grade", False, "mending"),
        ("mending", "mend", False, "mended"),
        ("mended", "pass", False, "closed"),
        ("mended", "pass", True, "cleared"),
        ("mended", "send_back", True, "mending"),
        ("cleared", "delist", True, "closed"),
        ("mending", "pass", False, None),
        ("reported", "hang", False, None),
        ("cleared", "mend", True, None),
        ("mended", "withdraw", False, "withdrawn"),
        ("cleared", "withdraw", True, None),
    ],
)
def test_what_follows(state: str, act: str, plated: bool, following: str | None) -> None:
    assert rules.next_state(state, act, plated=plated) == following


@pytest.mark.parametrize("state", rules.OVER)
def test_a_closed_or_withdrawn_one_has_no_way_on(state: str) -> None:
    assert not [act for act in rules.STEPS if rules.next_state(state, act)]


@pytest.mark.parametrize(
    ("state", "deadline", "overdue"),
    [
        ("mending", dt.date(2026, 11, 4), True),
        ("reported", dt.date(2026, 11, 4), True),
        ("mending", TODAY, False),
        ("mended", dt.date(2026, 11, 4), False),
        ("mending", None, False),
    ],
)
def test_overdue_is_of_the_day(state: str, deadline: dt.date | None, overdue: bool) -> None:
    assert rules.is_overdue(state, deadline, TODAY) == overdue


def test_criteria_hold_from_their_day_on_in_their_place() -> None:
    codes = [one.code for one in all_criteria()]
    assert len(codes) == len(set(codes))
    assert {one.field for one in all_criteria()} <= set(rules.FIELDS)
    assert {one.code for one in criteria_in("150203", TODAY) if one.stop_use} >= {
        "premises-d", "food-licence",
    }  # fmt: skip
    assert not criteria_in("150203", dt.date(2024, 6, 23))
