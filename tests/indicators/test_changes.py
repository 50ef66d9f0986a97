"""Why a figure changed: the steps add up, whatever came, went or was put right."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import INDICATORS
from indicators.changes import Move, Part, Reason, Seen, moves, steps
from indicators.estimates import all_may_be_carried
from indicators.rules import Counts, value_of

SHARE = INDICATORS["public_enrolment_share"]
RATE = INDICATORS["gross_enrolment_rate"]


def a_return(children: int, *, public: bool, version: int = 1, whole: bool = True) -> Seen:
    """What a kindergarten adds to a share of children in public ones; `whole`: returns divide it."""

    def as_if(flags: tuple[bool, ...]) -> Part:
        return Part(children * flags[0], children if whole else 0)

    return Seen(version, (public,), as_if((public,)), as_if)


def told(then, now, *, owed_then=(), owing_now=(), same_month=False):
    made = moves(then, now, owed_then=owed_then, owing_now=owing_now, same_month=same_month)
    return [
        (move.reason, move.kindergarten, move.part.numerator, move.part.denominator)
        for move in made
        if move.part != Part()
    ]


def test_each_kindergarten_moves_for_its_own_reason():
    then = {
        1: a_return(20, public=True),
        2: a_return(30, public=False),
        3: a_return(10, public=True),
        4: a_return(9, public=True),
    }
    now = {
        1: a_return(25, public=True),
        2: a_return(32, public=True),
        5: a_return(7, public=True),
        6: a_return(8, public=False),
    }
    assert told(then, now, owed_then={5}, owing_now={3}) == [
        (Reason.MOVED, 1, 5, 5),
        # Two more children while it was private, then all 32 became public.
        (Reason.MOVED, 2, 0, 2), (Reason.STATUS, 2, 32, 0),
        (Reason.MISSING, 3, -10, -10), (Reason.CLOSED, 4, -9, -9),
        (Reason.LATE, 5, 7, 7), (Reason.OPENED, 6, 0, 8),
    ]  # fmt: skip


def test_within_a_month_another_version_is_a_correction():
    then, now = {1: a_return(20, public=True)}, {1: a_return(18, public=True, version=2)}
    assert told(then, now, same_month=True) == [(Reason.CORRECTED, 1, -2, -2)]


def test_points_pass_over_what_cannot_be_computed():
    made = [
        Move(Reason.MISSING, 1, Part(-10, -10)),
        Move(Reason.STATUS, 2, Part(3, 0)),
    ]
    value = partial(value_of, SHARE)
    built = steps(made, start=Counts(5, 10), end=Counts(0, 5), value=value)
    assert [step.reason for step in built] == [Reason.STATUS, Reason.MISSING, Reason.RECORDS]
    assert built[1].points is None
    assert sum(step.points for step in built if step.points is not None) == Decimal("-0.5")


kindergartens = st.dictionaries(
    st.integers(0, 12),
    st.builds(
        a_return, st.integers(0, 400), public=st.booleans(), version=st.integers(1, 3),
        whole=st.just(True),
    ),
    max_size=10,
)  # fmt: skip
populations = st.one_of(st.none(), st.integers(0, 5000))


@given(
    kindergartens, kindergartens, kindergartens, st.sets(st.integers(0, 12)),
    st.sets(st.integers(0, 12)), st.booleans(), populations, populations,
    st.integers(-5, 5),
)  # fmt: skip
def test_the_steps_always_add_up(then, later, now, owed, owing, by_population, was, is_now, judged):
    """From what was told of a month, over what was put right of it, to another month."""
    indicator = RATE if by_population else SHARE

    def counts(returns: dict[int, Seen], people: int | None, more: int = 0) -> Counts:
        total = sum(seen.part.numerator for seen in returns.values())
        heads = sum(seen.part.denominator for seen in returns.values())
        return Counts(total + more, people if by_population else heads)

    made = [
        *moves(then, later, owed_then=later, owing_now=(), same_month=True),
        *moves(later, now, owed_then=owed, owing_now=owing, same_month=False),
    ]
    if by_population:
        made = [Move(m.reason, m.kindergarten, Part(m.part.numerator)) for m in made]
    # `judged`: sums computed again from registers, without another return.
    start, end = counts(then, was), counts(now, is_now, judged)
    value = partial(value_of, indicator)
    built = steps(made, start=start, end=end, value=value, by_population=by_population)
    assert start.numerator + sum(step.numerator for step in built) == end.numerator
    assert (start.denominator or 0) + sum(step.denominator for step in built) == (
        end.denominator or 0
    )
    before, after = value(start), value(end)
    if before is not None and after is not None:
        points = sum((step.points for step in built if step.points is not None), Decimal(0))
        assert abs(points - (after - before)) < Decimal("1e-20")
    assert len({step.reason for step in built}) == len(built)


OCTOBER = dt.date(2026, 10, 1)


@pytest.mark.parametrize(
    ("lasts", "carried"),
    [
        ([], False),
        ([dt.date(2026, 9, 1)], True),
        ([dt.date(2026, 9, 1), dt.date(2026, 7, 1)], True),
        # Over the turn of a year it would be the same three months.
        ([dt.date(2026, 9, 1), dt.date(2026, 6, 1)], False),
        # One that never counted could be of any size.
        ([dt.date(2026, 9, 1), None], False),
        ([dt.date(2026, 10, 1)], False),
    ],
)
def test_only_those_who_counted_lately_are_carried(lasts, carried):
    assert all_may_be_carried(OCTOBER, lasts) is carried


def test_three_months_reach_over_new_year():
    assert all_may_be_carried(dt.date(2027, 1, 1), [dt.date(2026, 10, 1)])
    assert not all_may_be_carried(dt.date(2027, 1, 1), [dt.date(2026, 9, 1)])
