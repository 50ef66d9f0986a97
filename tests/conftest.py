"""What every test may ask for: a small prefecture, people who act in their post, a worker."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from accounts.access.acting import choose_membership
from accounts.models import Job, User
from tests.acting_role import become
from tests.browser import browser
from tests.emptying import delete_rows
from tests.small_county import NOW, SmallCounty
from tests.standing import built_world, world

__all__ = ["browser", "built_world", "world"]

# Two busy cores make single examples slow; that says nothing about the code.
hypothesis.settings.register_profile(
    "portal", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("portal")

ROOT = Path(__file__).resolve().parent.parent


# A folder whose tests share one long beginning: never divided, nothing else run in between.
TOGETHER = ("tests/demo/loaded/",)
# Long ones begin first: one that comes last would keep one core busy while the other waits.
LONG = (
    *TOGETHER,
    "tests/access/canary/test_canary.py",
    "tests/access/test_matrix.py",
    "tests/access/tampering/test_forged.py",
    "tests/hardening/test_scripts_in_text.py",
    "tests/hardening/test_forged_requests.py",
    "tests/accounts/sign_in/test_second_factor.py",
)


# New objects between two looks for garbage: a page makes thousands.
SELDOM = 10_000


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end; no test's time goes into looking for garbage in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)


def begun_with(nodeid: str) -> str:
    """The file of a test, or the folder it shares its beginning with."""
    file = nodeid.split("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the shuffle, the long ones come to the front, each still in its shuffled order."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(begun_with(item.nodeid), len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files, as `--dist loadfile` does, and what is kept together as one."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return begun_with(nodeid)

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """Tests that commit are many; see tests/emptying.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", delete_rows)
        yield


@pytest.fixture(autouse=True)
def as_application(request: pytest.FixtureRequest) -> Iterator[None]:
    """Act as the application's role, in the middle of the test's own transaction.

    Only tests marked `as_owner` have the owner's rights, to do what the portal never does.
    """
    uses_database = {"db", "transactional_db"} & {*request.fixturenames}
    owned = request.node.get_closest_marker("as_owner")
    if owned or not uses_database:
        yield
        return
    for name in sorted(uses_database):
        request.getfixturevalue(name)
    become(settings.APPLICATION.role)
    yield
    # In a transaction that failed nothing can be said; rolling it back forgets the role as well.
    if connection.connection is not None and not connection.needs_rollback:
        become(None)


@pytest.fixture
def small(db: None) -> SmallCounty:
    """One city with two counties and open periods for September and October 2026."""
    return SmallCounty()


def acting(user: User) -> User:
    """The user in the first post in force, as the middleware sets it for a request."""
    choose_membership(user, None, today=NOW.date())
    return user


@pytest.fixture
def sign_in(client: Client) -> Callable[[User], Client]:
    """A client in which the given person is signed in."""

    def signed_in(user: User) -> Client:
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on this test's database and a broker of its own number.

    It connects as the application, as in production; the tests themselves are the owner.
    """
    environ = {
        **without_owner(os.environ),
        "DATABASE_URL": test_database_url(),
        "REDIS_URL": settings.CELERY_BROKER_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    log = ROOT / ".local" / f"test-worker-{os.getpid()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "config",
                "worker",
                "-c",
                "1",
                "-Q",
                "default,print",
                "-l",
                "WARNING",
                "--without-gossip",
                "--without-mingle",
            ],
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def without_owner(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that connects as the application."""
    return {name: value for name, value in environ.items() if name != "OWNER_DATABASE_URL"}


def test_database_url() -> str:
    """Address, for the application, of the database that pytest-django made for this process."""
    base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return f"{base}/{connection.settings_dict['NAME']}"


test_database_url.__test__ = False  # type: ignore[attr-defined]


def wait_for_jobs(seconds: float = 90) -> None:
    """Until no job waits or runs; fails with what is left."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        left = list(Job.objects.filter(state__in=["queued", "running"]))
        if not left:
            return
        time.sleep(0.1)
    pytest.fail(f"jobs still open: {[(j.title, j.state, j.error) for j in left]}")
