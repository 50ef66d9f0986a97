"""Whether a charge is above what may be charged, and by how many yuan."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.catalogue.rules import Banned
from fees.overcharging.rules import (
    Breach,
    Ceiling,
    Charged,
    Local,
    beyond_term,
    excess,
    repayment_problem,
    total,
)

D = Decimal
OCTOBER = dt.date(2026, 10, 1)
CITY = Ceiling(D(600), "市文件", "示例市")
COUNTY = Ceiling(D(550), "区文件", "示例区")
CARE = "care_education_fee"
SERVICE = "service_fee"


def charged(amount: object, scheduled: object, *ceilings: Ceiling, **more: object) -> Charged:
    return Charged(
        **{
            "item": CARE, "unit": "month", "amount": D(str(amount)), "payers": 30,
            "scheduled": None if scheduled is None else D(str(scheduled)), "has_schedule": True,
            "ceilings": ceilings,
        } | more
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("charge", "allowed", "per_child", "refund", "breaches"),
    [
        # Over the ceiling, though the published sheet says the same.
        (charged(650, 650, CITY), 600, 50, 1500, {Breach.OVER_CEILING}),
        # Of two documents in force the stricter.
        (charged(650, 650, CITY, COUNTY), 550, 100, 3000, {Breach.OVER_CEILING}),
        # Over both: what is published is the lower, and both are said.
        (
            charged(650, "480.50", CITY), "480.50", "169.50", 5085,
            {Breach.OVER_CEILING, Breach.OVER_SCHEDULE},
        ),
        (charged(500, 480, CITY), 480, 20, 600, {Breach.OVER_SCHEDULE}),
        # The free year: nothing may be asked of 大班 in a public kindergarten.
        (charged(600, 0, CITY), 0, 600, 18000, {Breach.OVER_SCHEDULE}),
        # Not on the sheet: all of it, whatever a ceiling would allow.
        (charged(500, None, CITY), 0, 500, 15000, {Breach.UNLISTED}),
        # Seven months paid in October: to January is this term, three are owed whole.
        (
            charged(500, 500, CITY, month=OCTOBER, periods=7), 500, 1500, 45000, {Breach.AHEAD},
        ),
        # Too dear as well: of the four months the difference, of the three all.
        (
            charged(620, 620, CITY, month=OCTOBER, periods=7), 600, 1940, 58200,
            {Breach.OVER_CEILING, Breach.AHEAD},
        ),
        # Twelve of the thirty paid seven months; the others only too much.
        (
            charged(620, 620, CITY, month=OCTOBER, periods=7, prepaid=12), 600, 1940,
            12 * 1940 + 18 * 20, {Breach.OVER_CEILING, Breach.AHEAD},
        ),
        # Two months at once, too dear each.
        (charged(650, 650, CITY, month=OCTOBER, periods=2), 600, 100, 3000, {Breach.OVER_CEILING}),
        # By the term: October's has five months, which is more than any place charges for.
        (
            charged(3001, 3001, CITY, unit="term", month=OCTOBER), 3000, 1, 30,
            {Breach.OVER_CEILING},
        ),
        # By the term once; by the day nobody knows how often.
        (charged(3000, 2500, CITY, unit="term"), 2500, 500, 15000, {Breach.OVER_SCHEDULE}),
        (
            charged(18, 15, item="collected_on_behalf_fee", unit="day"), 15, 3, None,
            {Breach.OVER_SCHEDULE},
        ),
        # Under a banned name all of it, though it was published as it was charged.
        (
            charged(300, 300, item=SERVICE, banned=Banned("兴趣班", "文件")), 0, 300, 9000,
            {Breach.BANNED},
        ),
        # The county's list: the name is not on it, though it was published; above what it sets.
        (charged(160, 160, item=SERVICE, local=Local(listed=False)), 0, 160, 4800, {Breach.OFF_LIST}),
        (
            charged(260, 260, item=SERVICE, local=Local(True, D(200), "清单")), 200, 60, 1800,
            {Breach.OVER_LIST},
        ),
        (
            charged(260, None, item=SERVICE, local=Local(listed=False)), 0, 260, 7800,
            {Breach.UNLISTED, Breach.OFF_LIST},
        ),
    ],
)  # fmt: skip
def test_too_much(charge, allowed, per_child, refund, breaches):
    found = excess(charge)
    assert found is not None
    assert (found.allowed, found.per_child) == (D(allowed), D(per_child))
    assert found.refund == (None if refund is None else D(refund))
    assert {*found.breaches} == breaches


@pytest.mark.parametrize(
    "charge",
    [
        charged(600, 600, CITY),
        charged("600.00", 650, CITY),
        charged(480, 500, COUNTY),
        # No schedule was recorded: nothing is known to be unlisted.
        charged(600, None, CITY, has_schedule=False),
        charged(5000, None, has_schedule=False),
        # A ceiling is of care and education; of a term it is that of all its months.
        charged(3000, 3000, CITY, unit="term", month=OCTOBER),
        charged(700, 700, CITY, item="boarding_fee"),
        # On the list, at most what it sets or without any; the county has no list.
        charged(200, 200, item=SERVICE, local=Local(True, D(200), "清单")),
        charged(900, 900, item=SERVICE, local=Local(listed=True)),
        charged(900, 900, item=SERVICE, local=None),
        # Nobody paid.
        charged(900, 600, CITY, payers=0),
        charged(0, 0, item=SERVICE, banned=Banned("兴趣班", "文件")),
    ],
)
def test_not_too_much(charge):
    assert excess(charge) is None


@pytest.mark.parametrize(
    ("month", "unit", "periods", "ahead"),
    [
        ((2026, 9), "month", 5, 0),  # September to January
        ((2026, 9), "month", 6, 1),
        ((2026, 12), "month", 3, 1),
        # In the last month of a term the next one is paid for.
        ((2027, 1), "month", 8, 0),
        ((2027, 1), "month", 9, 1),
        ((2027, 2), "month", 7, 0),
        ((2027, 8), "month", 6, 0),
        ((2027, 7), "month", 3, 1),
        ((2026, 10), "term", 1, 0),
        ((2026, 10), "term", 2, 1),
        ((2026, 10), "day", 100, 0),
    ],
)
def test_paid_beyond_the_term(month, unit, periods, ahead):
    assert beyond_term(dt.date(*month, 1), unit, periods) == ahead


money = st.decimals(0, 9999, places=2)


@given(money, st.none() | money, st.lists(money, max_size=3), st.integers(0, 400), st.booleans())
def test_paying_back_leaves_nothing_too_much(amount, scheduled, ceilings, payers, has_schedule):
    limits = tuple(Ceiling(one, "文", "地") for one in ceilings)
    more = {"payers": payers, "has_schedule": has_schedule or scheduled is not None}
    found = excess(charged(amount, scheduled, *limits, **more))
    if found is None:
        return
    assert found.per_child > 0
    assert found.refund == found.per_child * payers
    assert amount - found.per_child == found.allowed
    if found.allowed or scheduled is not None:
        assert excess(charged(found.allowed, scheduled, *limits, **more)) is None


def test_a_sum_says_what_it_leaves_out():
    monthly = excess(charged(650, 650, CITY))
    daily = excess(charged(18, 15, item="collected_on_behalf_fee", unit="day"))
    assert monthly is not None
    assert daily is not None
    # One given back with 200 more, one not at all, and some of what nobody can compute.
    whole = total([(1, monthly, D(1700)), (1, daily, D(30)), (2, monthly, D(0))])
    assert (whole.kindergartens, whole.charges, whole.refund, whole.uncounted) == (2, 3, 3000, 1)
    assert (whole.repaid, whole.left) == (1730, 1500)
    assert total([]).refund == 0


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({}, None, ""),
        ({"repaid_on": dt.date(2026, 11, 6)}, "repaid_on", "不能晚于今天"),
        ({"repaid_on": dt.date(2026, 9, 30)}, "repaid_on", "这是2026年10月收的"),
        ({"repaid_on": OCTOBER}, None, ""),
        ({"children": 31}, "children", "应是1到30人"),
        ({"children": 0}, "children", "应是1到30人"),
        ({"yuan": D(0)}, "yuan", "要大于0"),
        ({"before": D(501)}, "reason", "应退1500元，已登记501元，加上这一笔多1元"),
        ({"before": D(501), "reason": "连手续费一起退"}, None, ""),
        # Nobody can compute what is owed: nothing is too much.
        ({"owed": None, "before": D(9000)}, None, ""),
    ],
)
def test_what_is_given_back_is_of_the_charge(given, field, said):
    facts = {
        "month": OCTOBER, "repaid_on": dt.date(2026, 11, 5), "today": dt.date(2026, 11, 5),
        "children": 30, "payers": 30, "yuan": D(1000), "owed": D(1500), "before": D(500),
        "reason": "",
    }  # fmt: skip
    problem = repayment_problem(**facts | given)
    assert (problem and problem[0]) == field
    assert said in (problem[1] if problem else "")
