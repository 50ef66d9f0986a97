"""Every route × every role × the status to expect, by the table in tests/access/routes.

A route that is missing there fails the run. People of another county meet 404 for every object,
as if it did not exist; people without the permission meet 403 before anything is looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.access.routes import BY_ROUTE, CASES, ROLES, Case, World
from tests.access.undoing import Undo
from tests.signing_in import shown_who_they_are
from tests.small_county import NOW, SmallCounty


def routes() -> Iterator[str]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name or str(pattern.pattern)

    yield from walk(get_resolver().url_patterns)


def test_every_route_is_in_the_table_once() -> None:
    """Once for each method it answers: the matrix asks whether all others meet 405."""
    assert sorted(routes()) == sorted(BY_ROUTE)
    assert {row: n for row, n in Counter(map(str, CASES)).items() if n > 1} == {}


@pytest.fixture
def world(small: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # Nobody listens to the bell here, and it need not be waited for.
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield World(small)


def call(world: World, case: Case, user: User | None) -> int:
    client = Client()
    if user is not None:
        client.force_login(user)
        if case.fresh:
            shown_who_they_are(client)
    url = reverse(case.route, args=case.args(world))
    response = getattr(client, case.method)(url, case.data(world))
    return response.status_code


@pytest.mark.parametrize("case", CASES, ids=str)
def test_who_meets_what(world: World, case: Case) -> None:
    met = {role: undone(world, case, world.people[role]) for role in ROLES}
    assert met == {
        role: case.except_for.get(role, case.status) if role in case.allowed else 403
        for role in ROLES
    }
    # The city officer sees both counties; the system administrator has no area.
    abroad = {
        role: undone(world, case, world.strangers[role])
        for role in ROLES
        if role not in {"system_administrator", "city_officer"}
    }
    assert abroad == {role: case.abroad(role) for role in abroad}
    assert call(world, case, None) == ((case.anonymous or 200) if case.public else 302)


def undone(world: World, case: Case, user: User) -> int:
    """Call in a savepoint, so that one role's effect is not the next one's state."""
    status = 0
    with suppress(Undo), transaction.atomic():
        status = call(world, case, user)
        raise Undo
    return status
