"""What is said of a proposed schedule: differences, ceilings, names, costs, publication."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from fees.filing.rules import (
    OPEN,
    STATES,
    STEPS,
    Beside,
    Line,
    cost_per_child_month,
    difference,
    no_longer_allowed,
    problems,
    publication_problem,
    rises,
)
from fees.local_list.rules import Highest
from fees.overcharging.rules import Breach, Ceiling, Charged, excess
from fees.rules import published_by

D = Decimal
TODAY, FIRST = dt.date(2026, 11, 5), dt.date(2026, 12, 1)
CARE = Line(
    1, "care_education_fee", "", "all", "any", "all", D(600), "month", FIRST, "保育教育", "示例文号"
)
MEALS = replace(CARE, item="collected_on_behalf_fee", name="伙食费", amount=D(15), unit="day")
NOW = replace(CARE, amount=D(550), valid_from=dt.date(2024, 9, 1), content="", basis="")
COUNTY, CITY = Ceiling(D(700), "区文件", "示例区"), Ceiling(D(650), "市文件", "示例市")
LATER = dt.date(2027, 3, 1)


def beside(*ceilings: Ceiling, **more: object) -> Beside:
    return Beside(
        **{
            "standing": [NOW], "ceilings_on": lambda day: ceilings, "ceilings_begin": [],
            "usual": {}, "listed_on": lambda item, day: {}, "private": False, "has_cost_sheet": False,
        } | more
    )  # type: ignore[arg-type]  # fmt: skip


def said(*lines: Line, **more: object) -> list[tuple[int, str, bool, str]]:
    beside_it = more.pop("beside", None) or beside(**more)
    found = problems(lines, beside_it, today=TODAY)  # type: ignore[arg-type]
    return [(one.position, one.field, one.forbids, one.text) for one in found]


def only(*lines: Line, **more: object) -> tuple[str, bool, str]:
    [(_, field, forbids, text)] = said(*lines, **more)
    return field, forbids, text


def test_nothing_is_said_of_a_line_that_is_right():
    assert said(CARE, beside=beside(COUNTY, CITY)) == []


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        (replace(CARE, amount=D("600.555")), "amount", "小数最多2位"),
        (replace(CARE, amount=D(-1)), "amount", "负数"),
        (replace(CARE, content=""), "content", "服务内容"),
        (replace(CARE, basis=""), "basis", "定价依据"),
        (replace(CARE, valid_from=TODAY - dt.timedelta(days=1)), "valid_from", "先公示后收费"),
        (replace(CARE, valid_from=None), "valid_from", "请填从哪一天起执行"),
        (replace(CARE, amount=D(550)), "valid_from", "和现在执行的一样"),
        (replace(CARE, unit="day"), "unit", "按月或按学期"),
        (replace(CARE, scope="nursery"), "scope", "保育费"),
    ],
)
def test_one_thing_is_wrong(line: Line, field: str, words: str) -> None:
    found = [one for one in said(line) if one[0]]
    assert [(one[1], one[2]) for one in found] == [(field, True)]
    assert words in found[0][3]


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("幼小衔接课程", True), ("英语兴趣班", True), ("赞助费", True), ("延时服务", False),
    ],
)  # fmt: skip
def test_what_is_banned_is_refused_under_its_name(name: str, banned: bool) -> None:
    service = replace(CARE, position=2, item="service_fee", name=name)
    found = [one for one in said(replace(CARE), service) if one[0] == 2]
    assert [one[1] for one in found] == (["name"] if banned else [])
    # What the county lets be charged on that day is not banned, in whichever class it has the name.
    let = {("collected_on_behalf_fee", FIRST): {name: None}}
    found = said(CARE, service, listed_on=lambda item, day: let.get((item, day), {}))
    assert [one for one in found if one[0] == 2] == []


def test_what_is_not_on_the_countys_list_is_said_with_its_names():
    lists = {("service_fee", FIRST): {"延时服务": Highest(D(200), "month", "示例清单")}}
    on_list = {"listed_on": lambda item, day: lists.get((item, day), {})}
    service = replace(CARE, position=2, item="service_fee", name="校服费")
    [found] = said(CARE, service, **on_list)
    assert found[:3] == (2, "name", True)
    assert "有延时服务" in found[3]
    # Above what it sets, by the same unit.
    dear = replace(service, name="延时服务", amount=D("200.5"))
    [found] = said(CARE, dear, **on_list)
    assert found[:3] == (2, "amount", True)
    assert "最高标准200元/月（示例清单）。请改成不超过200元" in found[3]
    for fits in (replace(dear, amount=D(200)), replace(dear, unit="time")):
        assert said(CARE, fits, **on_list) == []
    assert [one.field for one in no_longer_allowed([CARE, dear], beside(**on_list))] == ["amount"]


def test_over_the_stricter_of_two_documents_both_are_said():
    field, forbids, text = only(replace(CARE, amount=D(680)), beside=beside(COUNTY, CITY))
    assert (field, forbids) == ("amount", True)
    assert "高于最高限价30元：示例市650元/月（市文件）" in text
    assert "示例区700元/月（区文件）。都有效的按最低的执行" in text
    assert said(replace(CARE, amount=D(650)), beside=beside(COUNTY, CITY)) == []


def test_what_the_waiver_is_paid_by_is_held_as_an_amount_is():
    free = replace(CARE, position=2, scope="large", amount=D(0), before_waiver=D(600))
    assert said(CARE, free, beside=beside(CITY)) == []
    lower = replace(CARE, amount=D(500))
    [found] = said(lower, free)
    assert found[:3] == (2, "before_waiver", True)
    assert "比全园的500.00元高" in found[3]
    [found] = said(free, beside=beside(Ceiling(D(590), "市文件", "示例市"), standing=[]))
    assert found[:3] == (2, "before_waiver", True)
    assert "高于最高限价10元" in found[3]


def test_a_ceiling_that_begins_later_is_said_and_forbids_nothing():
    lower = beside(
        ceilings_on=lambda day: [COUNTY] if day < LATER else [COUNTY, Ceiling(D(580), "新文件", "市")],
        ceilings_begin=[dt.date(2024, 1, 1), LATER],
    )  # fmt: skip
    field, forbids, text = only(CARE, beside=lower)
    assert (field, forbids) == ("amount", False)
    assert "2027年3月1日起最高限价是市580元/月（新文件）" in text


def test_an_amount_of_a_term_is_held_to_the_ceiling_of_all_its_months():
    # From March on: the spring term has seven months, holidays with them.
    term = replace(CARE, unit="term", valid_from=LATER, amount=COUNTY.yuan * 7)
    assert said(term, beside=beside(COUNTY)) == []
    field, forbids, text = only(replace(term, amount=term.amount + 1), beside=beside(COUNTY))
    assert (field, forbids) == ("amount", True)
    assert "高于最高限价1元" in text
    assert "一学期按全部月份算" in text


@pytest.mark.parametrize(
    ("amount", "usual", "times"),
    [("5499", None, ""), ("5500", None, "10.0倍"), ("3000", 300, "10.0倍")],
)
def test_an_amount_of_a_term_by_the_month_is_asked_about(amount, usual, times):
    key = ("care_education_fee", "", "month")
    found = said(replace(CARE, amount=D(amount)), usual={key: D(usual)} if usual else {})
    assert [times in one[3] and not one[2] for one in found] == ([True] if times else [])


def test_lines_beside_each_other():
    new = replace(CARE, position=2, entrants="new", amount=D(640))
    # 新生新办法: beside the standard of those who are there, which need not be in the table.
    assert said(new) == []
    assert said(CARE, new) == []
    assert [one[1] for one in said(CARE, replace(CARE, position=2))] == ["item"]
    assert only(CARE, replace(new, scope="large"))[0] == "entrants"
    # What is charged today is in the table, or said to stop.
    assert "不在表里" in said(MEALS)[0][3]
    stop = replace(NOW, valid_from=FIRST, stops=True)
    assert said(stop) == []
    assert only(replace(stop, amount=D(1)))[0] == "stops"
    assert said(replace(NOW, valid_from=None))[0][3].startswith("和现在执行的标准没有不同")


@pytest.mark.parametrize(
    ("line", "kind", "rise"),
    [
        (CARE, "changed", True),
        (replace(CARE, amount=D(550)), "changed", False),
        (replace(CARE, unit="term"), "changed", True),
        (replace(CARE, valid_from=None), "kept", False),
        (replace(CARE, stops=True), "stopped", False),
        # A grade's own line is held to that of all.
        (replace(CARE, scope="large", amount=D(0)), "added", False),
        (replace(CARE, scope="large", hours="full_day"), "added", True),
        (replace(CARE, item="boarding_fee"), "added", True),
        (replace(MEALS, amount=D(99)), "added", False),
    ],
)
def test_differences_and_what_rises(line: Line, kind: str, rise: bool) -> None:
    assert (difference(line, [NOW]), rises(line, [NOW])) == (kind, rise)


@pytest.mark.parametrize(
    ("private", "sheet", "asked"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_private_one_that_rises_needs_its_costs(private, sheet, asked):
    found = said(CARE, private=private, has_cost_sheet=sheet)
    assert [one[1] for one in found] == (["cost"] if asked else [])


def test_cost_of_a_child_a_month_is_net_and_exact():
    costs = [D("1200000.50"), D(80000), D(0)]
    found = cost_per_child_month(costs, less=[D(200000), D("0.50")], children=90, months=10)
    assert found == D(1080000) / 900 == D(1200)


@pytest.mark.parametrize(
    ("day", "first", "field"),
    [
        (TODAY, FIRST, None),
        (TODAY, TODAY, None),
        (TODAY + dt.timedelta(days=1), FIRST, "published_on"),
        (dt.date(2026, 11, 2), FIRST, "published_on"),
        (TODAY, dt.date(2026, 11, 4), "published_on"),
        (dt.date(2026, 11, 3), None, None),
    ],
)
def test_published_after_the_review_and_before_anything_is_charged(day, first, field):
    found = publication_problem(day, reviewed_on=dt.date(2026, 11, 3), today=TODAY, first_day=first)
    assert (found and found[0]) == field


@pytest.mark.parametrize(
    ("day", "valid_from", "published_on", "known"),
    [
        # The law is in force from 2025-06-01.
        ("2025-05-31", "2025-03-01", None, None),
        ("2025-05-31", "2025-03-01", "2025-09-01", False),
        ("2025-06-01", "2025-06-01", None, False),
        ("2026-10-31", "2026-09-01", "2026-10-31", True),
        ("2026-10-31", "2026-09-01", "2026-11-01", False),
        # An older paper: whether it was published nobody wrote down; a day that was is held to.
        ("2026-10-31", "2025-05-31", None, None),
        ("2026-10-31", "2020-09-01", "2026-11-01", False),
        ("2026-10-31", "2025-06-01", None, False),
    ],
)
def test_published_by_the_day(day, valid_from, published_on, known):
    day_of = dt.date.fromisoformat
    found = published_by(
        day_of(day), valid_from=day_of(valid_from),
        published_on=None if published_on is None else day_of(published_on),
    )  # fmt: skip
    assert found is known


@pytest.mark.parametrize(("published", "breach"), [(False, True), (True, False), (None, False)])
def test_what_was_not_published_may_not_be_charged(published, breach):
    found = excess(Charged("service_fee", "month", D(50), 4, D(50), True, published=published))
    if not breach:
        assert found is None
        return
    assert found is not None
    assert (found.breaches, found.allowed, found.refund) == ((Breach.UNPUBLISHED,), 0, 200)


def test_what_has_ended_never_opens_again():
    assert {state for state in STATES if STEPS[state]} == set(OPEN)
