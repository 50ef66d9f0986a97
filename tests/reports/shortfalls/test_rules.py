"""The order of shortfalls: the missing part of what is needed, then the amount."""

from __future__ import annotations

from fractions import Fraction

import pytest

from indicators.catalogue import INDICATORS
from indicators.rules import Counts
from reports.shortfalls.rules import Need, need_of


@pytest.mark.parametrize(
    ("code", "counts", "gap", "needed", "effort"),
    [
        # 60 of 100 in public ones, 70 asked: ten of seventy.
        ("public_enrolment_share", Counts(60, 100), 10, 70, Fraction(1, 7)),
        # 106 children, 15 people, one for seven: one of sixteen people.
        ("children_per_staff", Counts(106, 15), 1, 16, Fraction(1, 16)),
        ("children_per_staff", Counts(90, 0), 13, 13, Fraction(1)),
        ("public_enrolment_share", Counts(0, 10), 10, 10, Fraction(1)),
        # 700 yuan too much, 100 suffered: six of seven have to go.
        ("overcharged_yuan", Counts(700, 1), 600, 700, Fraction(6, 7)),
    ],
)
def test_what_is_needed(code, counts, gap, needed, effort) -> None:
    need = need_of(INDICATORS[code], counts, gap)
    assert (need.needed, need.short, need.effort) == (needed, gap, effort)


def test_the_least_effort_first_then_the_smaller_amount() -> None:
    a, b, c, d = Need(100, 10), Need(20, 2), Need(1000, 50), Need(3, 3)
    assert sorted([d, a, c, b], key=lambda need: need.order) == [c, b, a, d]
