"""What a case may say, its clocks, what a finding brings, and a month's return beside its cases."""

from __future__ import annotations

import datetime as dt

import pytest

from safety.incidents.rules import (
    BAR,
    VETO,
    CaseFacts,
    Timing,
    Told,
    brought_by,
    case_problems,
    clock,
    closing_problems,
    month_problem,
    report_problem,
    spoken,
    unmatched,
)

NOW = dt.datetime(2026, 11, 5, 16, 40, tzinfo=dt.UTC)
AT = dt.datetime(2026, 11, 4, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def facts(**changed: object) -> CaseFacts:
    said: dict[str, object] = {
        "occurred_at": AT, "kind": "injury", "place": "操场", "harm": "slight", "children_hurt": 1,
        "children_dead": 0, "staff_hurt": 0, "staff_dead": 0, "concerns_children": True,
        "account": "x", "measures": "x", "reported_at": AT + 25 * MINUTE,
        "reported_to": ["education"], "parents_told_at": AT + 10 * MINUTE,
    }  # fmt: skip
    return CaseFacts(**(said | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, None),
        ({"occurred_at": NOW + MINUTE, "reported_at": None, "reported_to": [],
          "parents_told_at": None}, "occurred_at"),
        ({"occurred_at": AT.replace(year=2016)}, "occurred_at"),
        ({"reported_at": AT - MINUTE}, "reported_at"),
        ({"reported_at": AT}, None),
        ({"reported_at": NOW + MINUTE}, "reported_at"),
        ({"parents_told_at": AT - MINUTE}, "parents_told_at"),
        ({"parents_told_at": NOW + MINUTE}, "parents_told_at"),
        ({"reported_to": []}, "reported_to"),
        ({"reported_at": None}, "reported_at"),
        ({"reported_at": None, "reported_to": [], "parents_told_at": None}, None),
        ({"harm": "none"}, "harm"),
        ({"harm": "none", "children_hurt": 0}, None),
        ({"children_hurt": 0}, "children_hurt"),
        ({"children_dead": 1}, "harm"),
        ({"harm": "death"}, "harm"),
        ({"harm": "death", "staff_dead": 1}, None),
        ({"concerns_children": False}, "concerns_children"),
        ({"concerns_children": False, "children_hurt": 0, "staff_hurt": 1}, "parents_told_at"),
        ({"concerns_children": False, "children_hurt": 0, "staff_hurt": 1,
          "parents_told_at": None}, None),
    ],
)  # fmt: skip
def test_what_a_case_may_say(changed, field):
    assert next((place for place, _ in case_problems(facts(**changed), NOW)), None) == field


@pytest.mark.parametrize(
    ("done", "now", "allowed", "timing", "minutes"),
    [
        (AT + 60 * MINUTE, NOW, 60, Timing.IN_TIME, 60),
        (AT + 61 * MINUTE, NOW, 60, Timing.LATE, 1),
        (AT + 61 * MINUTE, NOW, None, Timing.DONE, 61),
        (None, AT + 60 * MINUTE, 60, Timing.RUNNING, 0),
        (None, AT + 61 * MINUTE, 60, Timing.OVERDUE, 1),
        (None, AT + 61 * MINUTE, None, Timing.WAITING, 61),
    ],
)
def test_a_step_against_the_time_allowed(done, now, allowed, timing, minutes):
    found = clock(AT, done, now, allowed)
    assert (found.timing, found.minutes) == (timing, minutes)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0分钟"), (59, "59分钟"), (60, "1小时"), (125, "2小时5分钟"), (2880, "2天"), (4600, "3天4小时")],
)  # fmt: skip
def test_minutes_in_words(minutes, words):
    assert spoken(minutes) == words


def test_what_is_missing_before_a_case_is_closed():
    whole = {
        "concerns_children": True, "is_reported": True, "parents_told": True, "has_final": True,
    }  # fmt: skip
    assert closing_problems(**whole) == []
    assert len(closing_problems(**dict.fromkeys(whole, False) | {"concerns_children": True})) == 3
    # Nobody's child was concerned, so no parents are to be told.
    assert closing_problems(**whole | {"concerns_children": False, "parents_told": False}) == []


def test_follow_ups_come_after_it_happened_and_before_now():
    assert report_problem(reported_at=AT, occurred_at=AT, now=NOW) == ""
    assert "早于" in report_problem(reported_at=AT - MINUTE, occurred_at=AT, now=NOW)
    assert "以后" in report_problem(reported_at=NOW + MINUTE, occurred_at=AT, now=NOW)


def test_a_case_from_a_return_lies_in_its_month():
    stated = dt.date(2026, 10, 14)
    assert month_problem(dt.date(2026, 10, 31), stated) == ""
    assert month_problem(dt.date(2026, 11, 1), None) == ""
    assert "2026年10月14日" in month_problem(dt.date(2026, 11, 1), stated)


KUNDULUN = {"150203", "150200", "150000"}


@pytest.mark.parametrize(
    ("nature", "day", "places", "brought"),
    [
        # 包头 13 (veto), 包头 30 and 教督〔2020〕1号 (十六), each for two years.
        ("ethics", (2026, 3, 2), KUNDULUN, [(VETO, (2027, 1, 1)), (BAR, (2028, 3, 2)),
                                            (BAR, (2028, 3, 2))]),
        ("accident", (2024, 2, 29), KUNDULUN, [(BAR, (2026, 2, 28)), (BAR, (2026, 2, 28))]),
        ("case", (2026, 3, 2), KUNDULUN, [(BAR, (2028, 3, 2))]),
        # Elsewhere the nation's clauses alone, and nothing of before the documents.
        ("ethics", (2026, 3, 2), {"120114", "120000"}, [(BAR, (2028, 3, 2))]),
        ("case", (2026, 3, 2), {"120114", "120000"}, []),
        ("accident", (2020, 2, 17), KUNDULUN, []),
    ],
)  # fmt: skip
def test_what_a_finding_brings(nature, day, places, brought):
    found = brought_by(nature, dt.date(*day), places)
    assert [(one.consequence.effect, one.until) for one in found] == [
        (effect, dt.date(*until)) for effect, until in brought
    ]
    for one in found:
        assert one.holds_on(one.until - dt.timedelta(days=1))
        assert not one.holds_on(one.until)


def told(key, kindergarten=1, day=14, kind="injury"):
    return Told(key, kindergarten, dt.date(2026, 10, day), kind)


@pytest.mark.parametrize(
    ("stated", "cases", "left", "right"),
    [
        ([], [], [], []),
        ([told(1)], [told(9)], [], []),
        ([told(1)], [told(9, day=15)], [1], [9]),
        ([told(1)], [told(9, kindergarten=2)], [1], [9]),
        # Of another kind on the day it is the same one, unless one of the same kind is there.
        ([told(1)], [told(9, kind="fire")], [], []),
        ([told(1)], [told(8, kind="fire"), told(9)], [], [8]),
        ([told(1), told(2)], [told(9)], [2], []),
        ([told(1, kind="fire"), told(2)], [told(9)], [1], []),
    ],
)
def test_a_months_return_beside_its_cases(stated, cases, left, right):
    assert unmatched(stated, cases) == (left, right)
