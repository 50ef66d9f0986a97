"""Stages, sums against a plan, the norm of estates and who may run one, by table."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.projects import rules
from kindergartens.projects.rules import (
    Norm,
    OperatorRule,
    ProjectNumbers,
    Stage,
    TownShare,
    kindergartens_called_for,
    why_not_run_so,
)

D = Decimal
TODAY = dt.date(2026, 11, 5)
ORDER = ("a", "b", "c")


def day(number: int) -> dt.date:
    return dt.date(2026, 10, number)


@pytest.mark.parametrize(
    ("stages", "done", "next_code", "late", "days"),
    [
        ([], 0, "a", [], 0),
        ([Stage("a", day(1), day(1)), Stage("b", TODAY)], 1, "b", [], 0),
        ([Stage("a", day(1), day(3)), Stage("b", day(31))], 1, "b", ["b"], 5),
        ([Stage("a", None, day(1)), Stage("c", None, day(2))], 2, "b", [], 0),
        ([Stage(code, day(1), day(2)) for code in ORDER], 3, None, [], 0),
        ([Stage("a", day(6)), Stage("b", day(26))], 0, "a", ["a", "b"], 30),
    ],
)
def test_where_a_project_stands(stages, done, next_code, late, days):
    found = rules.progress(stages, ORDER, TODAY)
    assert (found.done, found.of) == (done, 3)
    assert (found.next.code if found.next else None) == next_code
    assert [stage.code for stage in found.late] == late
    assert found.days_late == days


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ({"a": day(1), "b": day(2), "c": day(2)}, None),
        ({"a": day(3), "b": day(2)}, ("a", "b")),
        ({"a": day(3), "b": None, "c": day(1)}, ("a", "c")),
        ({}, None),
    ],
)
def test_days_do_not_run_backwards(done, expected):
    assert rules.out_of_order(done, ORDER) == expected


def test_sums_say_how_many_projects_name_no_number():
    found = rules.sum_projects(
        [
            ProjectNumbers(360, 360, D(100), D(90)),
            ProjectNumbers(270, None, None, D(0)),
            ProjectNumbers(None, None, D(50), D(10)),
        ]
    )
    assert (found.projects, found.delivered, found.seats_planned, found.seats_delivered) == (
        3, 1, 630, 360,
    )  # fmt: skip
    assert (found.money_planned, found.money_paid) == (D(150), D(100))
    assert (found.without_seats, found.without_money) == (1, 1)


def test_money_nobody_registered_is_not_zero():
    found = rules.sum_projects([ProjectNumbers(360, None, None, None)])
    assert found.money_paid is None
    assert rules.share_of_plan(found.money_paid, 588_000_000) is None


def test_share_of_a_plan_is_not_cut_and_not_zero_without_one():
    assert rules.share_of_plan(8925, 8500) == D(8925) / D(8500)
    assert rules.share_of_plan(0, 8500) == 0
    assert rules.share_of_plan(10, None) is None
    assert rules.share_of_plan(10, 0) is None


ALTAY = Norm(5_000, 12_000, 1_500, 4_000)


@pytest.mark.parametrize(
    ("residents", "homes", "expected"),
    [
        (4_999, 1_499, 0),
        (5_000, None, 1),
        (None, 1_500, 1),
        (12_000, 4_000, 1),
        (12_001, None, 2),
        (None, 8_001, 3),
        (4_000, 1_600, 1),  # whichever asks for more
        (None, None, None),
    ],
)
def test_how_many_kindergartens_an_estate_calls_for(residents, homes, expected):
    assert kindergartens_called_for(residents, homes, ALTAY) == expected


def test_without_a_norm_nothing_is_called_for():
    assert kindergartens_called_for(9_000, 3_000, Norm()) is None


@given(st.integers(0, 100_000), st.integers(0, 40_000), st.integers(0, 5_000))
def test_a_larger_estate_never_calls_for_fewer(residents, homes, more):
    small = kindergartens_called_for(residents, homes, ALTAY)
    large = kindergartens_called_for(residents + more, homes + more, ALTAY)
    assert large >= small


WUQING = OperatorRule(D("0.5"), dt.date(2023, 2, 7), "《武清方案》二（三）3")


def share(numerator: int, denominator: int) -> TownShare:
    return TownShare(D(numerator) / D(denominator), numerator, denominator, dt.date(2026, 10, 1))


def why(run_as="inclusive_private", handed=dt.date(2026, 6, 1), rule=WUQING, of=None):
    return why_not_run_so(run_as, town="示例镇", handed_over_on=handed, rule=rule, share=of)


@pytest.mark.parametrize(
    ("case", "allowed"),
    [
        ({"of": share(50, 100)}, True),
        ({"of": share(371, 787)}, False),
        # 49.9996 %: reads as 50.00 when rounded, and is still short.
        ({"of": share(124_999, 250_000)}, False),
        ({"of": share(125_000, 250_000)}, True),
        ({"of": TownShare(None, reason="10月7所只接收了5所")}, False),
        ({"of": None}, False),
        # Handed over before the rule: not a new one.
        ({"handed": dt.date(2023, 2, 6)}, True),
        ({"handed": dt.date(2023, 2, 7)}, False),
        ({"handed": None}, False),
        ({"rule": None}, True),
        ({"run_as": "public"}, True),
        ({"run_as": "non_inclusive_private", "of": share(9, 10)}, False),
        ({"run_as": "other_use", "of": share(9, 10), "rule": None}, False),
    ],
)
def test_who_may_run_an_estate_kindergarten(case, allowed):
    assert (why(**case) == "") is allowed


def test_a_refusal_shows_the_figures_and_what_to_do():
    words = why(of=share(371, 787))
    assert "示例镇2026年10月公办园在园幼儿占比47.14%（371÷787），不足50%" in words
    assert "《武清方案》二（三）3" in words
    assert "公办托管" in words
    assert "49.9996%" in why(of=share(124_999, 250_000))
    unknown = why(of=TownShare(None, reason="10月7所只接收了5所"))
    assert "无法计算（10月7所只接收了5所）" in unknown
    assert "接收齐后再提出" in unknown
    assert "第二十六条" in why("other_use")


@pytest.mark.parametrize(
    ("area", "on_portal", "shown", "cover"),
    [
        ({1, 2}, {1, 2}, {1, 2}, "whole"),
        ({1, 2}, {1, 2, 3}, {1, 2, 3}, "whole"),
        ({1, 2}, {1}, {1}, "portal"),
        ({1, 2}, {1}, {1, 2}, "portal"),
        ({1, 2, 3}, {1, 2}, {1}, "part"),
        ({1, 2}, {1, 2}, {1}, "part"),
        ({1, 2}, set(), {1}, "part"),
        (None, {1}, {1}, "part"),
    ],
)
def test_only_the_whole_area_is_set_against_its_plan(area, on_portal, shown, cover):
    assert rules.plan_cover(area, on_portal, shown) == cover
