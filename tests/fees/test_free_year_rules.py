"""The free last year: what is waived, what parents pay, and what nobody can compute."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fees.free_year.rules import (
    Fee,
    Month,
    MonthsRule,
    Nothing,
    Standing,
    Unknown,
    Waiver,
    before_waiver_problem,
    claim_state,
    payment_problem,
    waiver_of,
)

D = Decimal
OCTOBER = dt.date(2025, 10, 1)


def fee(amount: int, scope: str = "all", unit: str = "month", **more: Any) -> Fee:
    return Fee(**{"scope": scope, "hours": "any", "unit": unit, "amount": D(amount)} | more)


MONTH = Month(
    month=OCTOBER, standing=Standing.APPROVED_PRIVATE, half_day=False, large=30, mixed=0,
    standard=D(500), months_rule=MonthsRule.TEN_MONTHS, fees=(fee(400),),
)  # fmt: skip


@pytest.mark.parametrize("standing", [s for s in Standing if s != Standing.UNAPPROVED])
@pytest.mark.parametrize(
    ("charged", "waived", "parents"), [(400, 400, 0), (500, 500, 0), (800, 500, 300), (0, 0, 0)]
)
def test_the_lower_of_fee_and_standard(
    standing: Standing, charged: int, waived: int, parents: int
) -> None:
    found = waiver_of(replace(MONTH, standing=standing, fees=(fee(charged),)))
    assert isinstance(found, Waiver)
    assert (found.waived, found.parents_pay, found.amount) == (waived, parents, 30 * waived)


TERM = fee(3000, unit="term")
NEW = fee(600, entrants="new", since=dt.date(2025, 9, 1))
LARGE_HALF = fee(260, "large", hours="half_day")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # By date: none before autumn 2025; the months of the holidays by the place's rule.
        ({"month": dt.date(2025, 8, 1)}, Nothing.BEFORE),
        ({"month": dt.date(2025, 9, 1)}, (400, 30)),
        ({"month": dt.date(2026, 2, 1)}, Nothing.HOLIDAY),
        ({"month": dt.date(2026, 8, 1)}, Nothing.HOLIDAY),
        ({"month": dt.date(2026, 3, 1)}, (400, 30)),
        (
            {"month": dt.date(2026, 2, 1), "months_rule": MonthsRule.IN_ATTENDANCE},
            (400, 30),
        ),
        # Nothing is paid for a month of the holidays: nobody waits for its return.
        ({"month": dt.date(2026, 2, 1), "large": None, "mixed": None}, Nothing.HOLIDAY),
        (
            {"month": dt.date(2026, 2, 1), "large": None, "mixed": None,
             "months_rule": MonthsRule.IN_ATTENDANCE},
            Unknown.NO_RETURN,
        ),
        # Whom it is not for, and what is missing: never 0 by itself.
        ({"standing": Standing.UNAPPROVED}, Nothing.UNAPPROVED),
        ({"standing": None}, Unknown.NO_STATUS),
        ({"large": None, "mixed": None}, Unknown.NO_RETURN),
        ({"standard": None, "months_rule": None}, Unknown.NO_STANDARD),
        ({"fees": ()}, Unknown.NO_FEE),
        ({"fees": (fee(400, "small"),)}, Unknown.NO_FEE),
        # A term has five months where the place pays ten, and is divided by nothing else.
        ({"fees": (TERM,)}, (500, 30)),
        ({"fees": (fee(1234, unit="term"),)}, ("246.80", 30)),
        ({"fees": (fee(1, unit="term", before_waiver=D("0.02"), scope="large"),)}, ("0.00", 30)),
        ({"fees": (TERM,), "months_rule": MonthsRule.IN_ATTENDANCE}, Unknown.BY_TERM),
        ({"fees": (fee(20, unit="day"),)}, Unknown.OTHER_UNIT),
        # The line of the grade before that of all, its hours before any.
        ({"fees": (fee(400), fee(450, "large"))}, (450, 30)),
        ({"fees": (fee(200), fee(200, "large"), LARGE_HALF), "half_day": True}, (260, 30)),
        ({"fees": (fee(200), fee(200, "large"), LARGE_HALF)}, (200, 30)),
        # What is left after the waiver says what it was before; unsaid, nobody guesses.
        ({"fees": (fee(800), fee(300, "large", before_waiver=D(800)))}, (500, 30)),
        ({"fees": (fee(800), fee(300, "large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(800), fee(300, "large", before_waiver=D(300)))}, (300, 30)),
        # It is told by any other grade, and by none where there is no other; 托班 tells nothing.
        ({"fees": (fee(800, "small"), fee(800, "middle"), fee(300, "large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(700), fee(800, "small"), fee(750, "large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300, "small"), fee(800, "mixed"), fee(300, "large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300), fee(1500, unit="term", scope="large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300, "large"),)}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300, "large"), fee(900, "nursery"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300, "large", before_waiver=D(800)),)}, (500, 30)),
        ({"fees": (fee(300), fee(800, "small"), fee(800, "middle"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(300), fee(800, "small"))}, (300, 30)),
        # Of new entrants: never everybody's, and nobody knows whose children pay which.
        ({"fees": (fee(400), NEW)}, Unknown.NEW_ENTRANTS),
        ({"fees": (fee(400), fee(600, "large", entrants="new"))}, Unknown.NEW_ENTRANTS),
        ({"fees": (fee(400), fee(420, "large"), NEW)}, Unknown.NEW_ENTRANTS),
        ({"fees": (fee(400), fee(420, "large", since=NEW.since), NEW)}, (420, 30)),
        ({"fees": (fee(400), fee(600, "small", entrants="new"))}, (400, 30)),
        ({"fees": (fee(400), fee(600, "mixed", entrants="new"))}, (400, 30)),
        (
            {"mixed": 4, "fees": (fee(400), fee(600, "mixed", entrants="new"))},
            Unknown.NEW_ENTRANTS,
        ),
        ({"fees": (NEW,)}, Unknown.NO_FEE),
        # Mixed classes: the five-year-olds of them, when they are asked the same.
        ({"mixed": 4}, (400, 34)),
        ({"large": 0, "mixed": 4, "fees": (fee(400), fee(450, "mixed"))}, (450, 4)),
        ({"mixed": 4, "fees": (fee(400), fee(450, "mixed"))}, Unknown.TWO_FEES),
        ({"mixed": 4, "fees": (fee(400), fee(350, "mixed"))}, Unknown.REDUCED_FEE),
        (
            {"mixed": 4, "fees": (fee(400), fee(0, "mixed", before_waiver=D(400)))},
            (400, 34),
        ),
        ({"large": 0}, (400, 0)),
    ],
)  # fmt: skip
def test_by_date_place_and_line(change: dict[str, Any], expected: Any) -> None:
    found = waiver_of(replace(MONTH, **change))
    if isinstance(expected, tuple):
        assert isinstance(found, Waiver)
        assert (found.waived, found.children) == (D(expected[0]), expected[1])
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("change", "charged", "parents"),
    [
        ({"fees": (fee(800),)}, 800, 300),
        ({"fees": (fee(800), fee(300, "large", before_waiver=D(800)))}, 300, 300),
        ({"fees": (TERM,)}, 600, 100),
        ({"large": 0, "mixed": 4, "fees": (fee(800),)}, None, 300),
    ],
)
def test_what_is_published_beside_what_parents_should_pay(
    change: dict[str, Any], charged: int | None, parents: int
) -> None:
    found = waiver_of(replace(MONTH, **change))
    assert isinstance(found, Waiver)
    assert (found.charged, found.parents_pay) == (charged, parents)


@pytest.mark.parametrize(
    ("yuan", "everyones", "former", "ceiling", "said"),
    [
        (800, 800, None, 800, ""),
        (700, 800, None, None, ""),
        (801, 800, None, None, "比全园的800.00元高"),
        (801, None, None, None, ""),
        # 大班 had its own before the waiver.
        (850, 800, 850, None, ""),
        (851, 800, 850, None, "比全园的"),
        (800, 900, 900, 799, "减免前的标准高于最高限价799.00元"),
    ],
)
def test_an_amount_before_the_waiver_is_held(
    yuan: int, everyones: int | None, former: int | None, ceiling: int | None, said: str
) -> None:
    beside = [None if one is None else D(one) for one in (everyones, former, ceiling)]
    problem = before_waiver_problem(
        D(yuan), everyones=beside[0], former=beside[1], ceiling=beside[2]
    )
    assert problem.startswith(said)
    assert bool(problem) == bool(said)


@pytest.mark.parametrize(
    ("step", "approved", "paid", "state"),
    [
        ("filed", None, 0, "filed"), ("returned", None, 0, "returned"),
        ("approved", 900, 0, "approved"), ("approved", 900, 899, "part_paid"),
        ("approved", 900, 900, "paid"),
    ],
)  # fmt: skip
def test_what_was_paid_says_the_state(
    step: str, approved: int | None, paid: int, state: str
) -> None:
    assert claim_state(step, None if approved is None else D(approved), D(paid)) == state


@pytest.mark.parametrize(
    ("amount", "day", "place"),
    [
        ("100.00", dt.date(2026, 11, 5), None),
        ("100.01", dt.date(2026, 11, 5), "amount"),
        ("100.00", dt.date(2026, 11, 6), "paid_on"),
        ("100.00", dt.date(2026, 10, 1), None),
        ("100.00", dt.date(2026, 9, 30), "paid_on"),
    ],
)
def test_never_more_than_approved_nor_ahead(amount: str, day: dt.date, place: str | None) -> None:
    problem = payment_problem(
        amount=D(amount),
        approved=D(900),
        paid=D(800),
        paid_on=day,
        month=dt.date(2026, 10, 1),
        today=dt.date(2026, 11, 5),
    )
    assert (problem[0] if problem else None) == place
