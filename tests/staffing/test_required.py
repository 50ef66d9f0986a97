"""Required, present and short by post (V4–V7): tables of one kindergarten, then of many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from staffing.standards.rules import (
    ASKED,
    HeadCount,
    Lack,
    Meals,
    Need,
    Post,
    Standing,
    fully_staffed,
    more_than_asked,
    needs,
)
from staffing.standards.sums import StaffSums, teachers_of_county
from staffing.standards.terms import Demand, HealthRule, Terms, step

FULL_DAY = {
    Demand.STAFF: Terms(least=5, most=7),
    Demand.CARE_TEACHING: Terms(least=7, most=9),
    Demand.CLASS: Terms(
        teachers=2, carers=1, teachers_alone=3, single_teachers=2,
        boarding_teachers=1, boarding_carers=1,
    ),
    Demand.HEALTH: Terms(most=150),
    Demand.PRINCIPAL: Terms(steps=((1, 1), (6, 2), (10, 3))),
    Demand.COOK: Terms(least=40, most=45),
    Demand.GUARD: Terms(steps=((0, 1), (100, 2), (1000, 3)), step_beyond=500),
}  # fmt: skip
HALF_DAY = FULL_DAY | {
    Demand.STAFF: Terms(least=8, most=10),
    Demand.CARE_TEACHING: Terms(least=11, most=13),
    Demand.CLASS: Terms(teachers=2, boarding_teachers=1, boarding_carers=1),
}
# 105 children in 4 classes with what 7, 9 and 2 + 1 ask for, to the person.
ENOUGH = HeadCount(
    children=105, classes=4, staff=15, principals=1, teachers=8, carers=4, health=1,
    everybody=120, boarding_classes=0, meals=Meals.FULL,
)  # fmt: skip


def of(post, counted, standard=FULL_DAY):
    return next(need for need in needs(standard, counted) if need.post is post)


@pytest.mark.parametrize(
    ("children", "staff", "required", "short"),
    [(105, 15, 15, 0), (106, 15, 16, 1), (105, 40, 15, 0), (1, 0, 1, 1), (360, 0, 52, 52)],
)
def test_v4_staff(children, staff, required, short):
    line = of(Post.STAFF, replace(ENOUGH, children=children, staff=staff))
    assert (line.required, line.present, line.short) == (required, staff, short)


@pytest.mark.parametrize(
    ("teachers", "carers", "short"), [(8, 4, 0), (12, 0, 0), (8, 3, 1), (0, 0, 12)]
)
def test_care_teaching_staff_are_teachers_and_carers(teachers, carers, short):
    line = of(Post.CARE_TEACHING, replace(ENOUGH, teachers=teachers, carers=carers))
    assert (line.required, line.present, line.short) == (12, teachers + carers, short)


@pytest.mark.parametrize(
    ("children", "teachers", "expected"),
    [(300, 20, (20, 0)), (301, 20, (21, 1)), (0, 20, (None, None)), (300, None, (20, None)),
     (None, 20, (None, None)), (34_737, 2_249, (2_316, 67))],
)  # fmt: skip
def test_v5_teachers_of_a_county(children, teachers, expected):
    assert teachers_of_county(Terms(most=15), children, teachers) == expected


@pytest.mark.parametrize(
    ("children", "at_most", "per_full"),
    [(149, 1, 1), (150, 1, 1), (151, 2, 1), (300, 2, 2), (301, 3, 2)],
)
def test_v6_health_staff_by_the_setting_of_the_place(children, at_most, per_full):
    counted = replace(ENOUGH, children=children, health=0)
    other = FULL_DAY | {Demand.HEALTH: Terms(most=150, health_rule=HealthRule.PER_FULL)}
    assert of(Post.HEALTH, counted).required == at_most
    assert of(Post.HEALTH, counted, other).required == per_full


@pytest.mark.parametrize(
    ("teachers", "carers", "short_teachers", "short_carers", "filled"),
    [
        (8, 4, 0, 0, 0),  # 2 teachers and 1 carer in each of 4
        (12, 0, 0, 0, 4),  # 3 teachers in each
        (10, 2, 0, 0, 2),  # half of them each way
        (9, 2, 0, 1, 1),
        (7, 9, 1, 0, 0),  # carers never stand in for teachers
        (20, 0, 0, 0, 4),
        (0, 0, 8, 4, 0),
    ],
)
def test_two_teachers_and_a_carer_or_three_teachers(
    teachers, carers, short_teachers, short_carers, filled
):
    counted = replace(ENOUGH, teachers=teachers, carers=carers)
    teacher, carer = of(Post.TEACHER, counted), of(Post.CARER, counted)
    assert (teacher.required, teacher.short) == (8, short_teachers)
    assert (carer.required, carer.short, carer.filled) == (4, short_carers, filled)


def test_a_half_day_class_asks_for_no_carer():
    lines = needs(HALF_DAY, replace(ENOUGH, children=130, carers=0))
    posts = {line.post: line for line in lines}
    assert (posts[Post.STAFF].required, posts[Post.CARE_TEACHING].required) == (13, 10)
    assert posts[Post.TEACHER].required == 8
    assert Post.CARER not in posts


def test_a_single_class_asks_for_two_teachers():
    lines = needs(FULL_DAY, replace(ENOUGH, children=18, classes=1, teachers=2, carers=0, staff=3))
    assert {line.post for line in lines} >= {Post.TEACHER}
    assert Post.CARER not in {line.post for line in lines}
    assert fully_staffed(lines) is True


def test_no_teacher_stands_in_where_a_single_class_asks_for_as_many_as_alone():
    single = replace(FULL_DAY[Demand.CLASS], single_teachers=3, single_carers=1)
    counted = replace(ENOUGH, children=18, classes=1, teachers=4, carers=0)
    line = of(Post.CARER, counted, FULL_DAY | {Demand.CLASS: single})
    assert (line.required, line.filled, line.short) == (1, 0, 1)


@pytest.mark.parametrize(("classes", "most"), [(1, 1), (5, 1), (6, 2), (9, 2), (10, 3), (24, 3)])
def test_one_director_is_required_and_more_are_allowed(classes, most):
    line = of(Post.PRINCIPAL, replace(ENOUGH, classes=classes))
    assert (line.required, line.most, line.short) == (1, most, 0)
    assert of(Post.PRINCIPAL, replace(ENOUGH, principals=0)).short == 1


@pytest.mark.parametrize(
    ("children", "meals", "required"),
    [(105, Meals.FULL, 3), (135, Meals.FULL, 3), (136, Meals.FULL, 4), (45, Meals.FULL, 1),
     (39, Meals.FULL, 1), (39, Meals.FEWER, 1)],
)  # fmt: skip
def test_cooks_by_children_and_meals(children, meals, required):
    counted = replace(ENOUGH, children=children, meals=meals, cooks=1)
    assert of(Post.COOK, counted).required == required


@pytest.mark.parametrize(
    ("people", "guards"),
    [(99, 1), (100, 2), (999, 2), (1000, 3), (1499, 3), (1500, 4), (2000, 5)],
)
def test_guards_by_head_count(people, guards):
    assert step(FULL_DAY[Demand.GUARD], people) == guards
    assert of(Post.GUARD, replace(ENOUGH, everybody=people)).required == guards


@pytest.mark.parametrize(
    ("post", "changed", "lacks"),
    [
        (Post.COOK, {}, {Lack.PEOPLE}),
        (Post.COOK, {"meals": None}, {Lack.MEALS, Lack.PEOPLE}),
        (Post.COOK, {"meals": Meals.FEWER}, {Lack.FEWER_MEALS, Lack.PEOPLE}),
        (Post.GUARD, {}, {Lack.PEOPLE}),
        (Post.GUARD, {"boarding_classes": None}, {Lack.BOARDING, Lack.PEOPLE}),
        (Post.GUARD, {"everybody": None}, {Lack.EVERYBODY, Lack.PEOPLE}),
        (Post.BOARDING, {"boarding_classes": None}, {Lack.BOARDING, Lack.PEOPLE}),
        (Post.BOARDING, {"boarding_classes": 2}, {Lack.PEOPLE}),
        (Post.STAFF, {"staff": None}, {Lack.PEOPLE}),
        (Post.STAFF, {"children": 0}, {Lack.CHILDREN}),
        (Post.STAFF, {"children": None}, {Lack.CHILDREN}),
        (Post.TEACHER, {"classes": None}, {Lack.CLASSES}),
        (Post.CARER, {"teachers": None}, {Lack.PEOPLE}),
        (Post.HEALTH, {"health": None}, {Lack.PEOPLE}),
    ],
)
def test_what_is_not_known_is_never_met_and_never_zero(post, changed, lacks):
    line = of(post, replace(ENOUGH, **changed))
    assert line.standing is Standing.UNAVAILABLE
    assert line.short is None
    assert set(line.lacks) == lacks


def test_boarding_asks_for_more_and_its_absence_for_nothing():
    assert of(Post.BOARDING, replace(ENOUGH, boarding_classes=2)).required == 4
    assert Post.BOARDING not in {need.post for need in needs(FULL_DAY, ENOUGH)}


def test_without_a_standard_nothing_is_judged():
    lines = needs({}, ENOUGH)
    assert {line.standing for line in lines} == {Standing.UNAVAILABLE}
    assert all(Lack.STANDARD in line.lacks for line in lines)
    assert fully_staffed(lines) is None


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, True),  # cooks and guards, whom nobody counts, do not stand in the way
        ({"staff": 14}, False),
        ({"teachers": 7, "carers": 5}, False),
        ({"health": 0}, False),
        ({"principals": 0}, False),
        ({"children": 0}, None),
        ({"staff": None}, None),
        ({"staff": None, "health": 0}, False),
        ({"children": 105, "staff": 0, "teachers": 0, "carers": 0}, False),
    ],
)
def test_fully_staffed(changed, verdict):
    assert fully_staffed(needs(FULL_DAY, replace(ENOUGH, **changed))) is verdict


def test_a_surplus_in_one_kindergarten_fills_no_gap_in_another():
    first, second, whole = StaffSums(), StaffSums(), StaffSums()
    five, four = (HeadCount(70, 3, 10, 1, teachers, 2, 1) for teachers in (5, 4))
    first.add_return([Need(Post.STAFF, 10, 14), Need(Post.HEALTH, 2, 0)], five)
    first.add_return([Need(Post.STAFF, 10, 7)], four)
    second.add_return(
        [Need(Post.STAFF, None, 3, lacks=(Lack.CHILDREN,))],
        HeadCount(35, 3, None, None, None, None, None),
    )
    for part in (first, second):
        whole.add_sums(part)
    total, health = whole.posts[Post.STAFF], whole.posts[Post.HEALTH]
    assert (total.required, total.present, total.short) == (20, 21, 3)
    assert (total.met, total.lacking, total.unknown, total.lacks) == (1, 1, 1, {Lack.CHILDREN})
    assert (health.short, health.lacking, health.kindergartens) == (2, 1, 1)
    assert (whole.kindergartens, whole.judged, whole.fully) == (3, 2, 0)
    assert (whole.children, whole.teachers) == (140, 9)
    nobody_knows = second.posts[Post.STAFF]
    assert (nobody_knows.required, nobody_knows.short) == (None, None)


@pytest.mark.parametrize(
    ("least", "children", "people", "more"),
    [(5, 74, 15, True), (5, 75, 15, False), (None, 1, 15, False), (5, 74, None, False)],
)
def test_more_people_than_the_range_begins_with_is_worth_saying(least, children, people, more):
    assert more_than_asked(Terms(least=least, most=7), children, people) is more


@given(
    children=st.integers(1, 2000), classes=st.integers(1, 60), teachers=st.integers(0, 200),
    carers=st.integers(0, 100), more=st.integers(0, 50),
)  # fmt: skip
def test_more_people_never_lack_more(children, classes, teachers, carers, more):
    def lacking(teachers, carers):
        counted = HeadCount(children, classes, teachers + carers, 1, teachers, carers, 1)
        return sum(n.short or 0 for n in needs(FULL_DAY, counted) if n.post in ASKED)

    assert lacking(teachers + more, carers) <= lacking(teachers, carers)
    assert lacking(teachers, carers + more) <= lacking(teachers, carers)
