"""The director's mirror: the own figures, the median of the kind, what is open and what waits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.models import User
from kindergartens.models import Kindergarten
from reports.mirror import presenters, selectors
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def own(small: SmallCounty) -> Kindergarten:
    town = small.town("甲镇")
    kindergarten = small.kindergarten(town, "示例一园")
    small.file(kindergarten, 20, month=SEPTEMBER)
    return kindergarten


@pytest.fixture
def director(small: SmallCounty, own: Kindergarten) -> User:
    return acting(small.person("园长", own.organisation, "director"))


def others(small: SmallCounty, *children: int, ownership: str = "public") -> None:
    town = small.town("乙镇")
    for number, count in enumerate(children):
        other = small.kindergarten(town, f"示例{ownership}{number}园", ownership=ownership)
        small.file(other, count, month=SEPTEMBER)


def medians(own: Kindergarten) -> dict[str, str]:
    facts = selectors.newest_facts(own)
    assert facts is not None
    lines = presenters.standings(facts, selectors.peers_of(facts))
    return {one.line.name: one.median for one in lines}


def test_the_median_is_of_the_others_of_the_same_nature(small: SmallCounty, own: Kindergarten):
    # Fourteen people in each: 1:1, 1:2, 1:3, 1:4 and 1:10.
    others(small, 14, 28, 42, 56, 140)
    others(small, 14, 14, 14, ownership="inclusive_private")
    assert medians(own)["教职工与幼儿比"] == "1:3.00"
    facts = selectors.newest_facts(own)
    assert facts is not None
    peers = selectors.peers_of(facts)
    assert (peers.number, peers.medians["children_per_staff"]) == (5, Decimal(3))


def test_the_median_of_few_is_not_told(small: SmallCounty, own: Kindergarten):
    others(small, 14, 28, 42, 56)
    assert medians(own)["教职工与幼儿比"] == "同类园不到5所"


def test_a_share_reads_as_a_share(small: SmallCounty, own: Kindergarten):
    # A class of more than 25 is too large: three of five kindergartens are all right.
    others(small, 20, 21, 22, 30, 40)
    assert medians(own)["班额达标率"] == "100.00%"


def test_the_page_says_what_to_do_and_what_waits(
    small: SmallCounty, own: Kindergarten, director: User
):
    Kindergarten.objects.filter(pk=own.pk).update(
        licence_from=dt.date(2023, 11, 20), licence_until=dt.date(2026, 11, 20)
    )
    client = client_of(director)
    page = client.get(reverse("mirror")).content.decode()
    assert "2026年10月月报" in page
    assert "还没有填" in page
    assert "还剩1天" in page
    assert "等教育局办" not in page
    things = selectors.open_things(own, by=director, now=NOW, today=NOW.date())
    assert presenters.to_do(things, today=NOW.date())[0].text == "2026年10月月报"
    assert any(row.due_on <= dt.date(2026, 11, 20) for row in things.owed)

    small.file(own, 21, state="submitted")
    page = client.get(reverse("mirror")).content.decode()
    assert "等教育局审核" in page
    assert "还没有填" not in page


def test_a_late_thing_says_by_how_much():
    late = presenters._thing("年度检查", "/x/", "请报", dt.date(2026, 6, 30), dt.date(2026, 7, 3))
    today = presenters._thing("月报", "/x/", "", dt.date(2026, 7, 3), dt.date(2026, 7, 3))
    assert (late.left, late.late) == ("逾期3天", True)
    assert (today.left, today.late) == ("今天截止", False)


def test_the_trend_leaves_gaps_open(own: Kindergarten):
    points = selectors.children_by_month(own, OCTOBER)
    assert [(point.month, point.children, point.asked) for point in points][-3:] == [
        (dt.date(2026, 8, 1), None, False),
        (SEPTEMBER, 20, True),
        (OCTOBER, None, True),
    ]
    drawn = presenters.trend("示例一园", points)
    assert drawn is not None
    assert [point["value"] for point in drawn["points"]][-3:] == [None, "20", None]
    assert [point["holiday"] for point in drawn["points"]][-3:] == [True, False, False]


def test_before_the_first_return_the_page_says_so(small: SmallCounty):
    new = small.kindergarten(small.town("丙镇"), "示例新园")
    director = acting(small.person("园长", new.organisation, "director"))
    page = client_of(director).get(reverse("mirror")).content.decode()
    assert "还没有接收过月报" in page
    assert "在园幼儿走势" not in page


def test_more_peers_cost_no_more_queries(small: SmallCounty, own: Kindergarten, director: User):
    client, counts = client_of(director), []
    for _ in range(2):
        others(small, 14, 28, 42, 56, 140)
        client.get(reverse("mirror"))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("mirror"))
        counts.append(len(captured))
    assert counts[0] == counts[1]
