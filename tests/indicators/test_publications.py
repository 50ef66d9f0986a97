"""What is published stays as it was, byte for byte; corrections are dated revisions."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.access.acting import choose_membership
from accounts.models import User
from indicators.catalogue import INDICATORS
from indicators.models import Publication, PublicationDraft, RegionFacts
from indicators.publications import rules, services
from indicators.publications.content import collect
from indicators.publications.selectors import verified
from indicators.publications.services import PublicationRefused
from indicators.selectors import Against, explanation
from indicators.services.freeze import freeze_facts
from kindergartens.models import Kindergarten, Population
from tests.acting_role import as_owner
from tests.indicators.test_freeze import next_version
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

LATER = NOW + dt.timedelta(hours=1)
LATEST = NOW + dt.timedelta(days=1)
SHARE = "public_enrolment_share"


# ---- rules ------------------------------------------------------------------------------------


def test_there_is_one_spelling_without_floats():
    said = {"b": Decimal("0.50"), "a": [dt.date(2026, 10, 1), None, "园", 3, True]}
    assert rules.canonical(said) == '{"a":["2026-10-01",null,"园",3,true],"b":"0.50"}'.encode()
    china = dt.datetime(2026, 11, 5, 16, 40, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert rules.canonical(china) == b'"2026-11-05T08:40:00+00:00"'
    with pytest.raises(TypeError, match="float"):
        rules.canonical({"rate": [0.5]})


@pytest.mark.parametrize(
    ("kind", "missing", "agreed", "why", "field"),
    [
        ("monthly", 0, False, "", None),
        ("monthly", 2, False, "", "agreed"),
        ("monthly", 2, True, "", None),
        ("annual", 2, True, "", "incomplete_reason"),
        ("annual", 2, False, "两所因水灾停办", None),
        ("self_assessment", 1, True, "", "incomplete_reason"),
    ],
)
def test_what_is_not_whole_says_so_or_waits(kind, missing, agreed, why, field):
    found = rules.problem_of_missing(kind, missing, agreed=agreed, incomplete_reason=why)
    assert (found and found[0]) == field


# ---- publishing -------------------------------------------------------------------------------


@pytest.fixture
def county(small: SmallCounty) -> SmallCounty:
    """30 public children of 50; a third kindergarten of 20 filed for September only."""
    small.populate(small.county, 99)
    town = small.town("甲镇")
    for name, ownership, children in (
        ("示例一园", "public", 30),
        ("示例二园", "non_inclusive_private", 20),
    ):
        kindergarten = small.kindergarten(town, name, ownership=ownership)
        small.file(kindergarten, children, month=SEPTEMBER)
        small.file(kindergarten, children)
    late = small.kindergarten(town, "示例三园")
    small.file(late, 20, month=SEPTEMBER)
    small.settle(SEPTEMBER, OCTOBER)
    return small


@pytest.fixture
def officer(county: SmallCounty) -> User:
    return acting(county.officer())


@pytest.fixture
def leader(county: SmallCounty) -> User:
    return acting(county.officer(role="bureau_leader"))


def acting(user: User) -> User:
    choose_membership(user, None, today=NOW.date())
    return user


def prepared(county: SmallCounty, by: User, **said) -> PublicationDraft:
    asked = {"kind": "monthly", "month": OCTOBER, "agreed": True, "now": NOW} | said
    blank = {"incomplete_reason": "", "reason": ""}
    return services.prepare(region=county.county, by=by, **(blank | asked))


def published(county: SmallCounty, officer: User, leader: User, **said) -> Publication:
    draft = prepared(county, officer, **said)
    return services.publish(
        draft_id=draft.pk, digest=draft.digest, by=leader, now=said.get("now", NOW)
    )


def accept(name: str, children: int, now: dt.datetime = LATER) -> None:
    filing = Kindergarten.objects.get(name=name).filings.get(month=OCTOBER)
    freeze_facts(version_ids=[next_version(filing, children).pk], accepted_at=now)


@pytest.mark.django_db
def test_what_was_published_is_frozen_with_number_and_digest(county, officer, leader):
    made = published(county, officer, leader)
    body = made.body
    assert made.number == "YDTB-654321-2026-0001"
    assert made.digest == rules.digest_of(bytes(made.content))
    assert (made.provisional, made.revision, made.school_year) == (True, 0, 2026)
    assert [row["name"] for row in body["missing"]] == ["示例三园"]
    figure = rules.figure_in(body, "654321", SHARE)
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (30, 50, "0.6")
    assert [place["name"] for place in body["regions"]] == ["甲镇"]
    assert len(body["returns"]) == 2
    # Word for word what the leader was shown, and nothing of it read again.
    assert {name: body[name] for name in made.draft.body} == made.draft.body
    with as_owner(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Publication.objects.filter(pk=made.pk).update(reason="改")
    assert verified(made.number, made.short_digest).pk == made.pk
    assert verified(made.number, made.digest[:11]) is None
    assert verified(made.number, "0" * 12) is None


@pytest.mark.django_db
def test_a_correction_is_a_revision_that_says_what_differs(county, officer, leader):
    first = published(county, officer, leader)
    kept = bytes(first.content)
    with pytest.raises(PublicationRefused, match="一样"):
        prepared(county, officer, reason="示例")
    accept("示例一园", 26)
    with pytest.raises(PublicationRefused, match="对不上"):
        prepared(county, officer, reason="示例")
    county.settle(now=LATER)
    with pytest.raises(PublicationRefused, match="更正原因") as refusal:
        prepared(county, officer)
    assert refusal.value.field == "reason"
    second = published(county, officer, leader, reason="示例一园人数填错", now=LATEST)
    first.refresh_from_db()
    assert (second.corrects, second.revision, first.corrected_by) == (first, 1, second)
    assert bytes(first.content) == kept
    changes = {
        (c["region"], c["indicator"], c["part"]): (c["before"], c["after"])
        for c in second.body["changes"]
    }
    assert changes["654321", SHARE, "numerator"] == (30, 26)
    assert changes["654321", SHARE, "denominator"] == (50, 46)
    assert ("654321", "", "accepted") not in changes
    # As it was, from the returns that added up then, and why it is another figure today.
    told = explanation(county.county, SHARE, OCTOBER, publication=first)
    assert (told.figure.numerator, told.numerator_sum, told.sums_match) == (30, 30, True)
    assert [(row.name, row.change) for row in told.groups[0].rows] == [
        ("示例一园", -4), ("示例二园", 0),
    ]  # fmt: skip
    assert [(r.label, r.units, r.below) for r in told.change_reasons] == [("1所更正月报", -4, -4)]
    assert [row.name for row in told.missing] == ["示例三园"]
    assert (told.today.numerator, told.today.denominator) == (26, 46)


@pytest.mark.django_db
def test_a_late_return_is_told_apart_from_a_correction(county, officer, leader):
    made = published(county, officer, leader)
    accept("示例二园", 25)
    county.file(Kindergarten.objects.get(name="示例三园"), 22)
    county.settle(now=LATER)
    told = explanation(county.county, SHARE, OCTOBER, against=Against.PUBLISHED)
    assert told.published == made
    assert [(r.label, r.units, r.below) for r in told.change_reasons] == [
        ("1所迟报补入", 22, 22), ("1所更正月报", 0, 5),
    ]  # fmt: skip
    assert sum(r.points for r in told.change_reasons) == told.comparison.change


@pytest.mark.django_db
def test_a_month_corrected_after_its_lock_begins_from_what_was_told(county):
    filing = Kindergarten.objects.get(name="示例二园").filings.get(month=SEPTEMBER)
    # September was locked on 20 October.
    freeze_facts(version_ids=[next_version(filing, 24).pk], accepted_at=NOW)
    county.settle(SEPTEMBER, OCTOBER)
    told = explanation(county.county, SHARE, OCTOBER)
    assert (told.before.numerator, told.before.denominator) == (50, 70)
    assert [(r.label, r.below) for r in told.change_reasons] == [
        ("1所更正月报", 4), ("1所实际增减", -4), ("1所尚未计入（上次人数）", -20),
    ]  # fmt: skip


@pytest.mark.django_db
def test_what_is_of_no_return_begins_from_the_sums_of_its_month_after_a_lock_too(county):
    filing = Kindergarten.objects.get(name="示例二园").filings.get(month=SEPTEMBER)
    freeze_facts(version_ids=[next_version(filing, 24).pk], accepted_at=NOW)
    county.settle(SEPTEMBER, OCTOBER)
    for month, places in ((SEPTEMBER, 2), (OCTOBER, 5)):
        RegionFacts.objects.filter(region=county.county, month=month).update(
            unlicensed_kindergartens=places
        )
    told = explanation(county.county, "unlicensed_kindergarten_count", OCTOBER)
    assert (told.before.numerator, told.comparison.closed_at) == (2, None)
    assert [(r.label, r.units) for r in told.change_reasons] == [("登记的增减", 3)]


@pytest.mark.django_db
def test_as_of_a_publication_population_and_scope_are_those_of_then(county, officer, leader):
    made = published(county, officer, leader)
    RegionFacts.objects.update(registered_population_3_5=1, nursery_children=7)
    told = explanation(county.county, "gross_enrolment_rate", OCTOBER, publication=made)
    assert told.registered_population == 99
    assert told.population_date == dt.date(2026, 9, 1)
    assert "7人" not in told.scope_note
    # A figure of the place waits for no return.
    place = explanation(county.county, "unlicensed_kindergarten_count", OCTOBER, publication=made)
    assert not place.figure.provisional
    assert told.figure.provisional


@pytest.mark.django_db
def test_a_changed_rule_is_a_step_of_its_own(county, monkeypatch):
    old = INDICATORS[SHARE]
    new = replace(
        old, numerator=("enrolled_children",), version="2026.2", since=OCTOBER, former=old
    )  # fmt: skip
    monkeypatch.setitem(INDICATORS, SHARE, new)
    told = explanation(county.county, SHARE, OCTOBER)
    assert told.comparison.value == Decimal(50) / Decimal(70)
    assert [(r.label, r.units, r.below) for r in told.change_reasons] == [
        ("1所尚未计入（上次人数）", -20, -20), ("口径由2026.1改为2026.2", 20, 0),
    ]  # fmt: skip
    assert sum(r.points for r in told.change_reasons) == told.comparison.change


@pytest.mark.django_db
def test_an_estimate_stands_beside_what_is_provisional(county):
    told = explanation(county.county, SHARE, OCTOBER)
    # 30 of 50, with last month's 20 public ones 50 of 70.
    assert told.figure.value == Decimal("0.6")
    assert told.estimate.value == Decimal(50) / Decimal(70)
    assert (told.estimate.kindergartens, told.estimate.months) == (1, (SEPTEMBER, SEPTEMBER))
    # One that never counted could be of any size.
    county.kindergarten(Kindergarten.objects.get(name="示例一园").organisation.region, "示例新园")
    assert explanation(county.county, SHARE, OCTOBER).estimate is None


@pytest.mark.django_db
def test_nobody_publishes_the_own_draft_nor_another_than_was_shown(county, officer, leader):
    draft = prepared(county, officer)
    # The same again would only take it from under the leader's eyes.
    with pytest.raises(PublicationRefused, match="一样的拟稿"):
        prepared(county, officer)
    with pytest.raises(PermissionDenied):
        services.publish(draft_id=draft.pk, digest=draft.digest, by=officer, now=NOW)
    with pytest.raises(PublicationRefused, match="已经换了"):
        services.publish(draft_id=draft.pk, digest="0" * 64, by=leader, now=NOW)
    stranger = acting(county.officer(county.other_county, role="bureau_leader"))
    with pytest.raises(PublicationDraft.DoesNotExist):
        services.publish(draft_id=draft.pk, digest=draft.digest, by=stranger, now=NOW)
    accept("示例一园", 26)
    county.settle(now=LATER)
    with pytest.raises(
        PublicationRefused, match="本级指标和目标、下级地区的指标、计入的月报有变化"
    ):
        services.publish(draft_id=draft.pk, digest=draft.digest, by=leader, now=LATER)
    again = prepared(county, officer, now=LATER)
    draft.refresh_from_db()
    assert draft.state == PublicationDraft.State.WITHDRAWN
    services.publish(draft_id=again.pk, digest=again.digest, by=leader, now=LATER)
    with pytest.raises(PublicationRefused, match="已公布"):
        services.publish(draft_id=again.pk, digest=again.digest, by=leader, now=LATER)
    with pytest.raises(PublicationRefused, match="已公布"):
        services.withdraw(draft_id=again.pk, reason="示例", by=officer)


@pytest.mark.django_db
def test_a_draft_of_which_only_the_words_changed_is_prepared_anew(county, officer, leader):
    draft = prepared(county, officer)
    Population.objects.update(source="改正后的来源")
    assert not rules.differences(draft.body, collect(county.county, OCTOBER))
    # Whatever a body says is compared: the month is the draft's own.
    own = {"month", "school_year", "computed_at", "incomplete_reason"}
    assert draft.body.keys() - own == rules.SECTIONS.keys()
    with pytest.raises(PublicationRefused, match="拟稿以后人口有变化"):
        services.publish(draft_id=draft.pk, digest=draft.digest, by=leader, now=LATER)


@pytest.mark.django_db
def test_a_city_without_a_second_person_publishes_nothing(county):
    clerk = acting(county.officer(county.city, role="bureau_officer"))
    with pytest.raises(PermissionDenied, match="区县教育局"):
        services.prepare(
            region=county.city, kind="monthly", month=OCTOBER, agreed=True, incomplete_reason="",
            reason="", by=clerk, now=NOW,
        )  # fmt: skip


@pytest.mark.django_db
def test_a_person_with_both_posts_publishes_no_draft_of_the_own(county, officer, leader):
    draft = prepared(county, officer)
    draft.prepared_as = leader.acting
    draft.save()
    with pytest.raises(PublicationRefused, match="自己"):
        services.publish(draft_id=draft.pk, digest=draft.digest, by=leader, now=NOW)


@pytest.mark.django_db
def test_a_year_is_published_once_and_says_why_it_is_not_whole(county, officer, leader):
    with pytest.raises(PublicationRefused) as refusal:
        prepared(county, officer, kind="annual", month=OCTOBER)
    assert refusal.value.field == "incomplete_reason"
    made = published(county, officer, leader, kind="annual", month=SEPTEMBER)
    assert made.number == "NDGB-654321-2026-0001"
    with pytest.raises(PublicationRefused, match="同一个月") as refusal:
        prepared(county, officer, kind="annual", incomplete_reason="示例", reason="示例")
    assert refusal.value.field == "month"


@pytest.mark.django_db
def test_every_digest_is_checked(county, officer, leader):
    made = published(county, officer, leader)
    said = io.StringIO()
    call_command("verify_publications", stdout=said)
    assert "1号，全部一致" in said.getvalue()
    altered = json.loads(bytes(made.content)) | {"provisional": False}
    content, told = rules.canonical(altered), io.StringIO()
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        Publication.objects.filter(pk=made.pk).update(content=content)
        with pytest.raises(CommandError, match="1号不符"):
            call_command("verify_publications", stderr=told)
        # Whoever rewrites the digest as well still has another row than its bytes say.
        Publication.objects.filter(pk=made.pk).update(digest=rules.digest_of(content))
        with pytest.raises(CommandError):
            call_command("verify_publications", stderr=told)
    assert "与校验值不一致" in told.getvalue()
    assert "provisional" in told.getvalue()


@pytest.mark.django_db
def test_a_city_reads_its_counties_publications_and_nobody_anothers_draft(county, officer, leader):
    made, waiting = (
        published(county, officer, leader),
        prepared(county, officer, kind="annual", incomplete_reason="示例"),
    )
    city = acting(county.officer(county.city, role="city_officer"))
    beside = acting(county.officer(county.other_county))
    assert [list(Publication.objects.visible_to(who)) for who in (officer, leader, city, beside)] == [
        [made], [made], [made], [],
    ]  # fmt: skip
    drafts = [
        list(PublicationDraft.objects.visible_to(who).waiting())
        for who in (officer, leader, city, beside)
    ]
    assert drafts == [[waiting], [waiting], [], []]
