"""The second wall: a scoped query that forgot whose rows it reads raises while a person is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.urls import reverse

from accounts.access.scoping import (
    ScopedQuerySet,
    UnscopedAccess,
    is_serving_a_person,
    serving_a_person,
)
from accounts.history.sentences import Subject
from accounts.history.tracking import TRACKED
from accounts.jobs import registry, runner, services
from accounts.models import (
    AccountEvent,
    Job,
    KnownDevice,
    Membership,
    PastPassword,
    RecoveryCode,
    Session,
    User,
)
from kindergartens.models import ClassCount, FilingVersion, Kindergarten, MonthlyFiling
from staffing.models import StaffCount
from tests.conftest import acting
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW, OCTOBER, SmallCounty


@pytest.fixture
def filing(small: SmallCounty) -> MonthlyFiling:
    return small.file(small.kindergarten(small.town("甲镇"), "示例一园"), 24)


@pytest.fixture
def officer(small: SmallCounty) -> User:
    return acting(small.officer())


@pytest.fixture
def watched() -> Iterator[None]:
    with serving_a_person():
        yield


READS: dict[str, Callable[[Any], object]] = {
    "list": list,
    "bool": bool,
    "len": len,
    "slice": lambda rows: list(rows[:3]),
    "index": lambda rows: rows[0],
    "first": lambda rows: rows.first(),
    "last": lambda rows: rows.order_by("pk").last(),
    "get": lambda rows: rows.get(pk=1),
    "latest": lambda rows: rows.latest("pk"),
    "earliest": lambda rows: rows.earliest("pk"),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "aggregate": lambda rows: rows.aggregate(n=Count("pk")),
    "iterator": lambda rows: next(rows.iterator()),
    "in_bulk": lambda rows: rows.in_bulk(),
    "values": lambda rows: list(rows.values("pk")),
    "values_list": lambda rows: list(rows.values_list("pk", flat=True)),
    "dates": lambda rows: list(rows.dates("month", "month")),
    "only": lambda rows: list(rows.only("pk")),
    "annotate": lambda rows: list(rows.annotate(n=Count("versions"))),
    "select_related": lambda rows: list(rows.select_related("kindergarten")),
    "prefetch_related": lambda rows: list(rows.prefetch_related("versions")),
    "select_for_update": lambda rows: list(rows.select_for_update()),
    "contains": lambda rows: rows.contains(MonthlyFiling(pk=1)),
    "explain": lambda rows: rows.explain(),
    "raw": lambda rows: rows.raw("SELECT id FROM kindergartens_monthlyfiling"),
    "update": lambda rows: rows.update(revision=9),
    "bulk_update": lambda rows: rows.bulk_update([MonthlyFiling(pk=1, revision=9)], ["revision"]),
    "upsert": lambda rows: rows.bulk_create(
        [MonthlyFiling(pk=1)],
        update_conflicts=True,
        update_fields=["revision"],
        unique_fields=["pk"],
    ),
    "delete": lambda rows: rows.delete(),
    "get_or_create": lambda rows: rows.get_or_create(pk=1),
    "update_or_create": lambda rows: rows.update_or_create(pk=1),
    "union": lambda rows: list(rows.union(rows)),
    "reverse": lambda rows: list(rows.reverse()),
    "distinct": lambda rows: list(rows.distinct()),
    "filter": lambda rows: list(rows.filter(state="accepted")),
    "exclude": lambda rows: list(rows.exclude(state="draft")),
}


NOT_OF_A_MANAGER = {"list", "bool", "len", "slice", "index", "delete", "union"}


@pytest.mark.parametrize("way", READS)
def test_every_way_of_reading_or_changing_without_a_person_raises(
    filing: MonthlyFiling, watched: None, way: str
) -> None:
    for rows in (MonthlyFiling.objects, MonthlyFiling.objects.all()):
        if rows is MonthlyFiling.objects and way in NOT_OF_A_MANAGER:
            continue
        with pytest.raises(UnscopedAccess, match="MonthlyFiling"):
            READS[way](rows)
    assert MonthlyFiling.objects.unscoped("a test looks").get().revision == 1


# Ways that need other rows or another base than a filtered one.
ELSEWHERE = {"upsert", "get", "get_or_create", "update_or_create", "raw", "delete", "union"}


@pytest.mark.parametrize("way", sorted(READS.keys() - ELSEWHERE))
def test_the_same_ways_pass_with_a_person_or_a_reason(
    filing: MonthlyFiling, officer: User, watched: None, way: str
) -> None:
    READS[way](MonthlyFiling.objects.visible_to(officer))
    READS[way](MonthlyFiling.objects.unscoped("a test looks"))
    READS[way](MonthlyFiling.objects.filter(state="accepted").unscoped("a test looks").all())


def test_a_reason_is_a_reason() -> None:
    with pytest.raises(ValueError, match="say why"):
        MonthlyFiling.objects.unscoped(" ")


def test_nobody_is_served_outside_requests(filing: MonthlyFiling) -> None:
    assert not is_serving_a_person()
    assert MonthlyFiling.objects.count() == 1


def test_what_belongs_to_an_object_in_hand_passes(
    filing: MonthlyFiling, officer: User, watched: None
) -> None:
    mine = MonthlyFiling.objects.visible_to(officer).prefetch_related("versions__classes").get()
    [version] = mine.versions.all()
    [row] = version.classes.all()
    assert row.filing_version.filing == mine
    assert version.staff_counts.count() == len(StaffCount.Post)
    assert mine.events.exists() is False
    assert mine.kindergarten.statuses.on(OCTOBER).get().town_id == mine.town_id
    assert version.facts.enrolled_children == 24
    mine.refresh_from_db()
    mine.revision = 7
    mine.save()
    [again] = MonthlyFiling.objects.visible_to(officer).prefetch_related(
        Prefetch("versions", FilingVersion.objects.order_by("-version"))
    )
    assert len(again.versions.all()) == 1


def test_a_region_in_hand_proves_nothing(
    filing: MonthlyFiling, small: SmallCounty, watched: None
) -> None:
    """Every region can be looked up by its public code."""
    with pytest.raises(UnscopedAccess, match="RegionFacts"):
        list(small.county.facts.all())
    with pytest.raises(UnscopedAccess, match="ReportingPeriod"):
        small.county.periods.first()


def test_a_query_inside_another_is_judged_with_the_outer_one(
    filing: MonthlyFiling, officer: User, watched: None
) -> None:
    inner = MonthlyFiling.objects.filter(kindergarten=OuterRef("pk"))
    seen = Kindergarten.objects.visible_to(officer).annotate(
        filed=Exists(inner), newest=Subquery(inner.values("month")[:1])
    )
    assert [(row.filed, row.newest) for row in seen] == [(True, OCTOBER)]
    within = ClassCount.objects.visible_to(officer).filter(
        filing_version__in=FilingVersion.objects.filter(version=1)
    )
    assert within.count() == 1
    with pytest.raises(UnscopedAccess):
        list(ClassCount.objects.filter(filing_version__filing__in=seen.values("filings")))


def test_a_part_that_is_not_scoped_spoils_an_or_but_not_an_and(
    filing: MonthlyFiling, officer: User, watched: None
) -> None:
    mine, every = MonthlyFiling.objects.visible_to(officer), MonthlyFiling.objects.all()
    for spoiled in (mine | every, every | mine, mine ^ every, mine.union(every), every.union(mine)):
        with pytest.raises(UnscopedAccess):
            list(spoiled)
    for narrowed in (mine & every, every & mine, mine | mine, mine.union(mine)):
        assert len(narrowed) == 1


def test_nothing_is_nobodys(watched: None) -> None:
    assert list(MonthlyFiling.objects.none()) == []


def test_a_class_without_its_own_rule_is_refused(officer: User) -> None:
    rows = ScopedQuerySet(MonthlyFiling)
    with pytest.raises(NotImplementedError):
        rows.visible_to(officer)


# ---- people, their posts, and copies of rows ------------------------------------------------------


@pytest.mark.parametrize(
    "model", [User, Membership, Session, PastPassword, RecoveryCode, KnownDevice, AccountEvent]
)
def test_people_are_not_read_by_forgetting_whose(
    officer: User, watched: None, model: type[models.Model]
) -> None:
    with pytest.raises(UnscopedAccess, match=model.__name__):
        list(model._default_manager.all())
    list(model._default_manager.visible_to(officer))


def test_copies_of_rows_are_not_read_by_forgetting_whose(
    filing: MonthlyFiling, officer: User, watched: None
) -> None:
    copies = TRACKED[MonthlyFiling].event._default_manager
    with pytest.raises(UnscopedAccess, match="MonthlyFilingChange"):
        copies.filter(pgh_obj_id=filing.pk).first()
    assert copies.visible_to(officer).count() == 1
    # Of a row that was read in scope, its own copies.
    mine = MonthlyFiling.objects.visible_to(officer).get()
    assert mine.changes.count() == 1


def test_a_subject_of_history_says_whose_its_rows_are(officer: User, watched: None) -> None:
    """Keys that another query looks for are not evaluated by themselves."""
    with pytest.raises(UnscopedAccess, match="MonthlyFiling"):
        Subject(MonthlyFiling, MonthlyFiling.objects.values("pk"))
    copies = TRACKED[MonthlyFiling].event._default_manager.filter(version=1)
    with pytest.raises(UnscopedAccess, match="MonthlyFilingChange"):
        Subject(MonthlyFiling, copies.values("pgh_obj_id"))
    rows = MonthlyFiling.objects.visible_to(officer).values("pk")
    assert Subject(MonthlyFiling, rows).events.count() == 0


@pytest.mark.parametrize(
    ("page", "forgetful"),
    [
        ("people", "accounts.people.views.people.selectors.people"),
        ("account-history", "accounts.history.views.selectors.people_known_to"),
        ("reveal-phone", "accounts.privacy.views.people_in_area"),
    ],
)
def test_a_page_about_people_that_forgets_fails(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch, page: str, forgetful: str
) -> None:
    role = "security_administrator" if page == "people" else "bureau_officer"
    looker, other = small.officer(role=role), small.officer(small.other_county)
    other.full_name = "示例远人"
    other.save()
    url = reverse(page, args=[] if page == "people" else [looker.pk])
    with time_machine.travel(NOW):
        client = shown_who_they_are(client_of(looker, raise_request_exception=False))
        assert client.get(url).status_code == 200
        monkeypatch.setattr(forgetful, lambda *args, **kwargs: User.objects.all())
        response = client.get(url)
    assert response.status_code == 500
    assert "示例远人" not in response.content.decode()


# ---- when a person is served --------------------------------------------------------------------


def test_a_view_that_forgets_fails_instead_of_leaking(
    filing: MonthlyFiling, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(officer, raise_request_exception=False)
    with time_machine.travel(NOW):
        assert client.get(reverse("filing-queue")).status_code == 200
        monkeypatch.setattr(
            "reports.filings.views.officer._visible", lambda request: MonthlyFiling.objects.all()
        )
        response = client.get(reverse("filing-queue"))
    assert response.status_code == 500
    assert "示例一园" not in response.content.decode()
    assert not is_serving_a_person()


def test_a_job_in_a_persons_name_serves_that_person(
    filing: MonthlyFiling, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []

    def handler(run: registry.JobRun) -> None:
        told.append(is_serving_a_person())

    kind = registry.JobKind("told", handler, 10, "default", 5.0, "")
    monkeypatch.setitem(registry._kinds, "told", kind)
    monkeypatch.setattr("accounts.jobs.runner.Heartbeat", Quiet)
    for post in (officer.acting, None):
        job = services.enqueue(
            kind="told", key=f"told:{post}", title="示例", arguments={}, requested_as=post, now=NOW
        )
        runner.run_job(job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        assert job.state == Job.State.DONE
    assert told == [True, False]


class Quiet:
    """No thread beside a test's own transaction."""

    progress = (0, 0, "")

    def __init__(self, job: Job, **kwargs: Any) -> None: ...

    def __enter__(self) -> Quiet:
        return self

    def __exit__(self, *trace: object) -> None: ...

    def report(self, *step: object) -> None: ...

    def stop(self) -> None: ...
