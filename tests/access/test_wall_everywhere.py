"""Every model, every view, every form: nothing stands beside the second wall without saying why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models

from accounts.access.scoping import ScopedQuerySet, is_scoped
from accounts.history.tracking import TRACKED
from accounts.models import Authenticator, Organisation, Region, User
from accounts.privacy.register import Entry, entries
from indicators.models import KindergartenFacts, RegionFacts
from kindergartens.models import Kindergarten
from tests.conftest import acting
from tests.small_county import SmallCounty

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def officer(small: SmallCounty) -> User:
    return acting(small.officer())


PLACES = (Kindergarten, Region)
APPS = ("config", "reports", "inspections", "indicators", "staffing", "fees", "safety",
        "kindergartens", "accounts")  # fmt: skip

# Models with a path to a kindergarten or a region that are not scoped, each with its reason.
EXEMPT: dict[str, str] = {
    "accounts.Region": "the official list of places, public",
    "accounts.Organisation": "what a scope is made from; asked before there is one",
    "accounts.StoredFile": "bytes of nobody; rights follow what they are attached to",
    "kindergartens.BirthCount": "published statistics, read for a county found within one's own",
    "kindergartens.Population": "published statistics; read as part of a region's figures",
    "kindergartens.PremisesStandard": "a clause of a published document",
    "kindergartens.EquipmentItem": "likewise",
    "kindergartens.ConstructionPlan": "likewise",
    "kindergartens.EstateRule": "likewise",
    "staffing.StaffingStandard": "likewise",
    "safety.SafetyMeasure": "likewise",
    "fees.FeeCeiling": "a published price ceiling",
    "fees.FreeYearStandard": "a published standard",
    "fees.LocalFeeItem": "a published list",
    "fees.MealFee": "a published fee",
    "fees.RefundRule": "a clause of a published document",
    "fees.MealSurplusLimit": "a clause of a published document",
    "safety.IncidentLimit": "a clause of a document",
    "fees.FundingStandard": "a published document",
    "safety.TalkThreshold": "a clause of a published document",
    "safety.AppraisalRule": "likewise",
    "indicators.AggregateReturn": "published statistics; read as part of a region's figures",
    "indicators.RecognitionSurvey": "counts of answers, nobody's own; published with the figures",
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
    assert open_doors - EXEMPT.keys() == set(), "scope these, or say in EXEMPT why not"
    assert EXEMPT.keys() - open_doors == set(), "these no longer need to be exempt"
    assert all(EXEMPT.values())


# Classes of accounts/privacy/register.toml of which no field may be read without saying whose.
PERSONAL = {"person", "identifier", "secret"}


def outside(register: Iterable[Entry]) -> set[str]:
    """Models with a personal field that a forgotten scope would read in silence."""
    personal = {entry.model for entry in register if entry.kind in PERSONAL}
    return {label for label in personal if not is_scoped(apps.get_model(label))}


def test_every_model_with_a_personal_field_is_behind_the_wall() -> None:
    """From the register of fields and not from paths to a place; here nothing is exempt."""
    personal = {entry.model for entry in entries() if entry.kind in PERSONAL}
    assert {"accounts.user", "accounts.membership", "accounts.session"} <= personal
    assert outside(entries()) == set()
    # A field of a model that is open would be found.
    opened = [replace(entry, kind="person") for entry in entries() if "region" in entry.model]
    assert "accounts.region" in outside(opened)


def test_every_copy_of_rows_is_behind_the_wall() -> None:
    assert len(TRACKED) > 15
    assert {t.event._meta.label for t in TRACKED.values() if not is_scoped(t.event)} == set()


def test_keys_at_the_second_factor_are_behind_the_wall() -> None:
    """The register leaves out what is another package's table; its one door is this proxy."""
    assert is_scoped(Authenticator)


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


# Who gives a reason to read copies of rows: by keys of rows found within the person's scope.
READ_HISTORY = {
    "fees/selectors.py": "what the public schedule of one kindergarten in hand, or a line, once said",
    "accounts/history": "sentences about the subjects a view hands over; audit without values",
    "kindergartens/population/selectors.py": "keys of the population of one region in hand",
    "kindergartens/selectors.py": "keys of the dated status of one kindergarten in hand",
    "reports/dashboards/selectors.py": "keys of the targets of policies in hand",
}
COPY = re.compile(
    r"TRACKED\[|\.event\._(?:default|base)|\.copies\("
    r"|\.changes\.(?:all|filter|first|last|count|exists|order_by)\b"
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
