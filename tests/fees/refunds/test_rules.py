"""Refunds by each basis with their steps, tables that leave nothing out, nothing above the fee."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.refunds.rules import (
    Band,
    Basis,
    CannotCompute,
    Facts,
    Fee,
    Rule,
    absent_after,
    band_problem,
    bands_in_words,
    refund,
)
from kindergartens.calendar.published import working_calendar

D = Decimal
NONE, HALF, ALL = Band(D(0), True, D(80)), Band(D(50), True, D(50)), Band(D(100), True, D(0))
TIERS = Rule(Basis.ATTENDED, (NONE, HALF, ALL))
MEALS = Rule(Basis.BY_DAY, percent=D(100), least_days=3)
MONTHS = Rule(Basis.MONTHS_LEFT, percent=D(100))
CARE, CARE_TERM = Fee("保教费", D(600), "month"), Fee("保教费", D(2500), "term")


@pytest.mark.parametrize(
    ("fee", "rule", "facts", "amount"),
    [
        (CARE, TIERS, Facts(22, 22), "480.00"),
        (CARE, TIERS, Facts(22, 21), "300.00"),
        (CARE, TIERS, Facts(22, 11), "300.00"),  # half belongs to the lower band
        (CARE, TIERS, Facts(21, 10), "0.00"),  # 11 of 21
        (CARE_TERM, TIERS, Facts(22, 22, months_left=2), "1200.00"),
        (CARE_TERM, MONTHS, Facts(22, 5, months_left=3), "1500.00"),
        (Fee("保教费", D(1000), "term"), MONTHS, Facts(22, 5, 1, term_months=7), "142.86"),
        (Fee("伙食费", D("13.50"), "day"), MEALS, Facts(22, 5), "67.50"),
        (Fee("伙食费", D("13.50"), "day"), MEALS, Facts(22, 2), "0.00"),
        (Fee("伙食费", D(4), "meal"), MEALS, Facts(22, 5, meals_a_day=3), "60.00"),
        (Fee("伙食费", D(300), "month"), MEALS, Facts(22, 7), "95.45"),
        # Rounded once: three parts of a third of a cent each would have been lost.
        (Fee("伙食费", D("0.10"), "month"), MEALS, Facts(21, 21), "0.10"),
    ],
)
def test_each_basis(fee: Fee, rule: Rule, facts: Facts, amount: str) -> None:
    assert refund(fee, rule, facts).amount == D(amount)


def test_the_steps_say_what_was_done_with_which_numbers() -> None:
    assert refund(CARE, TIERS, Facts(22, 12)).steps == (
        "当月22个工作日，缺勤12天，出勤10天，占45.45%。",
        "按这一档：出勤超过0%、不超过50%，退50%。",
        "600元×50%＝300元。",
        "四舍五入到分，退300.00元。",
    )
    steps = refund(Fee("伙食费", D(300), "month"), MEALS, Facts(22, 7)).steps
    assert steps[0] == "300元÷22个工作日＝约13.6364元/天。"


@pytest.mark.parametrize(
    ("fee", "rule", "facts", "field"),
    [
        (CARE, TIERS, Facts(22, 23), "absent"),
        (CARE, TIERS, Facts(0, 0), "working"),
        (CARE, MONTHS, Facts(22, 5), "line"),
        (Fee("延时服务", D(10), "time"), TIERS, Facts(22, 5), "line"),
        (Fee("伙食费", D(4), "meal"), MEALS, Facts(22, 5), "meals_a_day"),
    ],
)
def test_what_cannot_be_computed_says_where(fee: Fee, rule: Rule, facts: Facts, field: str) -> None:
    with pytest.raises(CannotCompute) as problem:
        refund(fee, rule, facts)
    assert problem.value.field == field


@pytest.mark.parametrize(
    ("bands", "at", "says"),
    [
        ((NONE, HALF, ALL), 0, ""),
        ((Band(D(50), False, D(50)), HALF, ALL), 0, ""),  # exactly half has a band of its own
        ((), 0, "至少"),
        ((HALF, NONE, ALL), 1, "重叠"),
        ((HALF, HALF, ALL), 1, "重叠"),
        ((NONE, HALF), 1, "50%以上没有规定"),
        ((NONE, Band(D(100), False, D(0))), 1, "100%以上没有规定"),
        ((Band(D(0), False, D(80)), ALL), 0, "不到0%"),
        ((NONE, HALF, Band(D(100), True, D(101))), 2, "退费比例"),
    ],
)
def test_a_table_with_a_gap_or_an_overlap_is_refused_there(
    bands: tuple[Band, ...], at: int, says: str
) -> None:
    place, text = band_problem(bands)
    assert (place, says in text, bool(text)) == (at, True, bool(says))


bands = st.builds(Band, st.integers(0, 100).map(D), st.booleans(), st.integers(0, 100).map(D))


@given(
    table=st.lists(bands, min_size=1, max_size=5).map(
        lambda found: tuple(sorted(found, key=lambda b: (b.up_to, b.inclusive)))
    ),
    amount=st.decimals(0, 5000, places=2),
    working=st.integers(1, 31),
    data=st.data(),
)
def test_a_table_that_is_taken_covers_all_and_gives_back_no_more_than_the_fee(
    table: tuple[Band, ...], amount: Decimal, working: int, data: st.DataObject
) -> None:
    """Also of a table nobody would write: whatever band_problem lets in can be computed."""
    table = (*table, ALL) if table[-1].up_to != 100 else table
    if band_problem(table)[1]:
        return
    absent = data.draw(st.integers(0, working))
    left = data.draw(st.integers(0, 4))
    for unit in ("month", "term"):
        found = refund(
            Fee("保教费", amount, unit), Rule(Basis.ATTENDED, table), Facts(working, absent, left)
        )
        assert 0 <= found.amount <= amount
    assert len(bands_in_words(table)) == len(table)


def test_after_the_last_day_only_working_days_count() -> None:
    # October 2026: the holiday ends on the 7th; its month has 18 working days with the make-up ones.
    working, absent = absent_after(dt.date(2026, 10, 16), dt.date(2026, 10, 1), working_calendar())
    assert absent == 10
    assert working > absent
