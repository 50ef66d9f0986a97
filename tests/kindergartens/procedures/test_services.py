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
from accounts.models import Membership, User
from kindergartens.changes.policies import ChangeRefused
from kindergartens.changes.services import withdraw_change
from kindergartens.models import Kindergarten, Placement, Procedure, StatusChange
from kindergartens.procedures import presenters, selectors, services
from kindergartens.procedures.kinds import kind_in
from kindergartens.procedures.policies import ProcedureRefused
from kindergartens.procedures.services import Asked
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, PDF, SEPTEMBER, SmallCounty

DECEMBER_1 = dt.date(2026, 12, 1)
LATER = NOW + dt.timedelta(days=1)


class Scene:
    """A private kindergarten that is not inclusive, a neighbour, a director, officers, a leader."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("甲镇")
        self.kindergarten = small.kindergarten(
            self.town, "民办一园", ownership="non_inclusive_private"
        )
        self.kindergarten.statuses.update(for_profit=False)
        self.neighbour = small.kindergarten(self.town, "邻园")
        self.director = acting(small.person("园长", self.kindergarten.organisation, "director"))
        self.officer = acting(small.officer())
        self.second = acting(small.officer())
        self.leader = acting(small.officer(small.county, "bureau_leader"))

    def files(self, code: str) -> dict[str, Accepted]:
        return {
            title: Accepted(f"{title}.pdf", PDF + title.encode(), "application/pdf")
            for title in kind_in(code, self.small.county.code).documents
        }

    def ask(self, code: str = "recognition", by: User | None = None, **changes: Any) -> Procedure:
        kindergarten = changes.pop("kindergarten", self.kindergarten)
        asked: dict[str, Any] = {
            "reason": "示例事由",
            "effective_on": DECEMBER_1,
            "files": self.files(code),
        }
        if code == "recognition":
            asked["details"] = {"until": "2029-11-30"}
        return services.ask(
            kind_code=code, kindergarten=kindergarten, asked=Asked(**(asked | changes)),
            by=by or self.director, now=NOW,
        )  # fmt: skip

    def checked(self, code: str = "recognition", **changes: Any) -> Procedure:
        procedure = self.ask(code, **changes)
        return services.check(procedure_id=procedure.pk, reason="", by=self.officer, now=NOW)

    def approve(self, procedure: Procedure, by: User | None = None, **more: Any) -> Procedure:
        return services.approve(
            procedure_id=procedure.pk, reason="同意", decision_number="甲教审〔2026〕1号",
            by=by or self.leader, now=LATER, **more,
        )  # fmt: skip


@pytest.fixture
def scene(small: SmallCounty) -> Scene:
    return Scene(small)


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
    [ended] = selectors.recognitions_ending(scene.officer, today=NOW.date())
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


# ---- the clock ------------------------------------------------------------------------------------


def test_a_change_of_director_is_reported_within_a_month(scene: Scene) -> None:
    details = {"former": "甲", "person": "乙"}
    late = scene.ask(
        "director_change", occurred_on=dt.date(2026, 9, 30), effective_on=None, details=details
    )
    assert (late.report_by, late.came_late) == (dt.date(2026, 10, 30), True)
    done = services.check(procedure_id=late.pk, reason="", by=scene.officer, now=NOW)
    assert done.state == "approved", "a filing ends when it was checked"
    with pytest.raises(ProcedureRefused, match="不能晚于今天"):
        scene.ask("director_change", occurred_on=DECEMBER_1, effective_on=None, details=details)


def test_a_new_director_without_a_filing_is_listed(scene: Scene) -> None:
    today = NOW.date()
    Membership.objects.filter(user=scene.director).update(valid_to=dt.date(2026, 9, 1))
    new = scene.small.person("新园长", scene.kindergarten.organisation, "director")
    Membership.objects.filter(user=new).update(valid_from=dt.date(2026, 9, 1))
    [owed] = selectors.directors_owed(scene.officer, today=today)
    assert (owed.kindergarten, owed.due_on, owed.is_overdue) == (
        scene.kindergarten, dt.date(2026, 10, 1), True,
    )  # fmt: skip
    scene.ask("director_change", by=acting(new), occurred_on=dt.date(2026, 9, 1),
              effective_on=None, details={"former": "甲", "person": "乙"})  # fmt: skip
    assert selectors.directors_owed(scene.officer, today=today) == []


def test_private_kindergartens_owe_an_audit_a_year(scene: Scene) -> None:
    today = NOW.date()
    [owed] = selectors.audits_owed(scene.officer, today=today)
    assert (owed.kindergarten, owed.due_on, owed.is_overdue) == (
        scene.kindergarten, dt.date(2026, 6, 30), True,
    )  # fmt: skip
    scene.ask("annual_audit", effective_on=None, details={"year": 2025, "auditor": "示例所"})
    assert selectors.audits_owed(scene.officer, today=today) == []


def test_an_audit_is_owed_also_where_the_status_changed_since(scene: Scene) -> None:
    first = scene.kindergarten.statuses.get()
    spring = dt.date(2026, 3, 1)
    scene.kindergarten.statuses.update(valid_to=spring)
    first.pk, first.valid_from, first.level = None, spring, "first"
    first.save()
    assert len(selectors.audits_owed(scene.officer, today=NOW.date())) == 1
    scene.kindergarten.statuses.filter(valid_from=spring).update(operating_state="closed")
    assert selectors.audits_owed(scene.officer, today=NOW.date()) == []


def test_a_licence_is_renewed_to_a_later_day(scene: Scene) -> None:
    ends = {"expires": "2026-12-01", "until": "2026-12-01"}
    with pytest.raises(ProcedureRefused, match="要晚于现许可证到期日"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(licence_from=dt.date(2027, 1, 1))
    scene.kindergarten.refresh_from_db()
    ends = {"expires": "2026-12-01", "until": "2026-12-31"}
    with pytest.raises(ProcedureRefused, match="要晚于许可证起始日"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    client = client_of(scene.director)
    with time_machine.travel(NOW, tick=True):
        answer = client.post(
            reverse("procedure-ask", args=[scene.kindergarten.code, "licence_renewal"]),
            {"d_expires": "2026-12-01", "d_until": "2026-12-01", "reason": "续"},
        )
    assert answer.status_code == 422
    assert "要晚于现许可证到期日" in answer.content.decode()


def test_a_renewal_starts_from_the_licence_on_record(scene: Scene) -> None:
    scene.kindergarten.licence_until = dt.date(2026, 12, 31)
    scene.kindergarten.save()
    ends = {"expires": "2020-01-01", "until": "2031-01-01"}
    with pytest.raises(ProcedureRefused, match="登记的许可证到期日是2026-12-31"):
        scene.ask("licence_renewal", effective_on=None, details=ends)
    client = client_of(scene.director)
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "licence_renewal"])
    with time_machine.travel(NOW, tick=True):
        assert 'value="2026-12-31"' in client.get(route).content.decode()
        answer = client.post(
            route, {"d_expires": "2020-01-01", "d_until": "2031-01-01", "reason": "续"}
        )
    assert answer.context["form"].errors["d_expires"] == [
        "登记的许可证到期日是2026-12-31，与填的不同。请核对许可证；登记有误的，先请教育局更正许可证资料。"
    ]


@pytest.mark.parametrize(("year", "fits"), [("2025", True), ("2026", False), ("2031", False)])
def test_a_year_is_audited_when_it_is_over(scene: Scene, year: str, fits: bool) -> None:
    client = client_of(scene.director)
    route = reverse("procedure-ask", args=[scene.kindergarten.code, "annual_audit"])
    with time_machine.travel(NOW, tick=True):
        answer = client.post(route, {"d_year": year, "d_auditor": "甲所", "reason": "报送"})
    assert ("d_year" not in answer.context["form"].errors) == fits


def test_what_changes_no_status_has_no_page_of_effects(scene: Scene) -> None:
    client = client_of(scene.leader)
    split = licence(scene)
    ends = {"expires": "2026-12-01", "until": "2029-12-01"}
    renewal = scene.checked("licence_renewal", effective_on=None, details=ends)
    with time_machine.travel(NOW, tick=True):
        for number in (split.number, renewal.number):
            route = reverse("procedure-decide", args=[number])
            assert client.get(route).status_code == 404
            data = {"decision_number": "1号", "effective_on": "2026-12-01"}
            assert client.post(route, data).status_code == 404


def test_late_is_counted_in_the_days_of_the_place(scene: Scene) -> None:
    procedure = scene.ask()
    procedure.report_by = dt.date(2026, 11, 5)
    # 06:00 on the 6th here, still the 5th in UTC.
    procedure.asked_at = dt.datetime(2026, 11, 5, 22, tzinfo=dt.UTC)
    assert procedure.came_late


def test_a_corrected_day_moves_the_day_it_was_to_be_reported(scene: Scene) -> None:
    names = {"former": "甲", "person": "乙"}
    asked = scene.ask(
        "director_change", effective_on=None, occurred_on=dt.date(2026, 11, 1), details=names
    )
    services.send_back(procedure_id=asked.pk, reason="日期不对", by=scene.officer, now=NOW)
    again = services.ask_again(
        procedure_id=asked.pk, by=scene.director, now=NOW,
        asked=Asked(reason="更正", details=names, occurred_on=dt.date(2026, 9, 1)),
    )  # fmt: skip
    again.refresh_from_db()
    assert again.report_by == dt.date(2026, 10, 1)
    assert again.came_late


def test_licences_that_end_soon_are_listed_with_the_last_day_to_ask(scene: Scene) -> None:
    today = NOW.date()
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(licence_until=dt.date(2026, 12, 1))
    Kindergarten.objects.filter(pk=scene.neighbour.pk).update(licence_until=dt.date(2028, 1, 1))
    [owed] = selectors.licences_ending(scene.officer, today=today)
    assert (owed.kindergarten, owed.due_on, owed.is_overdue) == (
        scene.kindergarten, dt.date(2026, 10, 20), True,
    )  # fmt: skip
    scene.ask("licence_renewal", effective_on=None,
              details={"expires": "2026-12-01", "until": "2029-12-01"})  # fmt: skip
    assert selectors.licences_ending(scene.officer, today=today) == []


def test_overdue_steps_are_listed(scene: Scene) -> None:
    procedure = scene.ask()
    rows = Procedure.objects.visible_to(scene.officer)
    assert list(rows.overdue(NOW.date() + dt.timedelta(days=15))) == []
    assert list(rows.overdue(NOW.date() + dt.timedelta(days=16))) == [procedure]
    assert list(selectors.waiting_for(scene.officer)) == [procedure]
    assert list(selectors.waiting_for(scene.director)) == []
    services.check(procedure_id=procedure.pk, reason="", by=scene.officer, now=NOW)
    assert list(selectors.waiting_for(scene.leader)) == [procedure]
    assert list(selectors.waiting_for(scene.second)) == []


# ---- placing every child ---------------------------------------------------------------------------


def test_a_closure_places_every_child_of_the_last_return(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24, nursery=6)
    with pytest.raises(ProcedureRefused, match="有30名幼儿，已安置29名，少1名"):
        scene.ask(
            "closure", placements=[("kindergarten", scene.neighbour.pk, 24), ("home", None, 5)]
        )
    closing = scene.checked(
        "closure", placements=[("kindergarten", scene.neighbour.pk, 24), ("home", None, 6)]
    )
    # Two of them were placed before the decision: the list has to be right on the day.
    Placement.objects.filter(procedure=closing, destination="home").update(children=4)
    with pytest.raises(ProcedureRefused, match="少2名"):
        scene.approve(closing)
    assert not StatusChange.objects.exists()
    Placement.objects.filter(procedure=closing, destination="home").update(children=6)
    scene.approve(closing)
    assert scene.kindergarten.statuses.get(valid_from=DECEMBER_1).operating_state == "closed"


def test_what_receiving_does_to_a_kindergarten_is_said(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 30, month=SEPTEMBER)
    scene.small.file(scene.neighbour, 40, nursery=4)
    closing = scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])
    [line] = presenters.placements(closing)
    assert line["note"] == "现有44名、2个班，接收后68名，平均每班34.0名"
    client = client_of(scene.officer)
    with time_machine.travel(NOW, tick=True):
        page = client.get(reverse("procedure", args=[closing.number])).content.decode()
    assert "接收后68名" in page
    assert "核对通过，报决定" in page


def test_children_are_not_placed_where_it_closes_too(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.ask("closure", by=scene.officer, kindergarten=scene.neighbour, placements=[])
    with pytest.raises(ProcedureRefused, match="邻园在生效日期或以后不在办，或正在办理停办"):
        scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])


def test_children_are_not_placed_where_it_stops_later(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    status = scene.neighbour.statuses.get()
    january = dt.date(2027, 1, 1)
    scene.neighbour.statuses.update(valid_to=january)
    status.pk, status.valid_from, status.operating_state = None, january, "closed"
    status.save()
    with pytest.raises(ProcedureRefused, match="邻园在生效日期或以后不在办"):
        scene.ask("closure", placements=[("kindergarten", scene.neighbour.pk, 24)])


def test_who_was_placed_here_is_placed_again_when_this_one_closes(scene: Scene) -> None:
    scene.small.file(scene.kindergarten, 24)
    scene.small.file(scene.neighbour, 30)
    third = scene.small.kindergarten(scene.town, "三园")
    here = [("kindergarten", scene.neighbour.pk, 24)]
    scene.approve(scene.checked("closure", placements=here))

    def close_too(children: int) -> Procedure:
        return scene.ask(
            "closure", by=scene.officer, kindergarten=scene.neighbour,
            effective_on=dt.date(2027, 3, 1), placements=[("kindergarten", third.pk, children)],
        )  # fmt: skip

    with pytest.raises(ProcedureRefused, match="已批准转入24名，已安置30名，少24名"):
        close_too(30)
    withdraw_change(
        change_id=StatusChange.objects.get().pk, reason="不关了", by=scene.leader, now=LATER
    )
    assert close_too(30).state == "asked"


def test_a_merger_that_was_taken_back_closes_no_ring(scene: Scene) -> None:
    into = {"details": {"receiver": scene.neighbour.pk}}
    merger = scene.checked("merger", **into)
    scene.approve(merger)
    back = {"by": scene.officer, "details": {"receiver": scene.kindergarten.pk}}
    with pytest.raises(ProcedureRefused, match="首尾相连"):
        scene.ask("merger", kindergarten=scene.neighbour, **back)
    withdraw_change(
        change_id=StatusChange.objects.get().pk, reason="不并了", by=scene.leader, now=LATER
    )
    assert scene.ask("merger", kindergarten=scene.neighbour, **back).state == "asked"


def test_a_ring_is_looked_for_again_when_a_merger_is_decided(scene: Scene) -> None:
    merger = scene.checked("merger", details={"receiver": scene.neighbour.pk})
    # As if it had been asked for beside the first one.
    Procedure.objects.create(
        number="6543212026-9999", county=scene.small.county, kindergarten=scene.neighbour,
        kind="merger", details={"receiver": scene.kindergarten.pk}, reason="并", asked_at=NOW,
        asked_as=scene.officer.acting,
    )  # fmt: skip
    with pytest.raises(ProcedureRefused, match="首尾相连"):
        scene.approve(merger)


def test_a_ring_of_mergers_is_refused(scene: Scene) -> None:
    third: Kindergarten = scene.small.kindergarten(scene.town, "三园")
    by = {"by": scene.officer}
    scene.ask("merger", details={"receiver": scene.neighbour.pk})
    scene.ask("merger", kindergarten=third, details={"receiver": scene.neighbour.pk}, **by)
    for target in (scene.kindergarten.pk, third.pk, scene.neighbour.pk):
        with pytest.raises(ProcedureRefused, match="首尾相连"):
            scene.ask("merger", kindergarten=scene.neighbour, details={"receiver": target}, **by)


def test_what_the_status_forbids_is_not_decided(scene: Scene) -> None:
    procedure = scene.checked()
    scene.small.file(scene.kindergarten, 24)
    with pytest.raises(ProcedureRefused, match="生效日期要在今天"):
        scene.approve(procedure, effective_on=dt.date(2026, 10, 31))
    scene.kindergarten.statuses.update(for_profit=True)
    with pytest.raises(ChangeRefused, match="第二十四条"):
        scene.approve(procedure)
    procedure.refresh_from_db()
    assert procedure.state == "checked"
    assert procedure.events.count() == 2


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
    check = services.check_may_decide

    def waiting(*args: Any) -> Any:
        post = check(*args)
        with suppress(threading.BrokenBarrierError):
            both.wait()
        return post

    monkeypatch.setattr(services, "check_may_decide", waiting)
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


def licence(scene: Scene) -> Procedure:
    return scene.checked("split", details={"plan": "分为两园"}, effective_on=None)


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
        services,
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
    for officer in (scene.officer, scene.second):
        acts, page = acts_on(officer, own)
        assert acts == {"return"}
        assert "测算影响并决定" not in page
        assert f"由{office}领导决定，请报领导" in page
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
    assert "另一位经办人决定" in page
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
