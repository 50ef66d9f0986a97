"""Steps, deadlines, placement and cycles as plain values."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import (
    Notice,
    WorkingCalendar,
    unpublished_years,
    working_days_between,
)
from kindergartens.models import Procedure
from kindergartens.procedures import rules
from kindergartens.procedures.kinds import EFFECTS, all_kinds, kind_in, with_settings
from kindergartens.procedures.rules import Placed


@pytest.mark.parametrize(
    ("state", "act", "decides", "following"),
    [
        ("asked", "check", "leader", "checked"),
        ("asked", "check", "", "approved"),
        ("asked", "return", "leader", "returned"),
        ("asked", "approve", "leader", None),
        ("asked", "withdraw", "leader", "withdrawn"),
        ("returned", "ask_again", "leader", "asked"),
        ("returned", "check", "leader", None),
        ("checked", "approve", "leader", "approved"),
        ("checked", "refuse", "second", "refused"),
        ("checked", "return", "leader", "returned"),
        ("checked", "withdraw", "leader", None),
    ],
)
def test_steps(state: str, act: str, decides: str, following: str | None) -> None:
    assert rules.next_state(state, act, decides=decides) == following


@given(st.lists(st.sampled_from(["check", "return", "ask_again", "approve", "refuse", "withdraw"])))
def test_what_has_ended_never_opens_again(acts: list[str]) -> None:
    state, ended = "asked", ""
    for act in acts:
        following = rules.next_state(state, act, decides="leader")
        if ended:
            assert following is None
        state = following or state
        ended = state if state in rules.ENDED else ""
    assert set(rules.STEPS) == set(Procedure.State.values)


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (dt.date(2026, 10, 20), 1, dt.date(2026, 11, 20)),
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2028, 1, 31), 1, dt.date(2028, 2, 29)),
        (dt.date(2026, 12, 5), 1, dt.date(2027, 1, 5)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
    ],
)
def test_within_one_month(day: dt.date, months: int, until: dt.date) -> None:
    assert rules.by(day, working_calendar(), months=months) == until


@pytest.mark.parametrize(
    ("day", "count", "until"),
    [
        # A week without a holiday: five working days are seven of the calendar.
        (dt.date(2026, 11, 5), 5, dt.date(2026, 11, 12)),
        # 国庆节: 1 to 7 October are off, and Saturday the 10th is worked.
        (dt.date(2026, 9, 30), 5, dt.date(2026, 10, 13)),
        # 春节: seven days would have ended within the holidays.
        (dt.date(2026, 2, 13), 5, dt.date(2026, 2, 27)),
        # Twenty over two holidays take longer than the 28 days they were once taken for.
        (dt.date(2026, 9, 18), 20, dt.date(2026, 10, 22)),
        (dt.date(2026, 9, 18), 0, dt.date(2026, 9, 18)),
    ],
)
def test_periods_of_the_licence_law_leave_holidays_out(
    day: dt.date, count: int, until: dt.date
) -> None:
    assert rules.by(day, working_calendar(), working_days=count) == until


@pytest.mark.parametrize(
    ("day", "count", "latest"),
    [
        (dt.date(2026, 11, 12), 5, dt.date(2026, 11, 5)),
        (dt.date(2026, 10, 13), 5, dt.date(2026, 9, 30)),
        (dt.date(2026, 12, 1), 30, dt.date(2026, 10, 20)),
        # A licence that ends on a Saturday: the Friday before is the last of the five.
        (dt.date(2026, 11, 14), 5, dt.date(2026, 11, 6)),
    ],
)
def test_so_many_working_days_before(day: dt.date, count: int, latest: dt.date) -> None:
    assert rules.before(day, working_calendar(), working_days=count) == latest


@given(st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)), st.integers(1, 60))
def test_counting_back_meets_counting_forward(day: dt.date, count: int) -> None:
    working = working_calendar()
    latest = rules.before(day, working, working_days=count)
    until = rules.by(latest, working, working_days=count)
    assert latest < until <= day
    assert working_days_between(latest, until, working) == count


def test_a_year_is_provisional_until_its_notice() -> None:
    working = WorkingCalendar(
        {2026: Notice("一号", dt.date(2025, 11, 4))}, frozenset(), frozenset()
    )
    december = dt.date(2025, 12, 20)

    def unknown(first: dt.date, last: dt.date) -> list[int]:
        return unpublished_years(first, last, working, on=first)

    assert unknown(december, dt.date(2026, 1, 8)) == [2025]
    # Given before the notice came out, although it is out by now.
    october = dt.date(2025, 10, 30)
    assert unknown(october, dt.date(2026, 1, 8)) == [2025, 2026]
    assert unpublished_years(october, dt.date(2026, 1, 8), working) == [2025]
    january = dt.date(2026, 1, 5)
    assert unknown(january, dt.date(2026, 1, 12)) == []
    assert unknown(january, dt.date(2027, 1, 12)) == [2027]


def test_an_audit_is_due_the_year_after() -> None:
    assert rules.yearly_due(2025, "06-30") == dt.date(2026, 6, 30)


@pytest.mark.parametrize(
    ("children", "placed", "says"),
    [
        (30, [Placed(20, 2), Placed(10)], ""),
        (30, [Placed(20, 2), Placed(9)], "少1名"),
        (30, [Placed(20, 2), Placed(11)], "多1名"),
        (30, [], "少30名"),
        (0, [], ""),
        (None, [Placed(5)], ""),
        (30, [Placed(30, 1)], "本园"),
        (30, [Placed(20, 2), Placed(10, 2)], "合成一行"),
    ],
)
def test_every_child_is_placed(children: int | None, placed: list[Placed], says: str) -> None:
    problem = rules.placement_problem(children, placed, own=1)
    assert (says in problem) if says else problem == ""


@pytest.mark.parametrize(
    ("into", "start", "target", "cycle"),
    [
        ({}, 1, 2, False),
        ({}, 1, 1, True),
        ({2: 1}, 1, 2, True),
        ({2: 3, 3: 1}, 1, 2, True),
        ({2: 3}, 1, 2, False),
        ({2: 3, 3: 2}, 1, 2, True),
    ],
)
def test_rings_of_mergers(into: dict[int, int], start: int, target: int, cycle: bool) -> None:
    assert rules.merges_in_a_cycle(into, start, target) is cycle


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_mergers_that_are_let_in_never_form_a_ring(wishes: list[tuple[int, int]]) -> None:
    into: dict[int, int] = {}
    for start, target in wishes:
        if start not in into and not rules.merges_in_a_cycle(into, start, target):
            into[start] = target
    for start in into:
        place, steps = start, 0
        while place in into:
            place, steps = into[place], steps + 1
            assert steps <= len(into)


def test_every_kind_says_its_law_its_papers_and_its_periods() -> None:
    for code, kind in all_kinds().items():
        assert kind.clause, code
        assert kind.documents, code
        for period in (kind.check, kind.decide, kind.report, kind.before):
            # One unit each: two together would be neither the law's nor a county's.
            assert period is None or len([n for n in period.lengths.values() if n > 0]) == 1, code
            if period and "行政许可法" in period.source:
                assert period.working_days in {5, 20, 30}, code
        assert (kind.decide is not None) == bool(kind.decides), code
        assert kind.decides in {"", "second", "leader"}, code
        if kind.has_effect:
            assert kind.decides == "leader", code
    assert set(all_kinds()) >= EFFECTS
    assert len(all_kinds()) == 14


def test_a_countys_setting_holds_in_the_county_alone() -> None:
    kind = kind_in("recognition", "120114")
    settings = [{"region": "1201", "kind": "recognition", "check": {"days": 10},
                 "decide": {"working_days": 20}}]  # fmt: skip
    there = with_settings(kind, "120114", settings)
    assert (there.check.days, there.decide and there.decide.lengths) == (
        10, {"days": 0, "months": 0, "working_days": 20},
    )  # fmt: skip
    assert with_settings(kind, "650000", settings) == kind
