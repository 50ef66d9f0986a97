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
from indicators.models import KindergartenFacts
from indicators.services.freeze import freeze_facts
from kindergartens.models import (
    FilingExtension,
    Kindergarten,
    MonthlyFiling,
    Procedure,
    RecordProposal,
    ReportingPeriod,
)
from reports.filings import peer_figures
from reports.mirror import presenters, selectors
from staffing.models import StaffCount
from tests.conftest import acting
from tests.indicators.test_freeze import next_version
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty, moment

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


def correct(filing: MonthlyFiling, children: int) -> None:
    """A corrected version is accepted: the first one is there, and counts no more."""
    version = next_version(filing, children)
    StaffCount.objects.create(
        filing_version=version, post="full_time_teacher", people=14, certified=1
    )
    freeze_facts(version_ids=[version.pk], accepted_at=NOW)


def test_the_kind_is_the_same_wherever_it_is_compared(small: SmallCounty, own: Kindergarten):
    others(small, *[28] * 8)
    town, mended = small.town("丙镇"), small.kindergarten(small.town("丁镇"), "更正过的")
    correct(small.file(mended, 280, month=SEPTEMBER), 28)
    # Each of these differs in one thing, and would move every median.
    elsewhere = small.town("戊镇", county=small.other_county)
    for name, place, status, state in (
        ("外县", elsewhere, {}, "accepted"),
        ("民办", town, {"ownership": "non_inclusive_private", "counts_public": False}, "accepted"),
        ("半日", town, {"half_day": True}, "accepted"),
        ("不计入", town, {}, "accepted"),
        ("没接收", town, {}, "submitted"),
    ):
        other = small.kindergarten(place, name)
        other.statuses.update(**status)
        for month in (SEPTEMBER, OCTOBER):
            small.file(other, 280, month=month, state=state)
    # No such return is accepted any more; one of before may stand.
    KindergartenFacts.objects.filter(kindergarten__name="不计入").update(counts_enrolment=False)
    small.file(small.kindergarten(town, "别月"), 280, month=OCTOBER)
    small.file(small.kindergarten(town, "没有幼儿"), 0, month=SEPTEMBER)

    facts = selectors.newest_facts(own)
    assert facts is not None
    mirrored = selectors.peers_of(facts)
    assert (mirrored.number, mirrored.medians["children_per_staff"]) == (9, Decimal(2))
    checked = peer_figures.peers_of(own.statuses.get(), OCTOBER)
    assert {code: (one.peers, one.median) for code, one in checked.items()} == {
        "peer_staff": (9, 200),
        "peer_class_size": (9, 2800),
    }


def test_an_extension_and_what_was_sent_back_are_to_do_and_what_was_asked_waits(
    small: SmallCounty, own: Kindergarten, director: User
):
    period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
    officer, post = small.officer().memberships.get(), director.memberships.get()
    FilingExtension.objects.create(
        kindergarten=own, period=period, town=own.organisation.region, reason="停电",
        until=moment(2026, 11, 25), granted_as=officer, granted_at=period.locks_at,
    )  # fmt: skip
    for number, kind, state in ((1, "recognition", "returned"), (2, "split", "checked")):
        Procedure.objects.create(
            number=f"6543212026-000{number}", county=small.county, kindergarten=own, kind=kind,
            state=state, reason="示例", due_on=dt.date(2026, 11, 24), asked_as=post, asked_at=NOW,
        )  # fmt: skip
    RecordProposal.objects.create(
        kindergarten=own, section="licence", wanted={}, reason="换证", proposed_as=post,
        proposed_at=NOW,
    )  # fmt: skip
    with travel(moment(2026, 11, 21), tick=False):
        today = dt.date(2026, 11, 21)
        things = selectors.open_things(own, by=director, now=moment(2026, 11, 21), today=today)
        page = client_of(director).get(reverse("mirror")).content.decode()
    month, returned, *_ = presenters.to_do(things, today=today)
    assert (month.text, month.until, month.left) == ("2026年10月月报", "11月25日12:00", "还剩4天")
    assert (returned.why, returned.left) == ("教育局退回，请补正", "还剩3天")
    [waiting] = presenters.with_the_bureau(things)
    assert (waiting.why, things.proposals) == ("待决定", 1)
    to_do, _, waits = page.partition("等教育局办")
    assert "教育局退回，请补正" in to_do
    assert "11月25日12:00" in to_do
    assert "待决定" in waits
    assert "资料改动申请" in waits
