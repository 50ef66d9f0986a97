"""Classes moving up at the start of a school year: the rules."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindergartens.models import ClassCount, FilingVersion, MonthlyFiling
from reports.filings.checks import AGES, FLOWS, PARTS, SEXES
from reports.filings.promotion import OneClass, ages_later, next_name, promote
from reports.filings.submitted import Submitted, in_school_year_of, prefilled


@pytest.mark.parametrize(
    ("name", "grade", "later"),
    [
        ("小一班", "small", "中一班"),
        ("小班", "small", "中班"),
        ("小班（2）班", "small", "中班（2）班"),
        ("小（1）班", "small", "中（1）班"),
        ("小3", "small", "中3"),
        ("小A班", "small", "中A班"),
        ("中十二班", "middle", "大十二班"),
        ("托二班", "nursery", "小二班"),
        ("向日葵小一班", "small", "向日葵中一班"),
        ("小一班（向日葵）", "small", "中一班（向日葵）"),
        ("2025学年小一班", "small", "2026学年中一班"),
        ("2025-2026学年中班", "middle", "2026-2027学年大班"),
        # A school year of another class, and cohorts, are no lie a year later.
        ("2024学年小一班", "small", "2024学年中一班"),
        ("2025级1班", "small", "2025级1班"),
        # What does not say its grade stays.
        ("小太阳班", "small", "小太阳班"),
        ("小小班", "nursery", "小小班"),
        ("蓝天班", "middle", "蓝天班"),
        ("中华班", "middle", "中华班"),
        # Another grade's sign, or two of them: left to the director.
        ("大一班", "small", "大一班"),
        ("小一中二班", "small", "小一中二班"),
        ("小一班", "mixed", "小一班"),
        ("2025学年混龄班", "mixed", "2026学年混龄班"),
    ],
)
def test_names_that_say_their_grade_or_year_move(name: str, grade: str, later: str) -> None:
    assert next_name(name, grade, 2025) == later


def test_classes_move_up_and_the_oldest_leave() -> None:
    found = promote(
        [
            OneClass("托班", "nursery", 12),
            OneClass("小一班", "small", 24),
            OneClass("中一班", "middle", 28),
            OneClass("大一班", "large", 33),
            OneClass("混合班", "mixed", 20),
        ],
        since=2025,
        to=2026,
    )
    assert [(one.name, one.grade, one.was.children) for one in found.moved] == [
        ("小班", "small", 12),
        ("中一班", "middle", 24),
        ("大一班", "large", 28),
        ("混合班", "mixed", 20),
    ]
    assert [one.name for one in found.graduated] == ["大一班"]
    assert (found.graduates, found.enrolled_before) == (33, 105)


def test_two_school_years_move_up_twice() -> None:
    classes = [OneClass("小一班", "small", 24), OneClass("中一班", "middle", 28)]
    found = promote(classes, since=2024, to=2026)
    assert [(one.name, one.grade) for one in found.moved] == [("大一班", "large")]
    assert [one.name for one in found.graduated] == ["中一班"]


def test_a_class_that_would_take_a_name_keeps_its_own() -> None:
    classes = [
        OneClass("小一班", "small", 24),
        OneClass("中一班", "mixed", 20),
        OneClass("托一班", "nursery", 10),
    ]
    found = promote(classes, since=2025, to=2026)
    assert [one.name for one in found.moved] == ["小一班", "中一班", "托一班"]


def test_everybody_is_a_year_older() -> None:
    assert ages_later((20, 4, 1, 0), 1) == (0, 20, 4, 1)
    assert ages_later((0, 3, 20, 2), 1) == (0, 0, 3, 22)
    assert ages_later((20, 4, 1, 0), 2) == (0, 0, 20, 5)


NAMES = st.one_of(
    st.builds("{}{}班".format, st.sampled_from("托小中大"), st.sampled_from("一二三")),
    st.sampled_from(["小班", "中班", "蓝天班", "2025学年小班", "2026学年中班", "2023级1班"]),
)
CLASSES = st.lists(
    st.builds(
        OneClass,
        NAMES,
        st.sampled_from(["nursery", "small", "middle", "large", "mixed"]),
        st.integers(0, 60),
    ),
    unique_by=lambda one: one.name,
)


@given(CLASSES, st.integers(1, 4))
def test_names_stay_unique(classes: list[OneClass], years: int) -> None:
    names = [one.name for one in promote(classes, since=2025, to=2025 + years).moved]
    assert len(set(names)) == len(names)


@st.composite
def a_count(draw: st.DrawFn, name: str) -> ClassCount:
    """One class as a submitted version has it: sexes add up to ages, parts lie within children."""
    grade = draw(st.sampled_from(["nursery", "small", "middle", "large", "mixed"]))
    ages = draw(st.tuples(*[st.integers(0, 20)] * 4))
    children = sum(ages)
    boys = draw(st.integers(0, children))
    parts = {column: draw(st.integers(0, children)) for column in PARTS}
    return ClassCount(
        name=name, grade=grade, boys=boys, girls=children - boys,
        **dict(zip(AGES, (0, 0, 0, 0) if grade == "nursery" else ages, strict=True)),
        **parts, **dict.fromkeys(FLOWS, 3), attended=100,
    )  # fmt: skip


COUNTS = st.lists(NAMES, unique=True, max_size=8).flatmap(
    lambda names: st.tuples(*[a_count(name) for name in names])
)
AUGUST, SEPTEMBER = dt.date(2026, 8, 1), dt.date(2026, 9, 1)


def reported(rows: tuple[ClassCount, ...]) -> Submitted:
    """An accepted return of August, never saved."""
    filing = MonthlyFiling(month=AUGUST, accepted_version=1)
    return Submitted(FilingVersion(filing=filing), {row.name: row for row in rows}, {})


def going_on(rows: tuple[ClassCount, ...]) -> list[ClassCount]:
    return [row for row in rows if row.grade != "large"]


@given(COUNTS)
def test_every_boy_and_girl_goes_on_but_for_the_graduated(rows: tuple[ClassCount, ...]) -> None:
    last = reported(rows)
    now = in_school_year_of(SEPTEMBER, last)
    assert now.promotion is not None
    for sex in ("boys", "girls"):
        before = sum(getattr(row, sex) for row in going_on(rows))
        assert sum(getattr(row, sex) for row in now.classes.values()) == before
    assert now.promotion.graduates == sum(row.children for row in rows if row.grade == "large")
    assert now.enrolled_children == last.enrolled_children
    steps = {"nursery": "small", "small": "middle", "middle": "large", "mixed": "mixed"}
    assert Counter(row.grade for row in now.classes.values()) == Counter(
        steps[row.grade] for row in going_on(rows)
    )


@given(COUNTS)
def test_who_was_asked_for_ages_is_a_year_older_and_in_the_same_parts(
    rows: tuple[ClassCount, ...],
) -> None:
    later = list(in_school_year_of(SEPTEMBER, reported(rows)).classes.values())
    with_ages = [row for row in going_on(rows) if row.grade != "nursery"]
    # A 托班 becomes a 小班, and nothing else does.
    older = [row for row in later if row.grade != "small"]
    assert all(getattr(row, age) is None for row in later if row.grade == "small" for age in AGES)
    for age, ages_before in {
        "age3": (), "age4": ("age3",), "age5": ("age4",), "age6": ("age5", "age6"),
    }.items():  # fmt: skip
        was = sum(getattr(row, before) for row in with_ages for before in ages_before)
        assert sum(getattr(row, age) for row in older) == was
    for row in older:
        assert sum(getattr(row, age) for age in AGES) == row.boys + row.girls
    for part in ("disabled", "left_behind", "migrant"):
        assert sum(getattr(row, part) for row in later) == sum(
            getattr(row, part) for row in going_on(rows)
        )
    # Of a term or a month that is over.
    assert {getattr(row, gone) for row in later for gone in ("aided", "attended", *FLOWS)} <= {None}


@given(COUNTS)
def test_september_is_typed_with_whom_it_knows_and_nobody_else(
    rows: tuple[ClassCount, ...],
) -> None:
    draft = prefilled(in_school_year_of(SEPTEMBER, reported(rows)), SEPTEMBER)["classes"]
    mixed = [row for row in draft if row["grade"] == "mixed"]
    typed = [row for row in draft if row["grade"] != "mixed"]
    # Some of a mixed class have gone to school: who, nobody but the kindergarten knows.
    assert {row[column] for row in mixed for column in (*SEXES, *AGES, *PARTS)} <= {""}
    for column in (*SEXES, "disabled", "left_behind", "migrant"):
        assert sum(int(row[column]) for row in typed) == sum(
            getattr(row, column) for row in going_on(rows) if row.grade != "mixed"
        )
    for row in typed:
        ages = [row[age] for age in AGES]
        assert ages == [""] * 4 or sum(map(int, ages)) == int(row["boys"]) + int(row["girls"])
    assert {row["aided"] for row in draft} <= {""}
    assert {row["was"] for row in draft} == {row["name"] for row in draft}
    assert len(draft) == len(going_on(rows))
