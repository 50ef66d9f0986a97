"""Posts that say more than the form asks, and headers that a browser did not send."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from typing import Any

import pytest
from django.db import models, transaction
from django.http import HttpResponse
from django.urls import reverse

from accounts.models import User
from kindergartens.models import MonthlyFiling
from kindergartens.search.filters import FILTERS
from tests.access.canary.asking import foreign_keys
from tests.access.canary.planting import own_models
from tests.access.canary.world import Tenant
from tests.access.routes import CASES, ROLES, Case, World
from tests.access.tampering.stored import everything_stored, rewind_keys
from tests.access.undoing import Undo
from tests.signing_in import client_of, shown_who_they_are

# Fields that a route takes though the table's `data` leaves them out.
TAKES: dict[str, set[str]] = {
    # Accepting with a reason written is refused: the reason would be lost.
    "filing-accept": {"reason"},
    # Whether the page that was read showed an accepted return.
    "filing-return": {"accepted", "not_waiting"},
    # Those that are ticked, all in the conditions, and what is written beside.
    "filing-urge": {"code", "who", "note"},
    # Every return that is ticked.
    "filings-accept": {"return"},
    "login": {"username", "password", "next"},
    # Whether an account is asked for, or a further post of one that is there.
    "account-request-new": {"adds_post"},
    # The list that is asked for is the one that was looked at, with its filters.
    "export-ask": {"organisation", "role", "state"},
    # What the officer says to the person who asked.
    "export-decide": {"reason"},
    # What the leader writes beside the decision, and the list's conditions kept with a view.
    "estate-operator-decide": {"note"},
    "premises-count-decide": {"note"},
    "procedure-act": {"reason"},
    "saved-view-save": {
        *("columns", "shared", "q", "region", "inspector", "group", "box", "sort"),
        *(listed.name for listed in FILTERS),
    },
}
# So much is more than the route reads at all: refused for its size, before it is looked at.
TOO_MUCH = {"csp-report": 413}
POSTS = [case for case in CASES if case.method == "post"]


def every_field(other: Tenant) -> dict[str, Any]:
    """A value for each field of each model, taken from another tenant wherever it is a key."""
    keys = foreign_keys(other)
    values: dict[str, Any] = {}
    for model in own_models():
        for field in model._meta.concrete_fields:
            value = keys.get(field.name, keys["pk"] if field.is_relation else _forged(field))
            values |= {field.name: value, field.attname: value}
    return values | keys | {
        "is_staff": "1", "is_superuser": "1", "approved_by": keys["user"], "score": "100",
        "by": keys["user"], "done_as": keys["membership"], "acting": keys["membership"],
        "_method": "DELETE", "__proto__": "1",
    }  # fmt: skip


def _forged(field: models.Field) -> str:
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "1"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01T00:00:00+08:00"
    if isinstance(field, models.DateField):
        return "2020-01-01"
    return "999"


def after_posting(world: World, case: Case, user: User, data: dict[str, Any]) -> Any:
    left: Any = None
    rewind_keys()
    with suppress(Undo), transaction.atomic():
        client = client_of(user)
        if case.fresh:
            shown_who_they_are(client)
        response = client.post(reverse(case.route, args=case.args(world)), data)
        left = response.status_code, everything_stored()
        raise Undo
    return left


def some_of(case: Case) -> list[str]:
    """Two of those who may, by a fixed draw: what a form takes hangs on the form."""
    roles = sorted(case.allowed)
    return random.Random(str(case)).sample(roles, min(2, len(roles)))


def offered_by(world: World, case: Case, user: User) -> set[str]:
    """Names of the fields that the page of the form asks the person for, where it has a page."""
    page = next((row for row in CASES if row.route == case.route and row.method == "get"), None)
    names: set[str] = set()
    if page is None:
        return names
    with suppress(Undo), transaction.atomic():
        client = client_of(user)
        if page.fresh:
            shown_who_they_are(client)
        shown = client.get(reverse(page.route, args=page.args(world)), page.data(world))
        if shown.status_code == 200:
            names |= set(re.findall(r'name="([^"]+)"', shown.content.decode()))
        raise Undo
    return names


@pytest.mark.parametrize("case", POSTS, ids=str)
def test_fields_nobody_asked_for_change_nothing(world: World, case: Case) -> None:
    small = world.small
    other = small.kindergarten(small.town("他镇", county=small.other_county), "他园")
    strange = World.__new__(World)
    strange.__dict__ |= world.__dict__ | {
        "kindergarten": other,
        "filing": small.file(other, 22, state="submitted"),
        "people": world.strangers,
    }
    every = every_field(Tenant("B", strange))
    for role in some_of(case):
        offered = {*TAKES.get(case.route, ()), *offered_by(world, case, world.people[role])}
        extra = {name: value for name, value in every.items() if name not in offered}
        # Made anew for each: a file that was sent has been read to its end.
        plain = after_posting(world, case, world.people[role], case.data(world))
        forged = after_posting(world, case, world.people[role], {**extra, **case.data(world)})
        assert forged[0] == TOO_MUCH.get(case.route, plain[0]), role
        assert plain[1] == forged[1], role


def test_the_comparison_sees_a_single_changed_field(world: World) -> None:
    filing = world.filing
    before = everything_stored()
    MonthlyFiling.objects.filter(pk=filing.pk).update(revision=2)
    assert everything_stored() != before


def test_htmx_headers_open_nothing(world: World) -> None:
    forged = {
        "HX-Request": "true", "HX-Boosted": "true", "HX-Target": "main",
        "HX-History-Restore-Request": "true", "HX-Current-URL": "http://testserver/admin/",
    }  # fmt: skip
    for case in CASES:
        if case.method != "get":
            continue
        # Two by a fixed draw: the matrix asks everybody, here only the headers differ.
        for role in random.Random(case.route).sample(sorted(ROLES), 2):
            client = client_of(world.strangers[role])
            url = reverse(case.route, args=case.args(world))
            plain, asked = client.get(url), client.get(url, headers=forged)
            assert status(plain) == status(asked), (case.route, role)


def status(response: HttpResponse) -> int:
    """To htmx a redirection of the whole page is said in a header."""
    return 302 if response.headers.get("HX-Redirect") else response.status_code
