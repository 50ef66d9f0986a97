"""Flows, attendance and parts of a class: asked for, kept, and never invented for older versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from indicators.models import KindergartenFacts
from kindergartens.models import ClassCount, FilingVersion
from kindergartens.models.filing import MORE_COUNTS
from reports.filings import checks, services, submitted
from reports.filings.presenters.script_rules import script_rules
from reports.filings.reviewing import review_beside, review_draft
from tests.reports.filings.test_pages import SignIn
from tests.reports.filings.test_services import Scene
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def older_version(scene: Scene) -> FilingVersion:
    """September as it was filed before anything but sexes and ages was asked for."""
    version = scene.last.versions.create(
        version=2, submitted_at=NOW, submitted_as=scene.director.memberships.get()
    )
    ClassCount.objects.create(
        filing_version=version, position=1, name="小一班", grade="small", boys=12, girls=12, age3=24
    )
    scene.last.version = scene.last.accepted_version = 2
    scene.last.save()
    return version


def test_the_model_and_the_checks_ask_for_the_same_columns() -> None:
    assert sorted(MORE_COUNTS) == sorted(checks.MORE)


def test_what_was_typed_is_kept_with_the_version(scene: Scene) -> None:
    filing = scene.open()
    row = filing.draft["classes"][0]
    assert (row["entered"], row["migrant"]) == ("0", "0")
    row |= {"boys": "13", "age3": "25", "entered": "1", "migrant": "3", "aided": "2"}
    services.save_draft(
        filing_id=filing.pk, draft=filing.draft, revision=1, by=scene.director, now=NOW
    )
    version = scene.submit(filing)
    assert version.days_open == submitted.working_days(OCTOBER)
    kept = version.classes.get()
    assert {name: getattr(kept, name) for name in MORE_COUNTS} == {
        "entered": 1, "departed": 0, "moved_in": 0, "moved_out": 0, "attended": 300,
        "disabled": 0, "left_behind": 0, "migrant": 3, "aided": 2,
    }  # fmt: skip
    assert kept.children == 25


def test_a_version_of_before_was_not_asked_and_says_so(scene: Scene, sign_in: SignIn) -> None:
    old = older_version(scene)
    assert {getattr(old.classes.get(), name) for name in MORE_COUNTS} == {None}
    assert not old.classes.get().asked_for_more
    filing = scene.open()
    # Nothing is carried over from nothing, and 0 is not nothing.
    assert {filing.draft["classes"][0][name] for name in checks.PARTS} == {""}
    found = review_draft(filing, NOW)
    assert {name for name, cell in found.classes[0].cells.items() if cell.error} == set(
        checks.PARTS
    )
    page: Any = sign_in(scene.director).get(
        reverse("filing-version", args=[old.filing_id, old.version])
    )
    assert "报这一版时还没有要求填" in page.content.decode()


def test_facts_do_not_move_by_what_is_asked_beside_the_head_counts(scene: Scene) -> None:
    """The same head-counts with and without details freeze to the same facts."""
    counts = ("enrolled_children", "nursery_children", "over_age_children", "classes",
              "compliant_classes", "principals", "full_time_teachers", "childcare_workers",
              "health_staff", "other_staff", "certified_principals_and_teachers")  # fmt: skip
    plain = KindergartenFacts.objects.get(month=SEPTEMBER)
    filing = scene.open()
    filing.draft["classes"][0] |= {"disabled": "1", "left_behind": "4", "migrant": "24"}
    filing.save(update_fields=["draft"])
    scene.submit(filing)
    scene.accept(filing)
    with_details = KindergartenFacts.objects.get(month=OCTOBER)
    assert [getattr(with_details, name) for name in counts] == [
        getattr(plain, name) for name in counts
    ]


@pytest.mark.parametrize("part", checks.PARTS)
def test_the_database_too_refuses_more_than_all_children(scene: Scene, part: str) -> None:
    version = scene.last.versions.get()
    more = dict.fromkeys(MORE_COUNTS, 0) | {part: 3}
    with pytest.raises(IntegrityError), transaction.atomic():
        ClassCount.objects.create(
            filing_version=version, position=9, name="托", grade="nursery", boys=1, girls=1, **more
        )


def test_flows_are_compared_only_with_the_accepted_month_before(scene: Scene) -> None:
    last = submitted.last_submitted(scene.kindergarten, OCTOBER)
    assert submitted.flows_add_up(last, OCTOBER)
    assert not submitted.flows_add_up(last, dt.date(2026, 11, 1))
    assert not submitted.flows_add_up(None, OCTOBER)
    assert submitted.prefilled(last, OCTOBER)["classes"][0]["entered"] == "0"
    assert submitted.prefilled(last, dt.date(2026, 11, 1))["classes"][0]["entered"] == ""
    assert submitted.prefilled(last, OCTOBER)["classes"][0]["attended"] == ""


def test_after_a_missed_month_it_is_said_which_month_is_compared(scene: Scene) -> None:
    last = submitted.last_submitted(scene.kindergarten, OCTOBER)
    assert last is not None
    november = dt.date(2026, 11, 1)
    assert (last.is_followed_by(OCTOBER), last.is_followed_by(november)) == (True, False)
    draft = submitted.as_draft(last) | {"days_open": "18"}
    draft["classes"][0] |= {"boys": "4", "age3": "16"}
    # Beyond any peer: but theirs is the change of one month, this one's that of two.
    peers = {"peer_change": checks.Peers(9, 0, 0, 0)}

    def said(month: dt.date) -> list[str]:
        found = review_beside(last, month, draft, peers=peers)
        return [one.sentence for one in (*found.classes[0].warnings, *found.warnings)]

    assert said(november) == ["小一班比9月少8人（24人变为16人）。"]
    assert said(OCTOBER) == [
        "小一班比上月少8人（24人变为16人）。",
        "在园人数比上月增减−33.3%；本区县同类园9所，中位数0.0%，一般在0.0%到0.0%之间。",
    ]
    draft["classes"][0]["name"] = "小甲班"
    assert said(november) == ["9月的小一班（24人）本月没有了。"]
    rules = script_rules(november, last, peers, {})
    assert (rules["compare_with_last"], rules["follows_last"], rules["since"]) == (
        True, False, "9月",
    )  # fmt: skip
    rules = script_rules(OCTOBER, last, peers, {})
    assert (rules["follows_last"], rules["since"]) == (True, "上月")


def test_a_count_that_is_missing_is_not_read_as_none(scene: Scene) -> None:
    last = submitted.last_submitted(scene.kindergarten, OCTOBER)
    assert last is not None
    staff = submitted.as_draft(last)["staff"]
    assert staff["full_time_teacher"] == {
        "people": "2", "certified": "1", "joined": "", "left": "",
    }  # fmt: skip
    assert staff["childcare_worker"]["certified"] == ""


def test_working_days_are_the_state_councils() -> None:
    # October 2026: 22 weekdays, five of them the National Day holiday, 10 October made up for.
    assert submitted.working_days(OCTOBER) == 18
    assert submitted.working_days(dt.date(2099, 10, 1)) is None
