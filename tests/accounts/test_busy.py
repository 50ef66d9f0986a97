"""What people read when the database let go of their page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from accounts.models import Job
from config.local import process
from tests.small_county import NOW, SmallCounty


@pytest.fixture
def elsewhere(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """Another connection to this test's database."""
    other = connections["default"].copy()
    yield other
    other.close()


@pytest.fixture
def impatient(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """The page's connection gives up soon, for the reason named."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        cursor.execute(f"SET {request.param} = 200")
    yield
    connection.close()


@pytest.mark.parametrize("impatient", ["lock_timeout", "statement_timeout"], indirect=True)
def test_a_page_that_waits_too_long_asks_to_try_again(
    small: SmallCounty, impatient: None, elsewhere: BaseDatabaseWrapper
) -> None:
    officer = small.officer()
    job = Job.objects.create(
        kind="recompute-figures", key="k", title="重算", requested_as=officer.memberships.get(),
        queued_at=NOW, state="failed", finished_at=NOW,
    )  # fmt: skip
    client = Client()
    client.force_login(officer)
    elsewhere.set_autocommit(False)
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_job WHERE id = %s FOR UPDATE", [job.pk])
    with time_machine.travel(NOW, tick=True):
        response = client.post(reverse("job-retry", args=[job.pk]))
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        page = response.content.decode()
        assert "系统正忙" in page
        assert "再试一次" in page
        assert response["X-Request-ID"] in page
        elsewhere.rollback()
        assert client.post(reverse("job-retry", args=[job.pk])).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_without_a_database_every_page_says_so(small: SmallCounty) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(small.officer())
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = process.free_port()
    try:
        for route in ("dashboard", "login", "health"):
            response = client.get(reverse(route))
            assert response.status_code == 503, route
            assert "再试一次" in response.content.decode()
    finally:
        connection.settings_dict["PORT"] = port
        connection.close()
    with time_machine.travel(NOW, tick=True):
        assert client.get(reverse("jobs")).status_code == 200


def test_another_fault_is_no_busy_database(small: SmallCounty, monkeypatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(small.officer())

    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("accounts.jobs.views.present", broken)
    small_job = {"kind": "k", "key": "k", "title": "重算", "queued_at": NOW, "county": small.county}
    Job.objects.create(**small_job)
    with time_machine.travel(NOW, tick=True):
        assert client.get(reverse("jobs")).status_code == 500
