"""Rules of unlicensed places, by table."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.unlicensed import rules

SEPT, OCT, NOV = dt.date(2026, 9, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)
TODAY = dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("closed_on", "years", "free"),
    [
        (dt.date(2026, 10, 1), 5, dt.date(2031, 10, 1)),
        (dt.date(2026, 10, 1), 10, dt.date(2036, 10, 1)),
        (dt.date(2024, 2, 29), 5, dt.date(2029, 3, 1)),
        (dt.date(2024, 2, 29), 8, dt.date(2032, 2, 29)),
    ],
)
def test_the_bar_ends_so_many_years_after_closing(closed_on, years, free):
    assert rules.bar_ends_on(closed_on, years) == free


@pytest.mark.parametrize(
    ("outcome", "route", "years", "reason", "said"),
    [
        ("closed", "ban", 5, "较轻", ""),
        ("closed", "ban", 10, "严重", ""),
        ("closed", "ban", None, "", "五到十年"),
        ("closed", "ban", 4, "较轻", "五到十年"),
        ("closed", "ban", 11, "严重", "五到十年"),
        ("closed", "ban", 7, " ", "理由"),
        ("closed", "rectify", None, "", ""),
        ("closed", "rectify", 5, "较轻", "只有取缔的"),
        ("licensed", "license", None, "", ""),
        ("licensed", "license", 6, "x", "只有取缔的"),
        ("childcare", "childcare", 5, "x", "只有取缔的"),
    ],
)
def test_a_ban_bars_for_five_to_ten_years_and_nothing_else_does(
    outcome, route, years, reason, said
):
    problem = rules.bar_problem(outcome=outcome, route=route, years=years, reason=reason)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("counts", "placements", "children"),
    [
        ([], [], None),
        ([], [(OCT, 3)], None),
        ([(SEPT, 0)], [], 0),
        ([(SEPT, 30)], [(OCT, 10)], 30),
        # Ten were placed, so a count of twenty misses nobody.
        ([(SEPT, 30), (NOV, 20)], [(OCT, 10)], 30),
        # Ten vanished between two counts: they are still to be accounted for.
        ([(SEPT, 30), (OCT, 20)], [], 30),
        # Five came in after ten had been placed.
        ([(SEPT, 30), (NOV, 25)], [(OCT, 10)], 35),
        # Placed on the day of a count: who is counted is still there.
        ([(OCT, 20)], [(OCT, 5)], 20),
    ],
)
def test_every_child_ever_counted_is_on_the_roster(counts, placements, children):
    assert rules.roster_children(counts, placements) == children


DAYS = st.dates(SEPT, NOV)
ROWS = st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=6)


@given(ROWS, ROWS, st.tuples(DAYS, st.integers(0, 60)))
def test_another_count_never_makes_the_roster_smaller(counts, placements, another):
    before = rules.roster_children(counts, placements)
    after = rules.roster_children([*counts, another], placements)
    assert after is not None
    assert after >= max(before or 0, another[1])


def closing(**changed):
    asked = {
        "outcome": "closed", "route": "ban", "closed_on": OCT, "last_day": SEPT, "today": TODAY,
        "roster": 20, "placed": 20,
    } | changed  # fmt: skip
    return rules.closing_problem(**asked)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"route": None}, "还没有定处置方式"),
        ({"outcome": "licensed"}, "不符"),
        ({"route": "license"}, "不符"),
        ({"route": "childcare"}, "不符"),
        ({"route": "rectify"}, ""),
        ({"closed_on": dt.date(2026, 11, 6)}, "不能晚于今天2026-11-05"),
        ({"last_day": NOV}, "2026-11-01还有记录"),
        ({"roster": None, "placed": 0}, "还没有查明幼儿人数"),
        ({"placed": 17}, "还有3名没有安置"),
        ({"placed": 22}, "多2名"),
        ({"roster": 0, "placed": 0}, ""),
        ({"route": "childcare", "outcome": "childcare", "placed": 0}, "还有20名没有安置"),
        # With a licence the children stay where they are.
        ({"route": "license", "outcome": "licensed", "roster": None, "placed": 0}, ""),
    ],
)
def test_nothing_closes_while_a_child_is_unaccounted_for(changed, said):
    problem = closing(**changed)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"day": dt.date(2026, 11, 6)}, "不能晚于今天"),
        ({"day": dt.date(2026, 8, 31)}, "不能早于发现日期"),
        ({"closed_on": NOV}, "2026-11-01已办结"),
        ({"closed_on": SEPT}, ""),
        ({"running": False}, "没有在办"),
        ({"running": False, "children": 0, "staff": None}, ""),
    ],
)
def test_when_a_check_may_be_recorded(changed, said):
    asked = {
        "day": OCT, "today": TODAY, "found_on": SEPT, "closed_on": None, "running": True,
        "children": 4, "staff": 1,
    } | changed  # fmt: skip
    problem = rules.check_problem(**asked)
    assert said in problem
    assert bool(said) == bool(problem)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"decided_on": dt.date(2026, 11, 6)}, "不能晚于今天"),
        ({"decided_on": dt.date(2026, 8, 31)}, "不能早于发现日期"),
        ({"last_decided": NOV}, "新的不能更早"),
        ({"deadline": SEPT}, "期限不能早于"),
    ],
)
def test_when_a_route_may_be_decided(changed, said):
    asked = {
        "decided_on": OCT, "deadline": NOV, "today": TODAY, "found_on": SEPT, "last_decided": None,
    } | changed  # fmt: skip
    problem = rules.plan_problem(**asked)
    assert said in problem
    assert bool(said) == bool(problem)
