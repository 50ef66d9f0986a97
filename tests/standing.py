"""A world built once for a whole file, and a copy of it for each of the file's tests.

Building one writes several hundred rows; a file with a test for each route builds it once this way.
What a test changes in the database is rolled back to the built world, and what it changes in the
objects is its copy's alone. The world is one open transaction: a file with a test that commits is
refused.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from tests.acting_role import become
from tests.small_county import NOW, SmallCounty

if TYPE_CHECKING:
    from tests.access.routes import World


Built = TypeVar("Built")


@pytest.fixture(scope="module")
def built_world(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[World]:
    # Here, because the parts of the table are written with what conftest offers.
    from tests.access.routes import World

    with standing(request, django_db_blocker, lambda: World(SmallCounty())) as built:
        yield built


@contextmanager
def standing(
    request: pytest.FixtureRequest, blocker: Any, build: Callable[[], Built]
) -> Iterator[Built]:
    """Built by the application's role, as a test of its own would build it."""
    beside = [item for item in request.session.items if item.path == request.path]
    assert not [item.name for item in beside if commits(item)], "tests that commit: a file apart"
    with blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            # A file to be written may keep the tests from asking for longer than people may.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        become(settings.APPLICATION.role)
        with time_machine.travel(NOW, tick=True):
            built = build()
        become(None)
        yield built
        transaction.set_rollback(True)


def commits(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("django_db")
    return "transactional_db" in getattr(item, "fixturenames", ()) or bool(
        marked and marked.kwargs.get("transaction")
    )


@pytest.fixture
def world(built_world: World, db: None, monkeypatch: Any) -> Iterator[World]:
    """Every role in one county and a second county beside, at NOW; nobody listens to the bell."""
    monkeypatch.setattr("accounts.jobs.bell.ring", lambda *args, **kwargs: None)
    with time_machine.travel(NOW, tick=True):
        yield copy.deepcopy(built_world)
