"""Which items there are on a day, and what is refused of a line for its first day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.db import connection

from fees.catalogue.rules import (
    RULE_SETS,
    Kind,
    banned_name,
    ever_banned,
    item_problem,
    items_on,
    kind_of,
    rule_set,
)
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


# Name, and what of it is banned by the rules of 2012 and of 2026.
NAMES = [
    ("幼小衔接课程", "", "幼小衔接"),
    ("英语兴趣班", "兴趣班", "兴趣班"),
    ("特色课程", "特色课", "特色课"),
    ("双语实验班", "实验班", "实验班"),
    ("舞蹈特长班", "特长班", "特长班"),
    ("亲子班", "亲子班", "亲子班"),
    ("课后班", "课后班", "课后班"),
    ("课后英语培训费", "课后英语培训", "课后英语培训"),
    ("赞助费", "赞助", "赞助"),
    ("捐资助学款", "捐资", "捐资"),
    ("建园费", "建园费", "建园费"),
    ("书本费", "书本费", ""),
    # Care after hours, a day with the parents, a gift for others: no name says that these are banned.
    ("延时服务", "", ""),
    ("课后延时服务", "", ""),
    ("课后托管", "", ""),
    ("课后看护班", "", ""),
    ("亲子活动费", "", ""),
    ("爱心捐款", "", ""),
    ("建园十周年纪念册", "", ""),
    ("伙食费", "", ""),
    ("", "", ""),
]


@pytest.mark.parametrize(("name", "before", "since"), NAMES)
def test_what_is_banned_by_its_name_on_a_day(name: str, before: str, since: str) -> None:
    for day, word in ((dt.date(2011, 12, 31), ""), (OLD, before), (NEW, since)):
        banned = banned_name(name, on=day, listed=())
        assert (banned.word if banned else "") == word
        assert banned is None or banned.source == rule_set(day).source
        # What the county's list has is let.
        assert banned_name(name, on=day, listed={name}) is None


@pytest.mark.django_db
def test_the_database_reads_the_pattern_of_names_alike() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE name ~ %s",
            [[name for name, *_ in NAMES], ever_banned()],
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == {name for name, *words in NAMES if any(words)}


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
