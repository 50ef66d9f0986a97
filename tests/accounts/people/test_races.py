"""Two at once: the second waits for the first and then finds it done.

Each race is also run with its lock taken off, and then goes wrong: that shows that the test would
notice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import AccessRecord, ExportRequest, Membership
from accounts.people.policies import AccountRefused
from accounts.people.resources import PEOPLE
from accounts.people.services import deputies
from accounts.releases import services
from accounts.releases.rules import PERSONS_A_DAY
from tests.accounts.people.conftest import DAY, TODAY, Bureau
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene(transactional_db: None) -> Bureau:
    bureau = Bureau(SmallCounty())
    for _ in range(49 - PEOPLE.count(bureau.security, {}, NOW)):
        bureau.small.person("示例资料员", bureau.kindergarten, "kindergarten_clerk")
    return bureau


@pytest.fixture(params=["locked", "lock off"])
def locked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param == "lock off":
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self.all())
    return request.param == "locked"


def race(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Run both; the first commits only once the second waits for it or has ended.

    Returns what each gave, or the exception it raised.
    """
    outcomes: dict[str, Any] = {}
    began = threading.Event()
    second_pid: list[int] = []

    def run_second() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                second_pid.append(cursor.fetchone()[0])
            began.set()
            outcomes["second"] = second()
        except Exception as failure:  # noqa: BLE001 - the test looks at it
            outcomes["second"] = failure
        finally:
            began.set()
            connection.close()

    other = threading.Thread(target=run_second)
    with transaction.atomic():
        outcomes["first"] = first()
        other.start()
        assert began.wait(30)
        until = time.monotonic() + 30
        while other.is_alive() and not _waits(second_pid[0]) and time.monotonic() < until:
            time.sleep(0.02)
    other.join(30)
    assert not other.is_alive()
    return outcomes["first"], outcomes["second"]


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])


def test_two_small_files_at_once_share_the_days_quota(scene: Bureau, locked: bool) -> None:
    def export() -> Any:
        return services.export_now(
            kind=PEOPLE, filters={}, ending="xlsx", by=scene.security, now=NOW
        )

    export()
    _, second = race(export, export)
    if locked:
        assert isinstance(second, services.ApprovalNeeded)
        assert services.persons_today(scene.security, NOW) == 98
    else:
        assert services.persons_today(scene.security, NOW) == 147


def test_two_looks_at_once_share_it_too(scene: Bureau, locked: bool) -> None:
    def look() -> Any:
        return services.look_at_one(target=scene.clerk, reason="核实", by=scene.security, now=NOW)

    for _ in range(PERSONS_A_DAY - 1):
        look()
    _, second = race(look, look)
    assert isinstance(second, services.QuotaUsed) is locked
    assert services.persons_today(scene.security, NOW) == PERSONS_A_DAY + (0 if locked else 1)


def test_an_approval_is_used_once_by_two_clicks(scene: Bureau, locked: bool) -> None:
    asked = services.ask_to_export(
        kind=PEOPLE, filters={}, ending="xlsx", reason="核对", by=scene.security, now=NOW
    )
    services.decide(request_id=asked.pk, approve=True, reason="", by=scene.leader, now=NOW)

    def use() -> Any:
        return services.use_approval(request_id=asked.pk, kind=PEOPLE, by=scene.security, now=NOW)

    _, second = race(use, use)
    # With the lock a plain word; without it the database still refuses the second use.
    assert isinstance(second, services.ExportRefused) is locked
    assert isinstance(second, Exception)
    assert AccessRecord.objects.filter(action="export").count() == 1
    assert ExportRequest.objects.get().state == "used"


def test_a_request_is_granted_once_by_two_officers(scene: Bureau, locked: bool) -> None:
    other = scene.office("bureau_officer")
    asked = scene.ask()
    _, second = race(lambda: scene.approve(asked), lambda: scene.approve(asked, by=other))
    assert isinstance(second, AccountRefused)
    assert ("不用再办" in str(second)) is locked
    assert Membership.objects.filter(user__username="newcomer").count() == 1


def test_two_deputies_named_at_once_for_one_day(scene: Bureau, locked: bool) -> None:
    colleagues = [scene.clerk, scene.person("kindergarten_clerk", scene.kindergarten)]

    def name(number: int) -> Callable[[], Any]:
        return lambda: deputies.name_deputy(
            colleague_id=colleagues[number].pk, first=TODAY, last=TODAY + DAY, reason="外出",
            by=scene.director, now=NOW, today=TODAY,
        )  # fmt: skip

    _, second = race(name(0), name(1))
    named = Membership.objects.filter(deputises_for__isnull=False).count()
    # With the lock a plain word; without it the database still refuses the second one.
    assert isinstance(second, AccountRefused) is locked
    assert isinstance(second, Exception)
    assert named == 1
