"""What a kindergarten lacks of drills, insurance, kitchen papers and training."""

from __future__ import annotations

import datetime as dt

import pytest

from safety.upkeep import rules
from safety.upkeep.rules import DrillRule, Kitchen, Lack, Policy

TODAY = dt.date(2026, 11, 5)
QUARTER = rules.drill_rule(["150203"], TODAY)
LONG_AGO = dt.date(2020, 1, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("every", "of", "first", "last"),
    [
        ("month", "2026-02-10", "2026-02-01", "2026-02-28"),
        ("quarter", "2026-11-05", "2026-10-01", "2026-12-31"),
        ("quarter", "2026-03-31", "2026-01-01", "2026-03-31"),
        ("half", "2026-07-01", "2026-07-01", "2026-12-31"),
    ],
)
def test_periods_of_drills(every: str, of: str, first: str, last: str) -> None:
    assert rules.period_of(every, day(of)) == (day(first), day(last))


def test_the_nearest_place_says_how_often() -> None:
    assert QUARTER is not None
    assert QUARTER.every == "quarter"
    city = DrillRule("150200", "month", frozenset({"fire"}), "示例", LONG_AGO)
    county = DrillRule("150203", "half", frozenset({"fire"}), "示例", day("2027-01-01"))
    every = [QUARTER, city, county]
    here = ["150203001000", "150203", "150200", "150000"]
    assert rules.drill_rule(here, TODAY, every) == city
    assert rules.drill_rule(here, day("2027-01-01"), every) == county
    assert rules.drill_rule(["120114"], TODAY, every) == QUARTER


@pytest.mark.parametrize(
    ("held", "since", "today", "lacks"),
    [
        # Nobody was asked of the quarter before the portal took drills in.
        ([], LONG_AGO, "2026-11-05", [Lack.DRILL_TO_COME]),
        ([("fire", "2026-10-09")], LONG_AGO, "2026-11-05", []),
        # Another kind is no evacuation.
        ([("violence", "2026-10-09")], LONG_AGO, "2026-11-05", [Lack.DRILL_TO_COME]),
        ([], LONG_AGO, "2027-01-04", [Lack.DRILL_MISSED, Lack.DRILL_TO_COME]),
        ([("earthquake", "2026-12-31")], LONG_AGO, "2027-01-04", [Lack.DRILL_TO_COME]),
        ([("fire", "2027-01-04")], LONG_AGO, "2027-01-04", [Lack.DRILL_MISSED]),
        # It did not run for the whole quarter.
        ([], day("2026-10-20"), "2027-01-04", [Lack.DRILL_TO_COME]),
    ],
)
def test_drills(held: list[tuple[str, str]], since: dt.date, today: str, lacks: list[Lack]) -> None:
    days = [(kind, day(on)) for kind, on in held]
    assert rules.drill_lacks(QUARTER, days, since, day(today)) == lacks


def policy(first: str, last: str, children: int = 100) -> Policy:
    return Policy(day(first), day(last), children)


@pytest.mark.parametrize(
    ("policies", "children", "lacks"),
    [
        ([], 90, [Lack.UNINSURED]),
        ([policy("2025-09-01", "2026-11-04")], 90, [Lack.UNINSURED]),
        ([policy("2026-11-06", "2027-11-05")], 90, [Lack.UNINSURED]),
        ([policy("2025-11-06", "2026-11-05")], 90, [Lack.INSURANCE_ENDS]),
        ([policy("2025-12-05", "2026-12-04")], 90, [Lack.INSURANCE_ENDS]),
        ([policy("2025-12-06", "2026-12-05")], 90, []),
        # The next one follows without a gap, or with one.
        ([policy("2025-11-20", "2026-11-19"), policy("2026-11-20", "2027-11-19")], 90, []),
        (
            [policy("2025-11-20", "2026-11-19"), policy("2026-11-21", "2027-11-19")],
            90,
            [Lack.INSURANCE_ENDS],
        ),
        ([policy("2026-09-01", "2027-08-31")], 101, [Lack.INSURED_TOO_FEW]),
        # Without a return there is nothing to compare with.
        ([policy("2026-09-01", "2027-08-31")], None, []),
    ],
)
def test_insurance(policies: list[Policy], children: int | None, lacks: list[Lack]) -> None:
    assert rules.insurance_lacks(policies, children, TODAY) == lacks


@pytest.mark.parametrize(
    ("kitchen", "lacks"),
    [
        (None, [Lack.UNLICENSED_KITCHEN]),
        (Kitchen(day("2026-11-04"), "online"), [Lack.UNLICENSED_KITCHEN]),
        (Kitchen(day("2026-11-05"), "online"), [Lack.KITCHEN_LICENCE_ENDS]),
        (Kitchen(day("2029-01-01"), "none"), [Lack.KITCHEN_NOT_OPEN]),
        (Kitchen(day("2029-01-01"), "window"), []),
    ],
)
def test_kitchens(kitchen: Kitchen | None, lacks: list[Lack]) -> None:
    assert rules.kitchen_lacks(kitchen, TODAY) == lacks


def test_training_of_half_a_year() -> None:
    within = TODAY - rules.TRAINED_WITHIN
    assert not rules.training_lacks(within, TODAY)
    assert rules.training_lacks(within - rules.ONE_DAY, TODAY) == [Lack.UNTRAINED]
    assert rules.training_lacks(None, TODAY) == [Lack.UNTRAINED]
