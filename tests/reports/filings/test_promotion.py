"""Classes moving up at the start of a school year: the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.filings.promotion import OneClass, ages_later, next_name, promote


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
def test_no_child_is_lost_or_doubled_and_no_name_taken_twice(
    classes: list[OneClass], years: int
) -> None:
    found = promote(classes, since=2025, to=2025 + years)
    went_on = [one.was for one in found.moved]
    assert sorted([*went_on, *found.graduated], key=str) == sorted(classes, key=str)
    assert sum(one.children for one in went_on) + found.graduates == sum(
        one.children for one in classes
    )
    names = [one.name for one in found.moved]
    assert len(set(names)) == len(names)


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.integers(0, 3))
def test_growing_older_keeps_every_child(ages: list[int], years: int) -> None:
    assert sum(ages_later(ages, years)) == sum(ages)
