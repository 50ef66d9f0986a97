from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as portal
from django.db import connection, transaction
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from accounts.access.roles import RoleCode
from accounts.jobs import bell, services
from accounts.models import Job, Membership, Organisation, Region, User
from config.local import process
from config.local.valkey import PROGRAM, Valkey
from tests.accounts.jobs import handlers
from tests.acting_role import as_owner
from tests.conftest import test_database_url, without_owner

ROOT = Path(__file__).resolve().parents[3]
assert handlers.quick  # registers the kinds in this process too


@dataclass
class People:
    officer: User
    colleague: User
    system: User
    director: User


@pytest.fixture
def people(db: None) -> People:
    province = Region.objects.create(code="650000", name="示例省", level=1, is_active=True)
    county = Region.objects.create(
        code="654321", name="示例县", level=3, parent=province, province=province, is_active=True
    )
    bureau = Organisation.objects.create(
        name="示例县教育局", kind=Organisation.Kind.BUREAU, region=county
    )

    def person(username: str, role: RoleCode) -> User:
        user = User.objects.create(username=username, full_name=f"示例{username}")
        user.acting = Membership.objects.create(
            user=user, organisation=bureau, role=role, valid_from=dt.date(2020, 1, 1)
        )
        return user

    return People(
        officer=person("officer", RoleCode.BUREAU_OFFICER),
        colleague=person("colleague", RoleCode.BUREAU_OFFICER),
        system=person("system", RoleCode.SYSTEM_ADMINISTRATOR),
        director=person("director", RoleCode.DIRECTOR),
    )


@pytest.fixture(autouse=True)
def fresh_breaker() -> Iterator[None]:
    bell._Breaker.quiet_until = 0.0
    yield
    bell._Breaker.quiet_until = 0.0


Queue = Callable[..., Job]


@pytest.fixture
def queue() -> Queue:
    """Enqueue a job in a transaction of its own, by default a minute ago."""

    def enqueue(
        kind: str = "test-quick",
        *,
        key: str | None = None,
        requested_as: Membership | None = None,
        county: Region | None = None,
        **arguments: Any,
    ) -> Job:
        with transaction.atomic():
            return services.enqueue(
                kind=kind,
                key=key or f"{kind}:{uuid.uuid4()}",
                title="示例任务",
                arguments=arguments,
                requested_as=requested_as,
                county=county,
                now=timezone.now() - dt.timedelta(minutes=1),
            )

    return enqueue


@pytest.fixture
def effects(transactional_db: None) -> Iterator[Callable[[], list[uuid.UUID]]]:
    """The jobs whose effects are committed, one entry per effect."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE job_effects (job uuid NOT NULL, note text NOT NULL)")
        cursor.execute(f'GRANT SELECT, INSERT ON job_effects TO "{portal.APPLICATION.role}"')

    def read() -> list[uuid.UUID]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT job FROM job_effects ORDER BY job")
            return [row[0] for row in cursor.fetchall()]

    yield read
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE job_effects")


@pytest.fixture
def no_broker(settings: Any) -> None:
    """Nobody listens where the broker should be."""
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{process.free_port()}/0"


class Broker:
    """A Valkey that forgets everything when it is killed."""

    def __init__(self, directory: Path) -> None:
        self.server = Valkey(directory, password="for-tests-only", durable=False)
        self.port = self.server.start(None)

    @property
    def url(self) -> str:
        return self.server.url

    def signal(self, signum: int) -> None:
        pid = self.server._noted()[0]
        assert pid is not None
        os.kill(pid, signum)
        if signum == signal.SIGKILL:
            assert process.wait_until_gone(pid, PROGRAM, seconds=5)

    def come_back(self) -> None:
        self.server.start(self.port)
        assert self.server.port == self.port


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.server.stop()


class Workers:
    """A real Celery worker with two processes, and the sweeper's clock."""

    def __init__(self, broker: Broker, log: Path) -> None:
        self.broker = broker
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environ = {
            **without_owner(os.environ),
            "DATABASE_URL": test_database_url(),
            "REDIS_URL": self.broker.url,
            "DEBUG": "1",
        }
        with self.log.open("ab") as log:
            self.process = process.spawn(
                [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=2",
                 "--without-gossip", "--without-mingle", "--loglevel=INFO",
                 "-I", "tests.accounts.jobs.handlers"],
                account=None,
                cwd=ROOT,
                log=log,
                parent_death_signal=signal.SIGKILL,
                environ=environ,
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9 for the worker and all its children, which share a process group."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def sweep(self) -> None:
        """What beat does every ten seconds. The broker may be away."""
        try:
            with Connection(self.broker.url, transport_options={"max_retries": 0,
                            "socket_timeout": 1, "socket_connect_timeout": 1}) as link:  # fmt: skip
                current_app.send_task(
                    "accounts.jobs.sweep", connection=link, retry=False, expires=10
                )
        except OperationalError:
            pass

    def wait(self, until: Callable[[], object], *, seconds: float = 40) -> None:
        """Sweep until it is so; fails with the worker's log when it never is."""
        deadline = time.monotonic() + seconds
        next_sweep = 0.0
        while not until():
            if time.monotonic() > deadline:
                states = list(Job.objects.values_list("kind", "state", "deliveries", "error"))
                log = self.log.read_text(errors="replace")[-4000:]
                pytest.fail(f"not within {seconds} s; jobs: {states}\n{log}")
            if time.monotonic() > next_sweep:
                self.sweep()
                next_sweep = time.monotonic() + 0.7
            time.sleep(0.05)

    def wait_until_over(self, *jobs: Job, seconds: float = 40) -> None:
        keys = [job.pk for job in jobs]
        ended = [Job.State.DONE, Job.State.FAILED, Job.State.DEAD]
        self.wait(
            lambda: Job.objects.filter(pk__in=keys, state__in=ended).count() == len(keys),
            seconds=seconds,
        )


@pytest.fixture(scope="module")
def shared_workers(
    broker: Broker, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workers]:
    workers = Workers(broker, tmp_path_factory.mktemp("worker") / "worker.log")
    yield workers
    workers.kill()


@pytest.fixture
def workers(
    shared_workers: Workers, effects: object, broker: Broker, settings: Any
) -> Iterator[Workers]:
    """Running, on this test's database; nothing of another test is left in the queue."""
    settings.CELERY_BROKER_URL = broker.url
    if shared_workers.process is None:
        shared_workers.start()
    yield shared_workers
    still = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    if still.exists():
        # A test that failed midway: its jobs must not run into the next one.
        shared_workers.kill()
        with as_owner():
            still.delete()
