"""Which items there are on a day, and what is refused of a line for its first day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from fees.catalogue.rules import RULE_SETS, Kind, item_problem, items_on, kind_of, rule_set
from fees.rules import FEE_ITEMS

OLD, NEW = dt.date(2025, 12, 31), dt.date(2026, 1, 1)


@pytest.mark.parametrize(
    ("day", "source", "codes"),
    [
        (dt.date(2011, 12, 31), "幼儿园管理条例", {"care_education_fee"}),
        (dt.date(2012, 1, 1), "3207", {*FEE_ITEMS} - {"nursery_care_fee"}),
        (OLD, "3207", {*FEE_ITEMS} - {"nursery_care_fee"}),
        (NEW, "1644", {*FEE_ITEMS}),
    ],
)  # fmt: skip
def test_the_rules_of_a_day(day: dt.date, source: str, codes: set[str]) -> None:
    assert source in rule_set(day).source
    assert {item.code for item in items_on(day)} == codes


def test_one_set_after_the_other_without_a_gap() -> None:
    for before, after in pairwise(RULE_SETS):
        assert after.first_day == (before.last_day or dt.date.min) + dt.timedelta(days=1)
    # What stands in schedules is called as the newest rules call it, and has a price for each sort.
    assert {item.code: item.name for item in RULE_SETS[-1].items} == FEE_ITEMS
    for rules in RULE_SETS:
        assert all(set(item.pricing) == set(Kind) for item in rules.items)


@pytest.mark.parametrize(
    ("item", "scope", "since", "until", "field", "said"),
    [
        ("nursery_care_fee", "nursery", NEW, None, "", ""),
        ("nursery_care_fee", "nursery", OLD, None, "item", "2026年1月1日起才有"),
        # A nursery class paid 保教费, until the very day from which it does not.
        ("care_education_fee", "nursery", OLD, NEW, "", ""),
        ("care_education_fee", "nursery", OLD, None, "valid_to", "填2026年1月1日"),
        ("care_education_fee", "nursery", OLD, dt.date(2026, 1, 2), "valid_to", "保育费"),
        ("care_education_fee", "nursery", NEW, None, "scope", "收保育费"),
        # What began under the earlier rules goes on.
        ("care_education_fee", "all", dt.date(2023, 9, 1), None, "", ""),
        ("service_fee", "all", OLD, None, "", ""),
        # Before 2012 the provinces named the items.
        ("nursery_care_fee", "nursery", dt.date(2010, 9, 1), None, "", ""),
        ("boarding_fee", "all", dt.date(2010, 9, 1), None, "", ""),
    ],
)
def test_an_item_is_held_to_the_rules_of_its_first_day(
    item: str, scope: str, since: dt.date, until: dt.date | None, field: str, said: str
) -> None:
    problem = item_problem(item=item, scope=scope, valid_from=since, valid_to=until)
    assert (problem[0] if problem else "") == field
    assert said in (problem[1] if problem else "")


@pytest.mark.parametrize(
    ("ownership", "for_profit", "kind"),
    [
        ("public", False, Kind.PUBLIC),
        ("inclusive_private", False, Kind.INCLUSIVE),
        ("non_inclusive_private", False, Kind.NON_PROFIT),
        ("non_inclusive_private", True, Kind.FOR_PROFIT),
    ],
)
def test_the_sort_of_a_kindergarten(ownership: str, for_profit: bool, kind: Kind) -> None:
    assert kind_of(ownership=ownership, for_profit=for_profit) == kind
