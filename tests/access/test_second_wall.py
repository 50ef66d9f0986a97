"""The second wall: a scoped query that forgot whose rows it reads raises while a person is served."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django import forms
from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.urls import reverse

from accounts.access.scoping import (
    ScopedQuerySet,
    UnscopedAccess,
    is_scoped,
    is_serving_a_person,
    serving_a_person,
)
from accounts.history.tracking import TRACKED
from accounts.jobs import registry, runner, services
from accounts.models import Job, Organisation, Region, User
from indicators.models import KindergartenFacts, RegionFacts
from kindergartens.models import ClassCount, FilingVersion, Kindergarten, MonthlyFiling
from staffing.models import StaffCount
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

ROOT = Path(__file__).resolve().parents[2]


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


# ---- every model, every view, every form ----------------------------------------------------------

PLACES = (Kindergarten, Region)
APPS = ("config", "reports", "inspections", "indicators", "staffing", "fees", "safety",
        "kindergartens", "accounts")  # fmt: skip

# Models with a path to a kindergarten or a region that are not scoped, each with its reason.
EXEMPT: dict[str, str] = {
    "accounts.Region": "the official list of places, public",
    "accounts.Organisation": "what a scope is made from; asked before there is one",
    "accounts.Membership": "likewise: whose post it is decides what is seen",
    "accounts.AccountEvent": "read as part of an account the person was found to look after",
    "accounts.StoredFile": "bytes of nobody; rights follow what they are attached to",
    "kindergartens.BirthCount": "published statistics, read for a county found within one's own",
    "kindergartens.Population": "published statistics; read as part of a region's figures",
    "kindergartens.Group": "a county's public pairing of towns; printed beside its figures",
    "kindergartens.GroupMember": "likewise",
    "kindergartens.PremisesStandard": "a clause of a published document",
    "kindergartens.EquipmentItem": "likewise",
    "kindergartens.ConstructionPlan": "likewise",
    "kindergartens.EstateRule": "likewise",
    "fees.FeeCeiling": "a published price ceiling",
    "indicators.Policy": "a published document",
    "indicators.Target": "a clause of a published document",
}


def own_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in APPS]


def leads_to_a_place(model: type[models.Model], seen: frozenset[type] = frozenset()) -> bool:
    if model in PLACES:
        return True
    targets = {
        field.related_model
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and not field.auto_created
    }
    return any(
        leads_to_a_place(target, seen | {model})
        for target in targets - seen - {model}
        if isinstance(target, type)
    )


def test_every_model_with_a_path_to_a_place_is_scoped_or_says_why_not() -> None:
    reaching = {m for m in own_models() if leads_to_a_place(m)}
    assert len(reaching) > 15
    open_doors = {m._meta.label for m in reaching if not is_scoped(m)}
    # Copies in history are read for rows in hand only: see the test below.
    open_doors -= {tracked.event._meta.label for tracked in TRACKED.values()}
    assert open_doors - EXEMPT.keys() == set(), "scope these, or say in EXEMPT why not"
    assert EXEMPT.keys() - open_doors == set(), "these no longer need to be exempt"
    assert all(EXEMPT.values())


def test_every_scoped_model_has_a_rule_of_its_own(officer: User) -> None:
    for model in own_models():
        if is_scoped(model):
            assert isinstance(model._default_manager.visible_to(officer), ScopedQuerySet)


def view_files() -> list[Path]:
    found = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if path.stem == "views" or "views" in path.relative_to(ROOT).parts[:-1]
    ]
    assert len(found) > 5
    return found


def test_views_reach_scoped_rows_only_through_the_person() -> None:
    """`Model.objects` in a view is followed by `.visible_to(`; a view gives no reasons."""
    scoped = {model.__name__ for model in own_models() if is_scoped(model)}
    wrong = []
    for path in view_files():
        tree = ast.parse(path.read_text())
        followed = {
            id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            if node.attr == "unscoped":
                wrong.append(f"{where} .unscoped")
            of = node.value
            if (
                node.attr in {"objects", "_default_manager", "_base_manager"}
                and isinstance(of, ast.Name)
                and of.id in scoped
                and followed.get(id(node)) != "visible_to"
            ):
                wrong.append(f"{where} {of.id}.{node.attr}")
    assert wrong == []


# Where copies of rows are read: by keys of rows that were found within the person's scope.
READ_HISTORY = {
    "accounts/history": "sentences about the subjects a view hands over; audit without values",
    "kindergartens/selectors.py": "keys of the dated status of one kindergarten in hand",
    "reports/dashboards/selectors.py": "keys of the targets of policies in hand",
}
COPY = re.compile(
    r"TRACKED\[|\.event\._default|\.changes\.(?:all|filter|first|last|count|exists|order_by)\b"
)


def test_copies_of_rows_are_read_by_the_history_pages_alone() -> None:
    read = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if COPY.search(path.read_text())
    }
    assert {path for path in read if not path.startswith(tuple(READ_HISTORY))} == set()
    assert all(any(path.startswith(place) for path in read) for place in READ_HISTORY)


def subclasses(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def import_everything() -> None:
    """So that no form hides in a module nobody has imported."""
    import importlib

    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if {"migrations", "local", "demo"} & set(parts) or parts[-1] in {"__init__", "wsgi"}:
                continue
            importlib.import_module(".".join(parts))


FACTORIES = ("modelformset_factory", "inlineformset_factory")


def test_no_form_and_no_formset_carries_a_primary_key() -> None:
    """CVE-2026-87975: a key in a formset lets a forged post reach rows outside its queryset."""
    import_everything()
    wrong: list[str] = []
    for form in set(subclasses(forms.BaseForm)):
        if form.__module__.split(".")[0] not in APPS:
            continue
        names = set(getattr(form, "base_fields", {}))
        model = getattr(getattr(form, "_meta", None), "model", None)
        keys = {"id", "pk"} | ({model._meta.pk.name} if model else set())
        if names & keys:
            wrong.append(f"{form.__qualname__}: {names & keys}")
        for name, field in getattr(form, "base_fields", {}).items():
            chooses = getattr(field, "queryset", None)
            if chooses is not None and is_scoped(chooses.model) and not chooses.query.is_empty():
                wrong.append(f"{form.__qualname__}.{name}: its choices are everyone's")
    wrong += [
        formset.__qualname__
        for formset in subclasses(forms.models.BaseModelFormSet)
        if formset.__module__.split(".")[0] in APPS
    ]
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            wrong += [f"{path.relative_to(ROOT)}: {name}" for name in FACTORIES if name in text]
    assert wrong == []


def test_the_search_for_forms_finds_those_there_are() -> None:
    import_everything()
    ours = {f.__name__ for f in subclasses(forms.BaseForm) if f.__module__.split(".")[0] in APPS}
    assert {"PrintForm", "SignInForm"} <= ours


def test_the_names_used_above_are_models() -> None:
    assert is_scoped(KindergartenFacts)
    assert is_scoped(RegionFacts)
    assert not is_scoped(Organisation)
