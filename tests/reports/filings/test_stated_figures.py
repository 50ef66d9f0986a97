"""Against the last annual statistics: what is asked about, of which row, from which month on."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from kindergartens.models import AnnualStatistics, MonthlyFiling
from reports.filings.checks import Stated, catalogue, review
from reports.filings.reviewing import review_draft
from reports.filings.stated_figures import stated_for_filing
from tests.reports.filings.test_checks import LIMITS, a_class, a_draft
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, OCTOBER, SmallCounty

DAY = "2026年9月1日"


@pytest.mark.parametrize(
    ("code", "number", "percent", "least", "asks"),
    [
        # 23 children: more than 10 % and five or more.
        ("stated_children", 20, 10, 5, False),
        ("stated_children", 18, 10, 5, True),
        ("stated_children", 28, 10, 5, True),
        ("stated_children", 26, 10, 3, True),
        ("stated_children", 25, 8, 2, False),  # exactly 8 %
        ("stated_children", 0, 10, 5, True),
        ("stated_classes", 1, 10, 1, False),
        ("stated_classes", 2, 10, 1, True),
        ("stated_teachers", 2, 10, 2, False),
        ("stated_teachers", 4, 10, 2, True),
    ],
)
def test_more_than_a_share_and_not_less_than_a_number(
    code: str, number: int, percent: int, least: int, asks: bool
) -> None:
    nursery = a_class("托一班", "nursery", "9", "9", ("", "", "", ""))
    found = review(
        a_draft(a_class(), nursery), {}, LIMITS, compare_with_last=False,
        stated={code: Stated(DAY, number, percent, least)},
    )  # fmt: skip
    assert [one.code for one in found.warnings] == [code] * asks


def test_the_sentence_names_both_numbers_and_the_day() -> None:
    found = review(
        a_draft(a_class()), {}, LIMITS, compare_with_last=False,
        stated={"stated_children": Stated(DAY, 30, 10, 5)},
    )  # fmt: skip
    [one] = found.warnings
    assert one.sentence == "在园合计23人，2026年9月1日的事业统计30人，少7人，相差超过10%。"
    assert (one.key, one.figures["stated"]) == ("stated_children@", 30)


def test_thresholds_hold_from_their_month_on() -> None:
    check = catalogue()["stated_children"]
    assert check.numbers_in(dt.date(2026, 8, 1)) is None
    assert check.numbers_in(OCTOBER) == {"percent": 10, "least": 5}


@pytest.fixture
def filing(small: SmallCounty) -> MonthlyFiling:
    return Scene(small).open()


def test_the_newest_row_of_the_school_year_counts(
    filing: MonthlyFiling, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def state(day: dt.date, children: int | None, teachers: int | None = None) -> None:
        AnnualStatistics.objects.create(
            county=filing.period.county, code=filing.kindergarten.code, name="示例园",
            reference_date=day, children=children, teachers=teachers, source="年报",
        )  # fmt: skip

    state(dt.date(2025, 9, 1), 90)
    assert stated_for_filing(filing) == {}
    state(dt.date(2026, 9, 1), 40, 5)
    state(dt.date(2026, 11, 1), 70)
    with django_assert_num_queries(1):
        stated = stated_for_filing(filing)
    # What was not told, the classes, is not compared.
    assert stated == {
        "stated_children": Stated(DAY, 40, 10, 5),
        "stated_teachers": Stated(DAY, 5, 10, 2),
    }
    asked = {one.code for one in review_draft(filing, NOW).unexplained}
    assert "stated_children" in asked
    filing.draft["explanations"] = {"stated_children@": "搬迁后班额减小"}
    assert "stated_children" not in {one.code for one in review_draft(filing, NOW).unexplained}
