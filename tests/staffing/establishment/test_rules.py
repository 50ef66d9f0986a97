"""Pay and posts by table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from staffing.establishment.rules import Paid, Posts, pay_problem, pay_ratio, together

# quota, established, substitutes → vacant, unfilled, verdict; tests/indicators holds the SQL to it.
POSTS = [
    (10, 10, 3, 0, 0, "met"),
    (10, 12, 3, 0, 0, "met"),
    (10, 8, 0, 2, 0, "met"),
    (10, 8, 1, 2, 1, "unmet"),
    (10, 8, 5, 2, 2, "unmet"),
    (0, 0, 4, 0, 0, "met"),
    (None, 8, 5, None, None, "unavailable"),
    (10, None, None, None, None, "unavailable"),
]


@pytest.mark.parametrize(
    ("quota", "established", "substitutes", "vacant", "unfilled", "standing"), POSTS
)
def test_posts(quota, established, substitutes, vacant, unfilled, standing):
    posts = Posts(quota, established, substitutes)
    assert (posts.vacant, posts.unfilled, posts.standing) == (vacant, unfilled, standing)


def test_the_ratio_is_of_averages_of_sums():
    on = together([Paid(1, 120_000), Paid(3, 200_000)])
    off = together([Paid(4, 240_000), Paid(0, 0)])
    assert (on, off) == (Paid(4, 320_000), Paid(4, 240_000))
    assert pay_ratio(on, off) == Decimal("0.75")
    assert pay_ratio(on, Paid(0, 0)) is None
    assert pay_ratio(Paid(0, 0), off) is None


@pytest.mark.parametrize(
    ("heads", "yuan", "right"),
    [
        (0, 0, True), (0, 1, False), (2, 5_999, False), (2, 6_000, True), (1, 1_000_000, True),
        (1, 1_000_001, False), (3, 0, False),
    ],
)  # fmt: skip
def test_pay_that_cannot_be_right_is_named(heads, yuan, right):
    assert (pay_problem(heads, yuan) == "") is right
