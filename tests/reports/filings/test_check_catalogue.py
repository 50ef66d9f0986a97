"""checks.toml says what the functions do, and each of its lines can be met."""

from __future__ import annotations

import datetime as dt
from string import Formatter
from typing import Any

import pytest

from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings import checks
from reports.filings.checks.catalogue import ANSWERS
from reports.filings.checks.cells import read_choice, read_day, read_words
from reports.filings.checks.schedule import ScheduledLine
from tests.reports.filings.test_checks import LIMITS, SAFE, a_class, a_draft, last_class
from tests.small_county import NOW, OCTOBER

LAST = {"小一班": last_class(), "小二班": last_class()}
# Where no kindergarten lies.
PEERS = dict.fromkeys(("peer_staff", "peer_class_size", "peer_change"), checks.Peers(9, 1, 1, 1))
# A draft for each check, and the class sizes or last month it needs.
# Of one cell that is no number.
OF_A_CELL = {
    "choice_missing": read_choice("", "门卫", {}),
    "words_missing": read_words("", "说明", 9),
    "words_too_long": read_words("长" * 10, "说明", 9),
    "day_not_read": read_day("明天", "日期"),
}
INCIDENT = {
    "occurred_on": "2026-10-12", "kind": "injury", "children_hurt": "1", "staff_hurt": "0",
    "account": "跑动时摔倒，送医", "reported_at": "2026-10-12T09:30",
}  # fmt: skip
# What is said beside a review: reviewing.review_draft adds it to what is to be submitted.
BESIDE = {"same_unconfirmed": checks.same_unconfirmed("staff", "教职工", "上月")}
CHARGE = {
    "item": "service_fee", "name": "延时服务", "scope": "all", "unit": "month", "amount": "160",
    "payers": "20",
}  # fmt: skip
SCHEDULE = (ScheduledLine("service_fee", "延时服务", "all", "month", 16000),)


def charged(*rows: dict[str, str]) -> dict[str, Any]:
    return a_draft() | {
        "charges": {str(number): CHARGE | row for number, row in enumerate(rows, 1)}
    }


MET_BY: dict[str, dict[str, Any]] = {
    "count_missing": a_draft(a_class(boys="")),
    "count_negative": a_draft(a_class(boys="-1")),
    "count_not_whole": a_draft(a_class(boys="1.5")),
    "count_too_large": a_draft(a_class(boys="201")),
    "class_name_missing": a_draft(a_class(name="")),
    "class_name_too_long": a_draft(a_class(name="班" * 31)),
    "class_grade_missing": a_draft(a_class(grade="x")),
    "explanation_too_long": a_draft(
        a_class(boys="15", ages=("26", "0", "0", "0"), class_size="因" * 301)
    ),
    **dict.fromkeys(OF_A_CELL, a_draft()),
    "remarks_too_long": a_draft() | {"remarks": "其" * 501},
    "sexes_equal_ages": a_draft(a_class(boys="13")),
    "part_within_children": a_draft(a_class(migrant="24")),
    "attended_within_due": a_draft(a_class(attended="461")) | {"days_open": "20"},
    "attendance_low": a_draft(a_class(attended="100")) | {"days_open": "20"},
    "days_open_many": a_draft() | {"days_open": "21"},
    "age_for_grade": a_draft(a_class(ages=("11", "12", "0", "0"))),
    "class_flow": a_draft(a_class(entered="1")),
    "moves_equal": a_draft(a_class(moved_in="1"), a_class("小二班")),
    "moves_from_vanished": a_draft(a_class(moved_out="1")),
    "moves_over_summer": a_draft(a_class(moved_out="1")),
    "stayed_on": a_draft(a_class(grade="large", moved_in="1"), a_class("小二班")),
    "class_size": a_draft(a_class(boys="15", ages=("26", "0", "0", "0"))),
    "certified_within_people": a_draft(principal={"people": "1", "certified": "2"}),
    "charge_name_missing": charged({"name": ""}),
    "charge_name_unasked": charged({"item": "boarding_fee"}),
    "charge_twice": charged({}, {"amount": "1"}),
    "charge_payers_within_children": charged({"payers": "24"}),
    "charge_differs": charged({"amount": "165.5"}),
    "charge_unlisted": charged({"name": "英语班"}),
    "charge_banned": charged({"name": "英语兴趣班"}),
    "charge_periods_unasked": charged({"periods": "0"}),
    "charge_prepaid_within_payers": charged({"periods": "2", "prepaid": "99"}),
    "charge_ahead": charged({"periods": "9"}),
    "money_missing": charged({"amount": ""}),
    "money_not_read": charged({"amount": "-1"}),
    "money_places": charged({"amount": "1.005"}),
    "money_too_large": charged({"amount": "100000.01"}),
    "staff_flow": a_draft(principal={"joined": "1"}),
    "safety_no_explained": a_draft() | {"safety": SAFE | {"fire": {"answer": "no"}}},
    "safety_no_needed": a_draft() | {"safety": SAFE | {"fire": {"answer": "na"}}},
    "safety_repair_past": a_draft()
    | {"safety": SAFE | {"fire": {"answer": "no", "account": "门锁", "repair_by": "2026-09-30"}}},
    "safety_repair_before": a_draft()
    | {"safety": SAFE | {"fire": {"answer": "no", "account": "门锁", "repair_by": "2026-11-06"}}},
    "incidents_unanswered": a_draft() | {"incidents": {}},
    "incidents_both": a_draft() | {"incidents": {"1": INCIDENT, "month": {"none": "1"}}},
    "incident_day_outside": a_draft()
    | {"incidents": {"1": INCIDENT | {"occurred_on": "2026-11-01"}}},
    "incident_in_future": a_draft()
    | {"incidents": {"1": INCIDENT | {"reported_at": "2026-12-01T09:30"}}},
    "incident_reported_before": a_draft()
    | {"incidents": {"2": INCIDENT | {"reported_at": "2026-10-11T23:59"}}},
    "same_unconfirmed": a_draft(),
    "classes_at_least_one": {"classes": [], "staff": {}},
    "classes_at_most": a_draft(*[a_class(name=f"{number}班") for number in range(61)]),
    "class_names_differ": a_draft(a_class(), a_class()),
    "class_change": a_draft(a_class(boys="1", girls="1", ages=("2", "0", "0", "0"))),
    "class_vanished": a_draft(a_class()),
    "total_change": a_draft(a_class()),
    # 23 children with 14 people in one class, half of last month's.
    **dict.fromkeys(("peer_staff", "peer_class_size", "peer_change"), a_draft(a_class())),
    # 23 children in one class with 2 teachers.
    **dict.fromkeys(("stated_children", "stated_classes", "stated_teachers"), a_draft(a_class())),
}
STATED = dict.fromkeys(
    ("stated_children", "stated_classes", "stated_teachers"),
    checks.Stated("2026年9月1日", 9, 10, 1),
)


OVER_SUMMER = ("moves_over_summer", "stayed_on")


def everything_said(
    draft: dict[str, Any],
    peers: dict[str, checks.Peers],
    stated: dict[str, checks.Stated],
    graduates: int = 0,
) -> list[str]:
    found = checks.review(
        draft, LAST, LIMITS, compare_with_last=True, flows=True, working_days=20, peers=peers,
        graduates=graduates, last_staff=dict.fromkeys(checks.POST_LABELS, 2),
        stated=stated,
        month=OCTOBER,
        # Filled in before the statistical day.
        reference_date=dt.date(2026, 11, 8),
        now=NOW.replace(tzinfo=None),
        schedule=SCHEDULE,
        listed=(),
    )  # fmt: skip
    rows = [*found.classes, *found.parts.values()]
    cells = [cell for row in found.classes for cell in row.cells.values()]
    cells += [
        cell
        for part in found.parts.values()
        for row in part.cells.values()
        for cell in row.values()
    ]
    warnings = [*found.warnings, *(one for row in found.classes for one in row.warnings)]
    errors = [*found.errors, *(one for row in rows for one in row.errors)]
    return [one.text for one in warnings + errors] + [cell.error for cell in cells if cell.error]


def test_every_check_is_answered_by_a_function_and_met_here() -> None:
    assert ANSWERS.keys() == checks.catalogue().keys()
    assert MET_BY.keys() == checks.catalogue().keys()


@pytest.mark.parametrize("code", MET_BY)
def test_what_is_found_is_said_in_the_words_of_the_list(code: str) -> None:
    check = checks.catalogue()[code]
    # The parts of the sentence that are not filled in, in their order.
    parts = [text for text, *_ in Formatter().parse(check.says + check.advice) if text]

    def says(text: str) -> bool:
        at = 0
        for part in parts:
            at = text.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return True

    graduates = 30 if code in OVER_SUMMER else 0
    of_a_cell = [OF_A_CELL[code].error] if code in OF_A_CELL else []
    of_a_cell += [BESIDE[code].text] if code in BESIDE else []
    assert any(
        says(text) for text in of_a_cell + everything_said(MET_BY[code], PEERS, STATED, graduates)
    ), parts


def test_a_return_in_order_meets_no_check() -> None:
    draft = charged({}) | {"classes": [a_class(), a_class("小二班")]}
    assert everything_said(draft, {}, {}) == []


def test_every_check_says_what_it_compares_and_where_a_rule_comes_from() -> None:
    for check in checks.catalogue().values():
        assert check.name
        assert check.says.endswith("。")
        # What stops a return says how to mend it, unless the sentence itself does.
        assert check.kind == checks.Kind.EXPERIENCE or any(
            word in check.says + check.advice for word in ("请", "填", "例如")
        ), check.code
    source = checks.catalogue()["class_size"].source
    assert source is not None
    assert (source.clause, source.date.year) == ("第十一条", 2016)
    assert set(CLASS_SIZE_LIMITS.values()) == {25, 30, 35}
