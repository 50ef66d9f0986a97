"""Checks of a return on what was typed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.filings.checks import (
    MORE,
    POST_LABELS,
    LastClass,
    compares_with_last,
    read_count,
    review,
)
from safety.rules import safety_items

LIMITS = {"small": 25, "middle": 30, "large": 35, "mixed": 30}


def a_class(
    name: str = "小一班",
    grade: str = "small",
    boys: Any = "12",
    girls: Any = "11",
    ages: tuple[Any, ...] = ("23", "0", "0", "0"),
    **more: str,
) -> dict[str, Any]:
    """One class as typed. `more` are flows, attendance and parts, and reasons by their code."""
    cells = {name: typed for name, typed in more.items() if name in MORE}
    return {
        "name": name,
        "grade": grade,
        "boys": boys,
        "girls": girls,
        "explanations": {name: text for name, text in more.items() if name not in MORE},
        **dict(zip(("age3", "age4", "age5", "age6"), ages, strict=True)),
        **dict.fromkeys(MORE, "0"),
        **cells,
    }


SAFE = {item: {"answer": "yes"} for item in safety_items()}


def a_draft(*classes: dict[str, Any], **staff: dict[str, str]) -> dict[str, Any]:
    post = {"people": "2", "certified": "2", "joined": "0", "left": "0"}
    people = dict.fromkeys(POST_LABELS, post) | {one: post | row for one, row in staff.items()}
    # Nobody attends on no day: what is not about attendance is not asked about it.
    return {
        "classes": list(classes) or [a_class()],
        "staff": people,
        "safety": SAFE,
        "incidents": {"month": {"none": "1"}},
        "days_open": "0",
        "remarks": "",
    }


def last_class(boys: int = 12, girls: int = 11) -> LastClass:
    counts = {"boys": boys, "girls": girls, "age3": boys + girls, "age4": 0, "age5": 0, "age6": 0}
    return LastClass("small", counts)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("１２", 12),
        ("0", 0),
        ("007", 7),
        ("２00", 200),
        ("150人", 150),
        ("１５０ 名", 150),
        ("22天", 22),
        ("20人次", 20),
    ],
)
def test_a_number_is_understood_however_it_is_written(typed: str, value: int) -> None:
    assert read_count(typed, "男", 200).value == value


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "没有填"),
        ("   ", "没有填"),
        (None, "没有填"),
        ("-1", "不能是负数"),
        ("－１", "不能是负数"),
        ("八", "要填整数"),
        ("12.5", "要填整数"),
        ("1e3", "要填整数"),
        ("①", "要填整数"),
        ("²", "要填整数"),
        ("1,2", "要填整数"),
        ("1 2", "要填整数"),
        ("1,200", "超过200"),
        ("abc", "要填整数"),
        ("人", "要填整数"),
        ("１２个班", "要填整数"),
        ("300人", "超过200"),
        ("١٢", "要填整数"),
        ("201", "超过200"),
        ("1000000000", "超过200"),
        ("9" * 400, "超过200"),
    ],
)
def test_a_wrong_number_is_named_and_kept_as_typed(typed: Any, says: str) -> None:
    cell = read_count(typed, "男", 200)
    assert cell.value is None
    assert says in cell.error
    assert cell.error.startswith("男")
    assert cell.raw == str(typed or "").strip()


def test_a_right_return_may_be_submitted() -> None:
    checked = review(a_draft(), {}, LIMITS, compare_with_last=True)
    assert checked.problems == []
    assert checked.enrolled_children == 23


def test_ages_must_add_up_to_the_sexes() -> None:
    checked = review(
        a_draft(a_class("中二班", "middle", "15", "13", ("0", "27", "0", "0"))),
        {},
        LIMITS,
        compare_with_last=True,
    )
    assert checked.problems == [
        ("class-0-boys", "中二班男女合计28人，各年龄合计27人，相差1人。请核对男、女和4岁的人数。")
    ]


def test_the_nursery_class_has_no_ages_and_is_not_enrolled() -> None:
    nursery = a_class("托一班", "nursery", "9", "8", ("", "", "", ""))
    checked = review(a_draft(a_class(), nursery), {}, LIMITS, compare_with_last=True)
    assert checked.may_be_submitted
    assert checked.enrolled_children == 23


def test_a_large_change_needs_a_reason() -> None:
    draft = a_draft(a_class(boys="9", girls="8", ages=("17", "0", "0", "0")))
    last = {"小一班": last_class()}
    checked = review(draft, last, LIMITS, compare_with_last=True)
    says = "小一班比上月少6人（23人变为17人）。请写明原因。"
    assert checked.problems == [("class-0-explain-class_change", says)]
    draft["classes"][0]["explanations"] = {"class_change": "随父母返回原籍"}
    assert review(draft, last, LIMITS, compare_with_last=True).may_be_submitted


def test_every_unusual_figure_asks_for_its_own_reason() -> None:
    draft = a_draft(a_class(boys="20", girls="15", ages=("35", "0", "0", "0"), class_size="留级"))
    checked = review(draft, {"小一班": last_class()}, LIMITS, compare_with_last=True)
    assert [one.key for one in checked.classes[0].warnings] == [
        "class_size@小一班",
        "class_change@小一班",
    ]
    assert [text for _, text in checked.problems] == [
        "小一班比上月多12人（23人变为35人）。请写明原因。"
    ]
    assert [(one.key, text) for one, text in checked.explained] == [("class_size@小一班", "留级")]


def test_a_reason_for_what_was_mended_since_is_kept_but_not_sent() -> None:
    draft = a_draft(a_class(class_size="留级")) | {"explanations": {"total_change@": "并园"}}
    checked = review(draft, {}, LIMITS, compare_with_last=True)
    assert checked.may_be_submitted
    assert checked.explained == []


def test_a_change_of_five_passes_and_september_compares_nothing() -> None:
    five = a_draft(a_class(boys="9", girls="9", ages=("18", "0", "0", "0")))
    assert review(five, {"小一班": last_class()}, LIMITS, compare_with_last=True).may_be_submitted
    many = a_draft(a_class(boys="1", girls="1", ages=("2", "0", "0", "0")))
    assert review(many, {"小一班": last_class()}, LIMITS, compare_with_last=False).may_be_submitted


@pytest.mark.parametrize(
    ("month", "last", "compares"),
    [
        ((2026, 10), (2026, 9), True),
        ((2026, 9), (2026, 8), False),
        ((2026, 10), (2026, 7), False),
        ((2027, 1), (2026, 12), True),
    ],
)
def test_classes_compare_within_one_school_year(
    month: tuple[int, int], last: tuple[int, int], compares: bool
) -> None:
    assert compares_with_last(dt.date(*month, 1), dt.date(*last, 1)) is compares


def test_what_is_too_long_is_said_not_cut() -> None:
    long = a_class(
        name="班" * 31, boys="26", girls="0", ages=("26", "0", "0", "0"), class_size="因" * 301
    )
    draft = a_draft(long) | {"remarks": "其" * 501}
    said = "".join(text for _, text in review(draft, {}, LIMITS, compare_with_last=True).problems)
    assert "31个字" in said
    assert "301字" in said
    assert "501字" in said


def test_more_than_sixty_classes_are_refused() -> None:
    draft = a_draft(*[a_class(name=f"{number}班") for number in range(61)])
    assert review(draft, {}, LIMITS, compare_with_last=True).problems == [
        ("classes", "一所园最多填60个班，现有61个。请核对。")
    ]


def test_a_class_over_its_limit_may_stand_with_a_reason() -> None:
    checked = review(
        a_draft(a_class(boys="13", girls="13", ages=("26", "0", "0", "0"), class_size="插班")),
        {},
        LIMITS,
        compare_with_last=True,
    )
    [warning] = checked.classes[0].warnings
    assert warning.sentence == "小一班26人，小班班额不超过25人，多1人。"
    assert warning.key == "class_size@小一班"
    assert warning.figures == {"children": 26, "limit": 25, "over": 1}
    assert checked.may_be_submitted


def test_two_classes_of_one_name_are_refused() -> None:
    checked = review(a_draft(a_class(), a_class()), {}, LIMITS, compare_with_last=True)
    assert checked.problems == [("classes", "有2个班都叫“小一班”。请改成不同的班名。")]


def test_no_class_no_name_and_no_grade_are_refused() -> None:
    empty = review(a_draft() | {"classes": []}, {}, LIMITS, compare_with_last=True)
    assert [anchor for anchor, _ in empty.problems] == ["classes"]
    nameless = review(a_draft(a_class(name="", grade="x")), {}, LIMITS, compare_with_last=True)
    assert len(nameless.problems) == 2


def test_certified_people_cannot_exceed_people() -> None:
    checked = review(
        a_draft(full_time_teacher={"people": "8", "certified": "9"}),
        {},
        LIMITS,
        compare_with_last=True,
    )
    assert checked.problems == [
        ("staff-full_time_teacher-certified", "专任教师持证9人，多于专任教师8人。请核对。")
    ]


def test_a_missing_cell_makes_the_total_unknown_not_zero() -> None:
    checked = review(a_draft(a_class(boys="")), {}, LIMITS, compare_with_last=True)
    assert checked.enrolled_children is None
    assert checked.total("girls") == 11


@given(
    st.dictionaries(
        st.sampled_from(["classes", "staff", "remarks"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=8), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_no_draft_however_odd_breaks_the_checks(draft: dict[str, Any]) -> None:
    if not isinstance(draft.get("classes", []), list):
        draft["classes"] = []
    checked = review(draft, {}, LIMITS, compare_with_last=True)
    assert not checked.may_be_submitted


@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=8))
def test_totals_are_the_sums_of_what_was_typed(counts: list[tuple[int, int, int, int]]) -> None:
    classes = [
        a_class(f"班{i}", "mixed", str(sum(ages)), "0", tuple(str(a) for a in ages))
        for i, ages in enumerate(counts)
    ]
    checked = review(a_draft(*classes), {}, LIMITS, compare_with_last=True)
    assert checked.enrolled_children == sum(map(sum, counts))
    assert checked.total("age5") == sum(ages[2] for ages in counts)


def test_a_class_that_vanished_and_a_large_total_change_are_each_explained() -> None:
    last = {"小一班": last_class(), "小二班": last_class()}
    draft = a_draft(a_class())
    problems = review(draft, last, LIMITS, compare_with_last=True).problems
    assert [text for _, text in problems] == [
        "上月的小二班（23人）本月没有了。请写明原因。",
        "在园合计比上月少23人（46人变为23人）。请写明原因。",
    ]
    keys = ["class_vanished@小二班", "total_change@"]
    assert [anchor for anchor, _ in problems] == [f"explain-{key}" for key in keys]
    draft["explanations"] = dict.fromkeys(keys, "小二班并入小一班")
    checked = review(draft, last, LIMITS, compare_with_last=True)
    assert checked.may_be_submitted
    assert len(checked.warnings) == 2


def test_a_total_that_a_class_explains_is_not_asked_twice() -> None:
    last = {"小一班": last_class(20, 20)}
    draft = a_draft(a_class(class_change="毕业离园"))
    assert review(draft, last, LIMITS, compare_with_last=True).may_be_submitted
