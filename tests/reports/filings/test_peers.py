"""Against kindergartens of the same type in the county: median and MAD of last month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from kindergartens.models import ReportingPeriod
from reports.filings.checks import Peers, among_peers, in_tenths, review
from reports.filings.peer_figures import peers_of
from reports.filings.reviewing import review_draft
from reports.filings.selectors import status_on
from tests.reports.filings.test_checks import LIMITS, a_class, a_draft
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment


def codes_of(draft: dict, peers: dict[str, Peers]) -> list[str]:
    found = review(draft, {}, LIMITS, compare_with_last=False, peers=peers)
    return [one.code for one in found.warnings]


def test_bounds_are_five_mads_from_the_median_and_never_too_narrow() -> None:
    assert among_peers("peer_staff", 8, Decimal("6.25"), Decimal("0.8")) == Peers(8, 625, 225, 1025)
    # All alike: half a child is reckoned with, and outward.
    assert among_peers("peer_staff", 8, Decimal("6.333"), Decimal(0)) == Peers(8, 633, 383, 884)
    assert among_peers("peer_staff", 7, Decimal(6), Decimal(1)) is None


def test_a_kindergarten_outside_is_told_the_figures_it_is_compared_with() -> None:
    # 23 children, 7 posts of 2 people each: 1.6 children a person.
    peers = {"peer_staff": Peers(12, 625, 225, 1025)}
    found = review(a_draft(a_class()), {}, LIMITS, compare_with_last=False, peers=peers)
    [one] = found.warnings
    assert one.sentence == (
        "每名教职工带1.6名幼儿；本区县同类园12所，中位数6.3名，一般在2.3到10.3名之间。"
    )
    assert one.key == "peer_staff@"
    assert codes_of(a_draft(a_class()), {"peer_staff": Peers(12, 625, 164, 1025)}) == []


def test_nursery_children_and_classes_are_not_compared() -> None:
    nursery = a_class("托一班", "nursery", "99", "99", ("", "", "", ""))
    draft = a_draft(a_class(), nursery)
    assert codes_of(draft, {"peer_class_size": Peers(12, 2300, 2300, 2300)}) == []


def test_no_staff_or_no_child_is_not_compared() -> None:
    nobody = {
        post: {"people": "0", "certified": "0", "joined": "0", "left": "0"}
        for post in a_draft()["staff"]
    }
    peers = {"peer_staff": Peers(12, 1, 1, 1), "peer_class_size": Peers(12, 1, 1, 1)}
    assert codes_of(a_draft(a_class(), **nobody), peers) == ["peer_class_size"]
    empty = a_draft(a_class(boys="0", girls="0", ages=("0", "0", "0", "0")))
    assert codes_of(empty, peers) == []


@given(st.integers(-4000, 4000), st.integers(1, 400))
def test_a_quotient_is_rounded_half_away_from_zero(over: int, under: int) -> None:
    exact = abs(Fraction(over, under)) * 10
    tenths = int(exact + Fraction(1, 2))
    sign = "−" if over < 0 and tenths else ""
    assert in_tenths(over, under) == f"{sign}{tenths // 10}.{tenths % 10}"


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


def test_medians_come_from_accepted_returns_of_the_same_type(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sizes = [10, 12, 14, 20, 22, 30, 44, 60, 70]
    small = scene.small
    for number, children in enumerate(sizes):
        kindergarten = small.kindergarten(scene.town, f"同类{number}")
        # Nursery children are outside.
        small.file(kindergarten, children, month=SEPTEMBER, nursery=number * 5)
    private = small.kindergarten(scene.town, "民办", ownership="non_inclusive_private")
    half_day = small.kindergarten(scene.town, "半日")
    half_day.statuses.update(half_day=True)
    elsewhere = small.kindergarten(small.town("乙镇", county=small.other_county), "外县")
    for other in (private, half_day, elsewhere):
        small.file(other, 200, month=SEPTEMBER)
    waiting = small.kindergarten(scene.town, "没接收")
    small.file(waiting, 200, month=SEPTEMBER, state="submitted")
    status = status_on(scene.kindergarten, scene.period.reference_date)
    with django_assert_num_queries(1):
        peers = peers_of(status, OCTOBER)
    # One class each; 14 people each. The kindergarten itself (24) is not among them.
    assert peers["peer_class_size"].peers == len(sizes)
    middle = median(sizes)
    mad = median(abs(size - middle) for size in sizes)
    assert peers["peer_class_size"].median == middle * 100
    assert peers["peer_class_size"].high == (middle + 5 * mad) * 100
    assert peers["peer_staff"].median == round(middle * 100 / 14)
    assert "peer_change" not in peers
    assert peers_of(status, SEPTEMBER) == {}
    assert peers_of(None, OCTOBER) == {}


def test_staff_that_is_not_counted_is_not_compared_with(scene: Scene) -> None:
    for number in range(9):
        kindergarten = scene.small.kindergarten(scene.town, f"同类{number}")
        if number == 8:
            kindergarten.statuses.update(counts_staff=False)
        scene.small.file(kindergarten, 28 if number < 8 else 280, month=SEPTEMBER)
    status = status_on(scene.kindergarten, scene.period.reference_date)
    peers = peers_of(status, OCTOBER)
    assert (peers["peer_staff"].peers, peers["peer_staff"].median) == (8, 200)
    assert peers["peer_class_size"].peers == 9


def test_their_change_is_of_one_month_and_not_over_the_summer(scene: Scene) -> None:
    small = scene.small
    august = dt.date(2026, 8, 1)
    ReportingPeriod.objects.create(
        county=small.county, month=august, reference_date=dt.date(2026, 8, 31),
        opens_at=moment(2026, 8, 25), due_at=moment(2026, 9, 6), locks_at=moment(2026, 9, 20),
    )  # fmt: skip
    changes = [-2, 0, 2, 4, 0, 0, 1, -1, 0]
    for number, change in enumerate(changes):
        kindergarten = small.kindergarten(scene.town, f"同类{number}")
        small.file(kindergarten, 40, month=august)
        small.file(kindergarten, 20, month=SEPTEMBER)
        small.file(kindergarten, 20 + change, month=OCTOBER)
    small.file(small.kindergarten(scene.town, "新园"), 90, month=OCTOBER)
    status = status_on(scene.kindergarten, scene.period.reference_date)
    peers = peers_of(status, dt.date(2026, 11, 1))
    # 5 % for each child; half of them are no further than 5 % from the median, which is 0.
    assert peers["peer_change"] == Peers(9, 0, -2500, 2500)
    assert peers["peer_class_size"].peers == 10
    in_october = peers_of(status, OCTOBER)
    assert in_october["peer_class_size"].peers == 9
    assert "peer_change" not in in_october


def test_the_draft_is_checked_against_them(scene: Scene) -> None:
    for number in range(9):
        kindergarten = scene.small.kindergarten(scene.town, f"同类{number}")
        scene.small.file(kindergarten, 100, month=SEPTEMBER)
    found = review_draft(scene.open(), NOW)
    assert [one.code for one in found.warnings] == ["peer_staff", "peer_class_size"]
    assert all("同类园9所" in one.sentence for one in found.warnings)
