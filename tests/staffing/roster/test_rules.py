"""Numbers, ages, certificates and a director's qualifications, by table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from staffing.roster import rules
from staffing.roster.identity import holder, normal_number, number_problem
from tests.staffing.roster.making import a_number, paper_facts, person_facts, post_facts

DAY = dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("kind", "typed", "problem"),
    [
        # The vector of GB 11643.
        ("resident_id", "11010519491231002X", ""),
        ("resident_id", "110105 19491231 002x", ""),
        ("resident_id", "１１０１０５１９４９１２３１００２Ｘ", ""),
        ("resident_id", "110105194912310021", "校验位不对"),
        ("resident_id", "110105491231002", "18位"),
        ("resident_id", "110105194913310021", "没有这一天"),
        ("residence_permit", "110105194912310021", "810000"),
        ("hk_macao_permit", "H12345678", ""),
        ("hk_macao_permit", "12345678", "以H或M开头"),
        ("taiwan_permit", "12345678", ""),
        ("passport", "E1234567", ""),
        ("passport", "E12", "5到15位"),
        ("permanent_residence", "ABC123456789012", ""),
    ],
)
def test_numbers_are_read_and_checked(kind: str, typed: str, problem: str) -> None:
    found = number_problem(kind, normal_number(typed))
    assert problem in found
    assert bool(found) == bool(problem)


def test_a_number_says_birth_and_sex_and_no_trace_shows_it() -> None:
    said = holder("resident_id", "11010519491231002X")
    assert said is not None
    assert (said.birth_date, said.sex) == (dt.date(1949, 12, 31), "female")
    assert holder("passport", "E1234567") is None
    assert a_number(1) not in repr(person_facts())


def places(problems: Any) -> set[str]:
    return {place for place, _ in problems}


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({}, set()),
        ({"sex": "male"}, {"sex"}),
        ({"birth_date": dt.date(1991, 5, 17)}, {"birth_date"}),
        ({"number": "1"}, {"number"}),
        ({"name": "示例教师2"}, {"name"}),
        ({"name": "示例教师２"}, {"name"}),
        ({"number": a_number(1, dt.date(2027, 1, 1))}, {"number"}),
        ({"identifier_type": "passport", "number": "E1234567"}, {"sex", "birth_date"}),
    ],
)
def test_people_are_checked(facts: dict[str, Any], wrong: set[str]) -> None:
    assert places(rules.person_problems(person_facts(**facts), DAY)) == wrong


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({}, set()),
        ({"post": "service_staff", "duty": "cook"}, set()),
        ({"post": "administrative", "duty": "cook"}, {"duty"}),
        ({"duty": "cook"}, {"duty"}),
        ({"post": "principal", "class_led": "小一班"}, {"class_led"}),
        ({"ended_on": dt.date(2024, 9, 1), "end_reason": "resigned"}, {"ended_on"}),
        ({"ended_on": dt.date(2024, 9, 2)}, {"end_reason"}),
        ({"end_reason": "resigned"}, {"ended_on"}),
        ({"started_on": dt.date(2062, 9, 1)}, {"started_on"}),
        ({"ended_on": dt.date(2062, 9, 1), "end_reason": "resigned"}, {"ended_on"}),
    ],
)
def test_posts_are_checked(facts: dict[str, Any], wrong: set[str]) -> None:
    assert places(rules.post_problems(post_facts(**facts), DAY)) == wrong


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({}, set()),
        ({"stage": ""}, {"stage"}),
        ({"kind": "nurse"}, {"stage"}),
        ({"issued_on": dt.date(2026, 11, 6)}, {"issued_on"}),
        ({"valid_until": dt.date(2013, 5, 31)}, {"valid_until"}),
    ],
)
def test_papers_are_checked(facts: dict[str, Any], wrong: set[str]) -> None:
    assert places(rules.paper_problems(paper_facts(**facts), DAY)) == wrong


@pytest.mark.parametrize(
    ("born", "age", "verdict"),
    [
        (dt.date(2010, 11, 6), 15, rules.AgeAtPost.IMPOSSIBLE),
        (dt.date(2010, 11, 5), 16, rules.AgeAtPost.STRANGE),
        (dt.date(2008, 11, 5), 18, rules.AgeAtPost.USUAL),
        (dt.date(1960, 11, 6), 65, rules.AgeAtPost.USUAL),
        (dt.date(1960, 11, 5), 66, rules.AgeAtPost.STRANGE),
        (dt.date(1945, 11, 5), 81, rules.AgeAtPost.IMPOSSIBLE),
    ],
)
def test_ages_at_a_post(born: dt.date, age: int, verdict: rules.AgeAtPost) -> None:
    assert rules.age_on(born, DAY) == age
    assert rules.age_at_post(born, DAY) is verdict


OVER, LAST_DAY = dt.date(2026, 11, 4), DAY
# post, papers as (kind, stage, last day), whether certified
CERTIFIED: list[tuple[str, list[tuple[str, str, dt.date | None]], bool | None]] = [
    ("full_time_teacher", [("teaching", "kindergarten", None)], True),
    ("full_time_teacher", [("teaching", "kindergarten", LAST_DAY)], True),
    ("full_time_teacher", [("teaching", "kindergarten", OVER)], False),
    ("full_time_teacher", [("teaching", "primary", None)], False),
    ("full_time_teacher", [("teaching", "primary", None), ("preschool_training", "", None)], True),
    ("full_time_teacher", [("preschool_training", "", None)], False),
    ("full_time_teacher", [], False),
    ("principal", [("teaching", "kindergarten", None)], True),
    ("principal", [("principal_training", "", None)], False),
    ("childcare_worker", [("childcare_training", "", None)], True),
    ("childcare_worker", [("teaching", "kindergarten", None)], False),
    ("health_staff", [("nurse", "", None)], True),
    ("health_staff", [("health_training", "", OVER)], False),
    ("administrative", [("teaching", "kindergarten", None)], None),
    ("service_staff", [], None),
]


@pytest.mark.parametrize(("post", "papers", "right"), CERTIFIED)
def test_certified_is_computed_from_the_papers(
    post: str, papers: list[tuple[str, str, dt.date | None]], right: bool | None
) -> None:
    facts = [
        paper_facts(kind=kind, stage=stage, valid_until=until) for kind, stage, until in papers
    ]
    assert rules.certified(post, facts, DAY) is right


@pytest.mark.parametrize(
    ("earlier", "spans", "years"),
    [
        (0, [("2020-09-01", "2021-09-01")], 1),
        (0, [("2020-09-01", "2021-08-31")], 0),
        (2, [("2020-09-01", None)], 8),
        # Two posts at once are one time.
        (0, [("2020-09-01", "2022-09-01"), ("2021-09-01", "2023-09-01")], 3),
        (0, [("2027-09-01", None)], 0),
        (None, [("2024-09-01", None)], None),
        (None, [("2015-09-01", None)], 11),
    ],
)
def test_years_of_teaching_and_managing(
    earlier: int | None, spans: list[tuple[str, str | None]], years: int | None
) -> None:
    days = [
        (dt.date.fromisoformat(since), dt.date.fromisoformat(until) if until else None)
        for since, until in spans
    ]
    assert rules.full_years(earlier, days, DAY) == years


def test_what_a_director_lacks_is_said() -> None:
    papers = [paper_facts()]
    assert rules.director_lacks(papers, "diploma", 5, DAY) == []
    assert rules.director_lacks([], "upper_secondary", 4, DAY) == [
        "没有登记有效的幼儿园教师资格", "学历不到大学专科", "幼儿园教师或管理工作4年，不满5年",
    ]  # fmt: skip
    assert rules.director_lacks(papers, "", None, DAY) == ["没有登记学历", "没有登记此前幼教年限"]


BORN = dt.date(1990, 5, 17)


@pytest.mark.parametrize(
    ("earlier", "first_post", "is_wrong"),
    [
        (None, dt.date(2012, 9, 1), False),
        (4, dt.date(2012, 9, 1), False),
        (5, dt.date(2012, 9, 1), True),
        (0, dt.date(2007, 9, 1), False),
        (1, dt.date(2007, 9, 1), True),
    ],
)
def test_earlier_years_fit_between_18_and_the_first_post(
    earlier: int | None, first_post: dt.date, is_wrong: bool
) -> None:
    assert bool(rules.earlier_years_problem(earlier, BORN, first_post)) is is_wrong


def test_nobody_under_16_has_a_certificate() -> None:
    assert rules.issued_problem(dt.date(2006, 5, 16), BORN)
    assert not rules.issued_problem(dt.date(2006, 5, 17), BORN)


@pytest.mark.parametrize(
    ("post", "papers", "why"),
    [
        ("full_time_teacher", [{}], ""),
        ("full_time_teacher", [{"stage": "primary"}], "不是幼儿园学段"),
        ("full_time_teacher", [{"stage": "primary"}, {"kind": "preschool_training"}], ""),
        ("full_time_teacher", [{"kind": "preschool_training"}], "教师资格证"),
        ("full_time_teacher", [{"valid_until": dt.date(2026, 11, 4)}, {}], "已过有效期"),
        ("childcare_worker", [{}], "不是这个岗位要求的"),
        ("administrative", [{"stage": "primary"}], ""),
    ],
)
def test_why_a_certificate_does_not_count(
    post: str, papers: list[dict[str, Any]], why: str
) -> None:
    facts = [paper_facts(**given) for given in papers]
    said = rules.why_not_certified(post, facts[0], facts, DAY)
    assert why in said
    assert bool(said) == bool(why)
