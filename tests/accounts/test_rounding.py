"""One way to round: pages, papers and judgements never show two values of one figure."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import formatting
from accounts.rounding import half_up
from indicators.catalogue import Kind
from indicators.rules import displayed


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.125", "0.13"), ("-0.125", "-0.13"), ("0.12499", "0.12"), ("2", "2.00")],
)
def test_halves_go_away_from_zero(value: str, shown: str) -> None:
    assert str(half_up(Decimal(value), 2)) == shown


@given(st.decimals(min_value=0, max_value=20, places=9))
def test_what_is_judged_close_is_what_is_shown(value: Decimal) -> None:
    assert str(displayed(value, Kind.RATIO)) == formatting.decimal(value)
    assert f"{displayed(value, Kind.SHARE):,}" == formatting.percent(value)
