"""What each person receives is searched for marks planted in everyone's rows (security F1, AC-03)."""

from __future__ import annotations

import pytest
from django.db import models

from accounts.models import Job
from indicators.models import KindergartenFacts, RegionFacts
from kindergartens.models import Kindergarten, MonthlyFiling
from reports.documents.models import PrintedDocument
from tests.access.canary import asking
from tests.access.canary.asking import Asker, Leaks, askers, by_role, sweep
from tests.access.canary.planting import (
    JSON,
    LEFT_ALONE,
    PUBLIC,
    is_left_alone,
    is_public,
    own_models,
    text_fields,
)
from tests.access.canary.world import Planted
from tests.access.routes import CASES, ROLES

# Within the planted world's transaction: each test is undone by itself.
pytestmark = pytest.mark.django_db

# Never fewer; raise a number when rows are added to the table of routes.
AT_LEAST = {"plain": 3_500, "query": 650, "body": 550}


@pytest.fixture(scope="module")
def people(planted: Planted) -> dict[str, Asker]:
    return askers(planted)


def check(leaks: Leaks, kind: str) -> None:
    print(f"canary, {kind}: {leaks.asked} cases, {dict(leaks.statuses)}, {len(leaks.seen)} marks")
    assert not leaks.broken, leaks.told()
    assert not leaks.found, leaks.told()
    assert leaks.asked >= AT_LEAST[kind]


def test_nobody_receives_what_is_not_theirs(planted: Planted, people: dict[str, Asker]) -> None:
    """Every row of the table × one in two of those who may, at other addresses than the own county's
    first: there the matrix searches the answer to everybody. Forged paths are among them.
    """
    home = planted.tenants[0]
    asks = asking.plain(planted)
    elsewhere = [ask for ask in asks if ask.tenant is not home or ask.state != "submitted"]
    # The three counties are alike: one's people ask everything, the others' what is this one's.
    strangers = {name: asker for name, asker in people.items() if name.startswith(("B:", "C:"))}
    natives = {name: asker for name, asker in people.items() if name not in strangers}
    leaks = sweep(planted, natives, elsewhere, Leaks(), share=by_role(1, one_in=2))
    far = {name: asker for name, asker in strangers.items() if name.startswith("C:")}
    sweep(planted, far, [ask for ask in asks if ask.tenant is home], leaks, share=by_role(1))
    check(leaks, "plain")
    # The pages were really there to be searched.
    assert leaks.statuses[200] > 500
    assert len(leaks.seen) > 200


def of_first_county(people: dict[str, Asker], *roles: str) -> dict[str, Asker]:
    return {name: people[name] for name in (f"A:{role}" for role in roles)}


def test_a_forged_query_shows_no_more(planted: Planted, people: dict[str, Asker]) -> None:
    """Filters, sorts, searches, pages past the end, and everyone's keys; htmx headers (T02)."""
    some = of_first_county(
        people, "bureau_officer", "inspector", "town_officer", "city_officer",
        "department_officer", "director", "system_administrator",
    )  # fmt: skip
    asks = list(asking.with_forged_query(planted, planted.tenants[0]))
    # Seven people draw for themselves: of a row most ways of asking are met by somebody.
    leaks = sweep(planted, some, asks, Leaks(), share=by_role(1), first=False)
    check(leaks, "query")
    assert leaks.statuses[200] > 300


def test_a_forged_body_moves_and_shows_no_more(planted: Planted, people: dict[str, Asker]) -> None:
    """Other tenants' keys in every field of every form (T03, T06)."""
    some = of_first_county(people, *ROLES) | {"B:director": people["B:director"]}
    asks = list(asking.with_forged_body(planted, planted.tenants[0]))
    check(sweep(planted, some, asks, Leaks(), share=by_role(1), first=False), "body")


# ---- the oracle itself --------------------------------------------------------------------------

LEAKING: dict[type[models.Model], str] = {
    Kindergarten: "kindergarten",
    MonthlyFiling: "filing",
    PrintedDocument: "document",
    Job: "job",
}
BY_ROUTE = {
    "kindergarten": {"kindergarten-list", "kindergarten-export", "kindergarten-detail"},
    "filing": {"filing-queue", "filing-review", "filing-version"},
    "document": {"documents"},
    "job": {"jobs", "job-progress"},
}


@pytest.mark.parametrize("model", LEAKING, ids=lambda model: model.__name__)
def test_the_oracle_finds_a_visible_to_that_shows_everything(
    planted: Planted,
    people: dict[str, Asker],
    monkeypatch: pytest.MonkeyPatch,
    model: type[models.Model],
) -> None:
    routes = BY_ROUTE[LEAKING[model]]
    asks = asking.plain(planted, lambda case: case.route in routes)
    some = of_first_county(people, "bureau_officer", "inspector", "director", "town_officer")
    assert not sweep(planted, some, asks, Leaks()).found
    rows = type(model._default_manager.all())
    monkeypatch.setattr(rows, "visible_to", lambda self, user: self.unscoped("a leak, on purpose"))
    monkeypatch.setattr(
        type(model._default_manager),
        "visible_to",
        lambda self, user: self.get_queryset().unscoped("a leak, on purpose"),
    )
    leaks = sweep(planted, some, asks, Leaks())
    assert leaks.found
    # Rows of the model itself, or of what hangs on it.
    assert leaks.models() & {model._meta.label, "kindergartens.ClassCount", "accounts.User"}


def test_the_oracle_finds_a_region_that_is_not_checked(
    planted: Planted, people: dict[str, Asker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures are read by region: a page that forgets to ask whose it is shows sums and names."""
    monkeypatch.setattr("accounts.models.Region.contains", lambda self, other: True)
    routes = {"dashboard-region", "dashboard-export", "figure-explain", "figure-export"}
    asks = asking.plain(planted, lambda case: case.route in routes)
    some = of_first_county(people, "bureau_officer", "town_officer", "department_officer")
    leaks = sweep(planted, some, asks, Leaks())
    assert {RegionFacts._meta.label, KindergartenFacts._meta.label} <= leaks.models()


def test_every_text_of_every_model_is_planted_or_says_why_not(planted: Planted) -> None:
    fields = {
        f"{model._meta.label}.{one.name}": is_left_alone(model, one.name)
        for model in own_models()
        if not is_public(model)
        for one in text_fields(model)
    }
    missing = {name for name, left in fields.items() if not left} - planted.marks.planted.keys()
    # Then give every tenant a row in tests/access/canary/rows.
    assert missing == set(), "no row of these was there to be planted"
    assert LEFT_ALONE.keys() <= fields.keys(), "these are no texts any more"
    assert JSON.keys() <= fields.keys()
    known = {model._meta.label for model in own_models()}
    assert PUBLIC.keys() <= known


def test_every_tenant_has_marks_in_every_scoped_model(planted: Planted) -> None:
    places = {
        tenant.letter: {r.pk for r in tenant.world.small.county.children.all()}
        | {tenant.world.small.county.pk}
        for tenant in planted.tenants
    }
    for label in ("kindergartens.Kindergarten", "kindergartens.ClassCount",
                  "kindergartens.MonthlyFiling", "kindergartens.FilingEvent",
                  "reports.PrintedDocument", "kindergartens.Group"):  # fmt: skip
        owners = [owner for owner in planted.marks.words.values() if owner.model == label]
        for letter, own in places.items():
            assert any(owner.place in own for owner in owners), (label, letter)


def test_the_whole_table_is_asked(planted: Planted) -> None:
    asked = {ask.case.route for ask in asking.plain(planted)}
    assert asked == {case.route for case in CASES}
