"""Terms, the chain of closings, what share is too much, and what cannot be handed in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.meals import rules
from fees.meals.rules import EntryFacts, Flow, Standing
from fees.terms import Term, term_of

D = Decimal
yuan = st.decimals(min_value=0, max_value=10**8, places=2)


@pytest.mark.parametrize(
    ("day", "term", "months"),
    [
        (dt.date(2026, 9, 1), Term(2026, "autumn"), 5),
        (dt.date(2027, 1, 31), Term(2026, "autumn"), 5),
        (dt.date(2027, 2, 1), Term(2026, "spring"), 7),
        (dt.date(2027, 8, 31), Term(2026, "spring"), 7),
    ],
)
def test_every_day_is_in_one_term(day: dt.date, term: Term, months: int) -> None:
    assert term_of(day) == term
    assert term.first_day <= day <= term.last_day
    assert len(term.months) == months
    assert term.former.following == term
    assert term.former.last_day + dt.timedelta(days=1) == term.first_day


@given(opening=yuan, flows=st.lists(st.builds(Flow, yuan, yuan, yuan), max_size=6))
def test_each_opening_carries_on_the_closing_before(opening: D, flows: list[Flow]) -> None:
    """Month by month or the whole at once: the same closing, and nothing is lost between."""
    at = opening
    for flow in flows:
        assert rules.opening_problem(at, at, "") == ""
        at = rules.closing(at, flow)
    assert at == rules.closing(opening, rules.together(flows))
    assert rules.opening_problem(at + 1, at, "")
    assert not rules.opening_problem(at + 1, at, "前任移交少记一笔")


@pytest.mark.parametrize(
    ("spent", "limit", "found"),
    [
        ("98000", "2", Standing.WITHIN),  # exactly the share
        ("97999.99", "2", Standing.SURPLUS),
        ("102000", "2", Standing.WITHIN),
        ("102000.01", "2", Standing.DEFICIT),
        ("50000", None, Standing.NO_LIMIT),
    ],
)
def test_the_share_holds_both_ways(spent: str, limit: str | None, found: Standing) -> None:
    flow = Flow(D(100000), D(spent) - 500, D(500))
    assert rules.standing(flow, D(limit) if limit else None, whole=True) == found
    assert rules.standing(flow, D(limit) if limit else None, whole=False) == Standing.PENDING


def test_nothing_received_is_not_computed() -> None:
    flow = Flow(D(0), D(100), D(0))
    assert rules.surplus_share(flow) is None
    assert rules.standing(flow, D(2), whole=True) == Standing.UNAVAILABLE


@pytest.mark.parametrize(
    ("told", "today", "lacks"),
    [
        ([None], dt.date(2027, 2, 1), ""),
        ([None], dt.date(2027, 1, 31), "学期到2027年1月31日结束"),
        (Term(2026, "autumn").months, dt.date(2027, 2, 1), ""),
        (Term(2026, "autumn").months[:4], dt.date(2027, 2, 1), "缺1月"),
        # What is to come is not missing yet.
        ([dt.date(2026, 9, 1)], dt.date(2026, 10, 31), "学期到2027年1月31日结束"),
        ([dt.date(2026, 9, 1)], dt.date(2026, 11, 1), "缺10月，学期到2027年1月31日结束"),
        ([], dt.date(2027, 3, 1), "缺9月、10月、11月、12月、1月"),
    ],
)
def test_what_a_term_lacks(told: list[dt.date | None], today: dt.date, lacks: str) -> None:
    assert rules.lacking(Term(2026, "autumn"), told, today) == lacks


def test_what_an_entry_must_hold() -> None:
    meals = dict.fromkeys(rules.MEALS) | {"lunch": 200}
    good = EntryFacts(D(3000), D(2500), D(300), D(0), D(0), 200, meals)
    begins, today = dt.date(2026, 10, 1), dt.date(2026, 11, 5)

    def wrong(**changed: object) -> list[str]:
        facts = replace(good, **changed)  # type: ignore[arg-type]
        return [name for name, _ in rules.entry_problems(facts, begins=begins, today=today)]

    assert wrong() == []
    assert wrong(meals=dict.fromkeys(rules.MEALS)) == ["lunch"]
    assert wrong(meals=meals | {"dinner": 201}) == ["dinner"]
    assert wrong(child_days=0) == ["child_days"]
    assert wrong(published_on=today + dt.timedelta(days=1)) == ["published_on"]
    assert wrong(published_on=dt.date(2025, 11, 2)) == ["published_on"]


@pytest.mark.parametrize(
    ("final", "counted", "lacks", "explanation", "field"),
    [
        ("100", "100", "", "", None),
        ("100", "99.99", "", "", "explanation"),
        ("100", "99.99", "", "零钱差错", None),
        ("-5", "0", "", "", "explanation"),
        ("100", "100", "缺9月", "空的也不行", ""),
    ],
)
def test_what_is_owed_an_answer_is_not_handed_in(
    final: str, counted: str, lacks: str, explanation: str, field: str | None
) -> None:
    place, text = rules.submit_problem(
        final=D(final), counted=D(counted), lacks=lacks, explanation=explanation
    )
    assert (place if text else None) == field


def test_a_pattern_in_the_words_of_counties() -> None:
    assert rules.pattern_name([*rules.MEALS]) == "三餐两点"
    assert rules.pattern_name(["lunch", "afternoon_snack"]) == "一餐一点"
    assert rules.pattern_name([]) == ""


def test_units_are_not_converted() -> None:
    unified = {"day": D(15)}
    assert rules.apart(D("16.5"), "day", unified) == D("1.5")
    assert rules.apart(D(15), "day", unified) is None
    assert rules.apart(D(330), "month", unified) is None
