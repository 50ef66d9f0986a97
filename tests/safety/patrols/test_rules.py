"""Offline spans and their days, a week beside the last, who is talked to, points and grades."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest

from safety.patrols.finding_kinds import SEVERITIES, finding_list
from safety.patrols.rules import (
    Course,
    Deduction,
    Grade,
    Looked,
    Span,
    WeekOfOne,
    course,
    grade_of,
    grades_problem,
    monday_of,
    month_after,
    must_talk,
    offline_spans,
    points_left,
)
from tests.small_county import moment


def day(number: int) -> dt.date:
    return dt.date(2026, 10, number)


def looks(*days: int) -> list[Looked]:
    """Patrols numbered 1, 2, 3 …, one on each day."""
    at = [moment(2026, 10, number) for number in days]
    return [Looked(one, one.date(), n) for n, one in enumerate(at, start=1)]


@pytest.mark.parametrize(
    ("days", "offline", "ended", "spans"),
    [
        ([5, 6, 7], [], None, []),
        # Back on the next look: days until before it.
        ([5, 6, 8], [2], None, [Span(day(6), day(6), day(8), 2)]),
        # Nobody looked again: still offline, whatever the time that has gone by.
        ([5, 6], [1, 2], None, [Span(day(5), day(6), None, 1)]),
        # Twice, with a look at which it was there.
        (
            [5, 6, 7, 8],
            [1, 3, 4],
            None,
            [Span(day(5), day(5), day(6), 1), Span(day(7), day(8), None, 3)],
        ),
        # Two patrols a day: offline in the morning, back in the afternoon.
        ([5, 5], [1], None, [Span(day(5), day(5), day(5), 1)]),
        ([5, 6], [1, 2], day(20), [Span(day(5), day(6), day(20), 1)]),
        # Gone on the 7th: a look at its kindergarten a fortnight later does not make it 15 days.
        ([5, 20], [1], day(7), [Span(day(5), day(5), day(7), 1)]),
        ([5, 7], [1], day(7), [Span(day(5), day(5), day(7), 1)]),
        # It was back before it went.
        ([5, 6, 20], [1], day(7), [Span(day(5), day(5), day(6), 1)]),
    ],
)
def test_spans(days, offline, ended, spans):
    assert offline_spans(looks=looks(*days), offline=offline, ended_on=ended) == spans


@pytest.mark.parametrize(
    ("until", "first", "last", "days"),
    [
        (8, 1, 31, 3),  # the 5th, 6th, 7th
        (5, 1, 31, 1),  # back on the same day is one day
        (None, 1, 12, 8),
        (8, 6, 6, 1),
        (8, 8, 31, 0),
        (None, 1, 4, 0),
    ],
)
def test_days_within(until, first, last, days):
    span = Span(day(5), day(5), until and day(until), 1)
    assert span.days_within(day(first), day(last)) == days


def test_open_until_seen_back():
    span = Span(day(5), day(6), day(8), 1)
    assert [span.is_open(day(n)) for n in (4, 5, 7, 8)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ((1, 2, 1), (1, 1, 1), Course.BETTER),
        ((1, 0, 1), (2, 2, 0), Course.WORSE),
        ((1, 1, 0), (1, 0, 1), Course.SAME),
        # Not looked at is not better.
        ((1, 3, 0), (0, 0, 0), Course.UNKNOWN),
        ((0, 0, 0), (1, 3, 0), Course.UNKNOWN),
    ],
)
def test_course(before, now, found):
    assert course(WeekOfOne(*before), WeekOfOne(*now)) == found


@pytest.mark.parametrize(
    ("findings", "days", "reasons"), [(2, 5, 0), (3, 5, 1), (2, 6, 1), (3, 6, 2), (0, 0, 0)]
)
def test_talks_are_for_so_many_findings_or_more_days(findings, days, reasons):
    told = must_talk(findings=findings, offline_days=days, findings_at_least=3, offline_days_over=5)
    assert len(told) == reasons


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        ("100", "excellent"),
        ("90", "excellent"),
        ("89.5", "good"),
        ("60", "passed"),
        ("59.9", "fail"),
    ],
)
def test_grades(points, grade):
    found = grade_of(D(points), excellent_from=90, good_from=80, pass_from=60)
    assert found == Grade(grade)


def test_points_are_never_below_nothing():
    lost = [Deduction(day(1), "x", D("0.5")), Deduction(day(2), "y", D(5))]
    assert points_left(lost) == D("94.5")
    assert points_left([*lost, Deduction(day(3), "z", D(200))]) == 0


@pytest.mark.parametrize(
    ("points", "grades", "field"),
    [
        ((1, 2, 5), (60, 80, 90), ""),
        ((2, 1, 5), (60, 80, 90), "serious_points"),
        ((1, 2, 1), (60, 80, 90), "grave_points"),
        ((1, 2, 5), (80, 80, 90), "pass_from"),
        ((1, 2, 5), (60, 90, 90), "good_from"),
        ((1, 2, 5), (60, 80, 101), "excellent_from"),
    ],
)
def test_a_rule_of_appraisal_is_in_order(points, grades, field):
    assert grades_problem(points=tuple(map(D, points)), grades=grades)[0] == field


def test_weeks_and_months():
    assert monday_of(dt.date(2026, 11, 1)) == dt.date(2026, 10, 26)
    assert month_after(dt.date(2026, 12, 31)) == dt.date(2027, 1, 1)
    assert month_after(dt.date(2026, 1, 31)) == dt.date(2026, 2, 1)


def test_every_kind_has_its_severity():
    assert {one.severity for one in finding_list().kinds.values()} <= set(SEVERITIES)
