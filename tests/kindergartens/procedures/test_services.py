"""Procedures against PostgreSQL: who does what, in which order, and what comes of it."""

from __future__ import annotations

import datetime as dt
import re
import threading
from contextlib import suppress
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.files.intake import Accepted
from accounts.models import User
from kindergartens.changes.policies import ChangeRefused
from kindergartens.models import Procedure, StatusChange
from kindergartens.procedures import owed, policies, services
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.services import Asked, deciding
from tests.conftest import acting
from tests.kindergartens.procedures.scene import DECEMBER_1, LATER, Scene, licence
from tests.signing_in import client_of
from tests.small_county import NOW, PDF, SmallCounty


def test_recognition_from_the_request_to_the_status(scene: Scene) -> None:
    procedure = scene.ask()
    assert procedure.number == "6543212026-0001"
    assert procedure.due_on == NOW.date() + dt.timedelta(days=15)
    assert procedure.documents.count() == 4
    services.send_back(
        procedure_id=procedure.pk, reason="承诺书没有盖章", by=scene.officer, now=NOW
    )
    again = services.ask_again(
        procedure_id=procedure.pk,
        asked=Asked(
            reason="示例事由", details={"until": "2029-11-30"}, effective_on=DECEMBER_1,
            files={"收费标准承诺": Accepted("新.pdf", PDF + b"new", "application/pdf")},
        ),
        by=scene.director, now=NOW,
    )  # fmt: skip
    assert (again.state, again.documents.count()) == ("asked", 5)
    checked = services.check(procedure_id=procedure.pk, reason="齐", by=scene.officer, now=NOW)
    assert checked.due_on == NOW.date() + dt.timedelta(days=42)
    done = scene.approve(procedure)
    assert (done.state, done.due_on, done.ended_at) == ("approved", None, LATER)
    row = scene.kindergarten.statuses.get(valid_from=DECEMBER_1)
    assert (row.ownership, row.counts_inclusive) == ("inclusive_private", True)
    assert (row.recognition_document, row.recognised_until) == (
        "甲教审〔2026〕1号", dt.date(2029, 11, 30),
    )  # fmt: skip
    assert procedure.number in StatusChange.objects.get().reason
    assert [event.action for event in procedure.events.all()] == [
        "asked", "returned", "asked_again", "checked", "approved",
    ]  # fmt: skip


def test_all_papers_come_with_the_request(scene: Scene) -> None:
    files = scene.files("recognition")
    files.pop("收费标准承诺")
    with pytest.raises(ProcedureRefused, match="还缺材料：收费标准承诺"):
        scene.ask(files=files)
    assert not Procedure.objects.exists()


def test_only_private_non_profit_kindergartens_are_recognised(scene: Scene) -> None:
    with pytest.raises(ProcedureRefused, match="本园是公办"):
        scene.ask(kindergarten=scene.neighbour, by=scene.officer)
    scene.kindergarten.statuses.update(for_profit=True)
    with pytest.raises(ProcedureRefused, match="第二十四条"):
        scene.ask()


def test_a_recognition_that_ends_is_renewed_in_document_and_term_only(scene: Scene) -> None:
    statuses = scene.kindergarten.statuses
    # What the bureau once decided about counting is no part of the renewal.
    statuses.update(
        ownership="inclusive_private", recognised_until=dt.date(2027, 6, 30),
        recognition_document="旧文号", counts_inclusive=True, counts_staff=False,
    )  # fmt: skip
    with pytest.raises(ProcedureRefused, match="到期前90天"):
        scene.ask()
    statuses.update(recognised_until=dt.date(2026, 10, 31))
    [ended] = owed.recognitions_ending(scene.seen, today=NOW.date())
    assert ended.kindergarten == scene.kindergarten
    scene.approve(scene.checked())
    change = StatusChange.objects.get()
    assert change.values == {
        "recognition_document": "甲教审〔2026〕1号", "recognised_until": "2029-11-30",
    }  # fmt: skip
    row = statuses.get(valid_from=DECEMBER_1)
    assert (row.ownership, row.counts_inclusive, row.counts_staff) == (
        "inclusive_private", True, False,
    )  # fmt: skip


def test_one_of_a_kind_at_a_time_and_numbers_go_on(scene: Scene) -> None:
    first = scene.ask()
    with pytest.raises(ProcedureRefused, match="已经有一件"):
        scene.ask()
    services.withdraw(procedure_id=first.pk, reason="填错", by=scene.director, now=NOW)
    assert scene.ask().number == "6543212026-0002"


# ---- who ------------------------------------------------------------------------------------------


def test_who_asks_does_not_check_and_who_checks_does_not_decide(scene: Scene) -> None:
    mine = scene.ask(by=scene.officer)
    with pytest.raises(ProcedureRefused, match="您自己"):
        services.check(procedure_id=mine.pk, reason="", by=scene.officer, now=NOW)
    services.check(procedure_id=mine.pk, reason="", by=scene.second, now=NOW)
    with pytest.raises(ProcedureRefused, match="由教育局领导决定"):
        scene.approve(mine, by=scene.officer)


def test_who_asks_does_not_return_it_to_themselves(scene: Scene) -> None:
    mine = scene.ask(by=scene.officer)
    with pytest.raises(ProcedureRefused, match="您自己"):
        services.send_back(procedure_id=mine.pk, reason="补", by=scene.officer, now=NOW)
    back = services.send_back(procedure_id=mine.pk, reason="补", by=scene.second, now=NOW)
    assert back.state == "returned"


def test_nor_once_somebody_else_has_checked_it(scene: Scene) -> None:
    """That would be a withdrawal after the check, by the way of a return."""
    details = {"expires": "2027-03-01", "until": "2030-03-01"}
    mine = scene.ask("licence_renewal", details=details, by=scene.officer)
    services.check(procedure_id=mine.pk, reason="", by=scene.second, now=NOW)
    mine.refresh_from_db()
    kind = services.kind_of(mine)
    assert not policies.choices(mine, kind, scene.officer).send_back
    assert policies.choices(mine, kind, scene.second).send_back
    with pytest.raises(ProcedureRefused, match="您自己"):
        services.send_back(procedure_id=mine.pk, reason="补", by=scene.officer, now=NOW)


def test_a_second_officer_decides_on_licences(scene: Scene) -> None:
    details = {"expires": "2027-03-01", "until": "2030-03-01"}
    licence = scene.checked("licence_renewal", details=details)
    assert licence.report_by == dt.date(2027, 1, 18)
    with pytest.raises(ProcedureRefused, match="您自己"):
        scene.approve(licence, by=scene.officer)
    assert scene.approve(licence, by=scene.second).state == "approved"
    scene.kindergarten.refresh_from_db()
    assert scene.kindergarten.licence_until == dt.date(2030, 3, 1)
    assert not StatusChange.objects.exists()


def test_people_of_elsewhere_and_readers_do_nothing(scene: Scene) -> None:
    procedure = scene.ask()
    abroad = acting(scene.small.officer(scene.small.other_county))
    with pytest.raises(ProcedureRefused, match="没有这件事项"):
        services.check(procedure_id=procedure.pk, reason="", by=abroad, now=NOW)
    inspector = acting(scene.small.officer(scene.small.county, "inspector"))
    with pytest.raises(PermissionDenied):
        services.check(procedure_id=procedure.pk, reason="", by=inspector, now=NOW)
    with pytest.raises(PermissionDenied):
        scene.ask(by=inspector)


@pytest.mark.as_owner
def test_the_database_holds_to_it(scene: Scene) -> None:
    procedure = scene.checked()
    with pytest.raises(IntegrityError, match="does not decide"), transaction.atomic():
        procedure.events.create(action="approved", at=NOW, done_as=scene.director.acting)
    scene.approve(procedure)
    for change in ({"state": "asked"}, {"number": "x"}):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            Procedure.objects.filter(pk=procedure.pk).update(**change)
    with (
        pytest.raises(IntegrityError, match="never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM kindergartens_procedure WHERE id = %s", [procedure.pk])


def test_what_has_ended_stays_ended(scene: Scene) -> None:
    procedure = scene.approve(scene.checked())
    acts: list[tuple[Any, User]] = [
        (services.check, scene.second),
        (services.send_back, scene.second),
        (services.refuse, scene.leader),
        (services.withdraw, scene.director),
    ]
    for act, person in acts:
        with pytest.raises(ProcedureRefused, match="不再打开"):
            act(procedure_id=procedure.pk, reason="再办", by=person, now=LATER)
    assert Procedure.objects.get().state == "approved"


# ---- pages -------------------------------------------------------------------------------------------


def test_lists_cost_the_same_however_many_they_show(scene: Scene) -> None:
    client = client_of(scene.officer)

    def queries(route: str) -> int:
        with time_machine.travel(NOW, tick=True), CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(route), {"list": "all"}).status_code == 200
        return len(captured)

    def more(count: int) -> None:
        for _ in range(count):
            serial = next(scene.small.serial)
            one = scene.small.kindergarten(
                scene.town, f"民办{serial}园", ownership="inclusive_private"
            )
            one.statuses.update(recognised_until=dt.date(2026, 12, 31))
            scene.ask("annual_audit", by=scene.officer, kindergarten=one, effective_on=None,
                      details={"year": 2024, "auditor": "示例所"})  # fmt: skip

    more(1)
    queries("procedures")
    few = {route: queries(route) for route in ("procedures", "procedures-owed")}
    more(5)
    assert {route: queries(route) for route in few} == few


# ---- two at once -----------------------------------------------------------------------------------


def two_decide(scene: Scene, procedure: Procedure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    both = threading.Barrier(2, timeout=1)
    check = deciding.check_may_decide

    def waiting(*args: Any) -> Any:
        post = check(*args)
        with suppress(threading.BrokenBarrierError):
            both.wait()
        return post

    monkeypatch.setattr(deciding, "check_may_decide", waiting)
    ends: list[str] = []

    def act(person: User) -> None:
        try:
            scene.approve(procedure, by=person)
            ends.append("done")
        except (ProcedureRefused, ChangeRefused):
            ends.append("refused")
        except DatabaseError as problem:
            ends.append(type(problem).__name__)
        finally:
            connection.close()

    other = acting(scene.small.officer(scene.small.county, "bureau_leader"))
    threads = [threading.Thread(target=act, args=[who]) for who in (scene.leader, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_holds(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(small)
    procedure = licence(scene)
    assert two_decide(scene, procedure, monkeypatch) == ["done", "refused"]
    assert procedure.events.filter(action="approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_have_got_that_far(
    small: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the database then has to refuse the second one."""
    scene = Scene(small)
    procedure = licence(scene)
    monkeypatch.setattr(
        deciding,
        "locked",
        lambda pk, by: Procedure.objects.select_related(
            "county", "kindergarten__organisation__region", "asked_as", "checked_as"
        ).get(pk=pk),
    )
    assert two_decide(scene, procedure, monkeypatch) == ["IntegrityError", "done"]


def acts_on(user: User, procedure: Procedure) -> tuple[set[str], str]:
    """The acts that the page of a procedure offers somebody, and the page."""
    with time_machine.travel(NOW, tick=True):
        page = client_of(user).get(reverse("procedure", args=[procedure.number])).content.decode()
    return set(re.findall(r'name="act" value="(\w+)"', page)), page


def test_the_page_offers_nobody_what_another_person_has_to_do(scene: Scene) -> None:
    own = scene.ask("recognition", by=scene.officer)
    office = f"{scene.small.county.name}教育局"
    acts, page = acts_on(scene.officer, own)
    assert acts == {"withdraw"}
    assert f"要由{office}的另一位经办人核对" in page
    assert acts_on(scene.second, own)[0] == {"check", "return", "withdraw"}
    services.check(procedure_id=own.pk, reason="", by=scene.second, now=NOW)
    for officer, may in ((scene.officer, set()), (scene.second, {"return"})):
        acts, page = acts_on(officer, own)
        assert acts == may
        assert "测算影响并决定" not in page
        assert f"由{office}领导决定" in page
        assert "请报领导" in page
    acts, page = acts_on(scene.leader, own)
    assert acts == {"return", "refuse"}
    assert "测算影响并决定" in page


def test_who_checked_is_not_offered_the_decision_either(scene: Scene) -> None:
    licence = scene.checked(
        "licence_renewal", effective_on=None,
        details={"expires": "2026-12-01", "until": "2029-12-01"},
    )  # fmt: skip
    acts, page = acts_on(scene.officer, licence)
    assert "approve" not in acts
    assert "这件事是您核对的" in page
    assert {"approve", "refuse"} <= acts_on(scene.second, licence)[0]


def test_three_rows_of_placements_are_open_and_the_rest_where_they_are_used(scene: Scene) -> None:
    client = client_of(scene.director)
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "closure"])
    with time_machine.travel(NOW, tick=True):
        page = client.get(route).content.decode()
        used = client.post(route, {"reason": "示例", "p6_children": "4"}).content.decode()
    first, rest = page.split('<details class="placement-rest"')
    assert (first.count('"placement-row"'), rest.count('"placement-row"')) == (3, 5)
    assert rest.startswith("><summary")
    assert '<details class="placement-rest" open>' in used
    assert 'name="p6_children" value="4"' in used
