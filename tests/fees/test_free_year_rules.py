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
        ({"fees": (fee(200, "large"), LARGE_HALF), "half_day": True}, (260, 30)),
        ({"fees": (fee(200, "large"), LARGE_HALF)}, (200, 30)),
        # What is left after the waiver says what it was before; unsaid, nobody guesses.
        ({"fees": (fee(800), fee(300, "large", before_waiver=D(800)))}, (500, 30)),
        ({"fees": (fee(800), fee(300, "large"))}, Unknown.REDUCED_FEE),
        ({"fees": (fee(800), fee(300, "large", before_waiver=D(300)))}, (300, 30)),
        # Mixed classes: the five-year-olds of them, when they are asked the same.
        ({"mixed": 4}, (400, 34)),
        ({"large": 0, "mixed": 4, "fees": (fee(400), fee(350, "mixed"))}, (350, 4)),
        ({"mixed": 4, "fees": (fee(400), fee(350, "mixed"))}, Unknown.TWO_FEES),
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
        ("100.00", dt.date(2025, 8, 31), "paid_on"),
    ],
)
def test_never_more_than_approved_nor_ahead(amount: str, day: dt.date, place: str | None) -> None:
    problem = payment_problem(
        amount=D(amount), approved=D(900), paid=D(800), paid_on=day, today=dt.date(2026, 11, 5)
    )
    assert (problem[0] if problem else None) == place
