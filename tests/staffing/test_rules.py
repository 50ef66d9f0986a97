"""How many people a head-count asks for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from staffing.rules import people_needed


@given(children=st.integers(0, 10**6), most=st.integers(1, 500))
def test_needed_people_are_the_fewest_that_do(children, most):
    needed = people_needed(children, most)
    assert needed * most >= children
    assert needed == 0 or (needed - 1) * most < children
