"""Steps, deadlines, placement and cycles as plain values."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert rules.by(day, months=months) == until


def test_an_audit_is_due_the_year_after() -> None:
    assert rules.audit_due(2025, "06-30") == dt.date(2026, 6, 30)


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
        assert kind.check.days > 0, code
        assert (kind.decide is not None) == bool(kind.decides), code
        assert kind.decides in {"", "second", "leader"}, code
        if kind.has_effect:
            assert kind.decides == "leader", code
    assert set(all_kinds()) >= EFFECTS
    assert len(all_kinds()) == 13


def test_a_countys_setting_holds_in_the_county_alone() -> None:
    kind = kind_in("recognition", "120114")
    settings = [{"region": "1201", "kind": "recognition", "check": 10, "decide": 20}]
    there = with_settings(kind, "120114", settings)
    assert (there.check.days, there.decide and there.decide.days) == (10, 20)
    assert with_settings(kind, "650000", settings) == kind
