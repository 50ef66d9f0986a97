"""What a line of a fee schedule must hold."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from fees import rules
from fees.models import FeeHours, FeeItem, FeeScope, FeeUnit
from fees.rules import FeeFacts, fee_problems, most_beside
from kindergartens.dated.rules import ending_problem

SEPTEMBER = dt.date(2026, 9, 1)
CARE = FeeFacts(
    item="care_education_fee", name="", scope="all", hours="any", amount=Decimal(600),
    unit="month", valid_from=SEPTEMBER, document="示例文号",
)  # fmt: skip
MEALS = replace(CARE, item="collected_on_behalf_fee", name="伙食费", unit="day")


def test_rules_and_rows_have_the_same_words() -> None:
    for words, choices in (
        (rules.FEE_ITEMS, FeeItem), (rules.FEE_SCOPES, FeeScope), (rules.FEE_HOURS, FeeHours),
        (rules.FEE_UNITS, FeeUnit),
    ):  # fmt: skip
        assert words == dict(choices.choices)


@pytest.mark.parametrize(
    ("fee", "fields"),
    [
        (CARE, []),
        (replace(CARE, unit="term", scope="large"), []),
        (replace(CARE, amount=Decimal(0)), []),
        (MEALS, []),
        (replace(MEALS, document="", published_on=SEPTEMBER), []),
        (replace(MEALS, name=""), ["name"]),
        (replace(CARE, name="保教费"), ["name"]),
        (replace(MEALS, name="保教费"), ["name"]),
        (replace(CARE, scope="nursery"), ["scope"]),
        (replace(CARE, item="nursery_care_fee", scope="nursery"), []),
        (replace(CARE, item="nursery_care_fee"), ["scope"]),
        (replace(CARE, unit="day"), ["unit"]),
        (replace(CARE, item="boarding_fee", unit="time"), ["unit"]),
        (replace(CARE, valid_to=SEPTEMBER), ["valid_to"]),
        (replace(CARE, document=""), ["document"]),
        (replace(CARE, scope="large", before_waiver=Decimal(600)), []),
        (replace(CARE, scope="large", before_waiver=Decimal("599.99")), ["before_waiver"]),
        (replace(CARE, scope="mixed", before_waiver=Decimal(600)), []),
        (replace(CARE, before_waiver=Decimal(800)), ["before_waiver"]),
        (replace(MEALS, name="", document="", valid_to=SEPTEMBER), ["name", "valid_to", "document"]),
    ],
)  # fmt: skip
def test_problems_stand_at_their_field(fee: FeeFacts, fields: list[str]) -> None:
    assert [place for place, _ in fee_problems(fee)] == fields


@pytest.mark.parametrize(
    ("lines", "most"),
    [
        ([], 0),
        ([(8, None), (9, None)], 2),
        # One after the other, over before, not begun yet.
        ([(8, 10), (10, 12), (10, None)], 2),
        ([(7, 9), (12, None)], 0),
        # Most are there later than on its own first day.
        ([(8, 10), (10, None), (11, None), (11, 12)], 3),
    ],
)
def test_most_that_are_beside_a_line_on_one_day(
    lines: list[tuple[int, int | None]], most: int
) -> None:
    days = [(dt.date(2026, since, 1), until and dt.date(2026, until, 1)) for since, until in lines]
    assert most_beside(replace(CARE, valid_to=dt.date(2026, 12, 1)), days) == most


@pytest.mark.parametrize(
    ("on", "ended", "said"),
    [
        (dt.date(2026, 10, 1), None, ""),
        (SEPTEMBER, None, "要晚于起始日期2026年9月1日"),
        (dt.date(2026, 10, 1), dt.date(2026, 12, 1), "已于2026年12月1日截止"),
    ],
)
def test_a_line_ends_once_and_after_it_began(on, ended, said) -> None:
    problem = ending_problem(on=on, valid_from=SEPTEMBER, valid_to=ended)
    assert said in problem
    assert bool(said) == bool(problem)
