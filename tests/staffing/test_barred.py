"""The list of the barred: whom it stops, where, who may read it, and that every look is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.acting import choose_membership
from accounts.exchange import reports
from accounts.models import AccessRecord, Membership, User
from kindergartens.stamps import stamp_of
from staffing.barred import rules, services
from staffing.barred.rules import BanFacts
from staffing.barred.selectors import still_employed
from staffing.barred.services import BanRefused
from staffing.models import Appointment, EmploymentBan, StaffMember
from staffing.roster.importable import STAFF_TABLE
from staffing.roster.services import (
    PERSON_FACTS,
    PersonBarred,
    correct_appointment,
    correct_person,
    end_appointment,
    hire,
    transfer,
)
from tests.access.routes import World
from tests.accounts.exchange.conftest import checked, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW
from tests.staffing.roster.making import a_number, in_post, person_facts, post_facts
from tests.staffing.roster.test_importable import HEADS, row

TODAY = NOW.date()
D = dt.date


def facts(serial: int = 1, **more: Any) -> BanFacts:
    given: dict[str, Any] = {
        "name": "示例禁止", "identifier_type": "resident_id", "number": a_number(serial),
        "ground": "abuse", "document": "示教罚〔2026〕1号", "document_date": D(2026, 3, 1),
        "barred_from": D(2026, 3, 1),
    }  # fmt: skip
    return BanFacts(**given | more)


def barred(by: User, serial: int = 1, today: dt.date = TODAY, **more: Any) -> EmploymentBan:
    return services.bar(facts=facts(serial, **more), by=by, now=NOW, today=today)


def hired(world: World, by: User, serial: int = 1, **post: Any) -> Appointment:
    return hire(
        kindergarten=world.kindergarten, person=person_facts(serial), post=post_facts(**post),
        by=by, now=NOW, today=TODAY,
    )  # fmt: skip


def corrected(post: Appointment, by: User, **more: Any) -> None:
    person = StaffMember.objects.unscoped("the one in hand").get(pk=post.person_id)
    correct_person(
        person_id=person.pk, facts=person_facts(**more), reason="示例",
        seen=stamp_of(person, PERSON_FACTS), by=by, today=TODAY,
    )  # fmt: skip


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


@pytest.fixture
def leader(world: World) -> User:
    return acting(world.people["bureau_leader"])


@pytest.fixture
def director(world: World) -> User:
    return acting(world.people["director"])


# Barred from 1 March to 30 June; the post's last day is the day before its end.
@pytest.mark.parametrize(
    ("until", "started_on", "ended_on", "expected"),
    [
        (D(2026, 6, 30), D(2026, 6, 30), None, True),
        (D(2026, 6, 30), D(2026, 7, 1), None, False),
        (D(2026, 6, 30), D(2020, 9, 1), D(2026, 3, 1), False),
        (D(2026, 6, 30), D(2020, 9, 1), D(2026, 3, 2), True),
        (D(2026, 6, 30), D(2020, 9, 1), None, True),
        (None, D(2036, 9, 1), None, True),
        (None, D(2020, 9, 1), D(2026, 3, 1), False),
    ],
)
def test_a_ban_stops_a_post_with_a_day_in_it(
    until: dt.date | None, started_on: dt.date, ended_on: dt.date | None, expected: bool
) -> None:
    assert rules.stops(D(2026, 3, 1), until, started_on, ended_on) is expected


@pytest.mark.parametrize(
    ("wrong", "places"),
    [
        ({}, []),
        ({"number": a_number(1)[:-1]}, ["number"]),
        ({"document_date": TODAY + dt.timedelta(days=1)}, ["document_date"]),
        ({"barred_from": D(2062, 3, 1)}, ["barred_from"]),
        ({"barred_until": D(2026, 2, 28)}, ["barred_until"]),
        ({"barred_until": TODAY - dt.timedelta(days=1)}, ["barred_until"]),
        ({"barred_until": TODAY}, []),
        ({"barred_until": D(2126, 3, 1)}, ["barred_until"]),
    ],
)
def test_what_is_typed_of_a_ban(wrong: dict[str, Any], places: list[str]) -> None:
    assert [place for place, _ in rules.ban_problems(facts(**wrong), TODAY)] == places


def test_hiring_is_stopped_and_only_who_may_read_it_is_told_which_row(
    world: World, officer: User, director: User
) -> None:
    ban = barred(officer)
    typed = {
        "identifier_type": "resident_id", "number": a_number(1), "name": "示例教师",
        "education": "diploma", "post": "childcare_worker", "full_time": "1",
        "establishment": "non_established", "started_on": "2026-09-01",
    }  # fmt: skip
    address = reverse("staff-hire", args=[world.kindergarten.code])
    link = reverse("employment-ban", args=[ban.pk])
    for user, told in ((director, False), (officer, True)):
        answer = client_of(user).post(address, typed)
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert "该人员不能聘用" in shown
        assert ("请联系甲县教育局人事科" in shown) is not told
        assert (f'href="{link}"' in shown) is told
        assert "虐待" not in shown
        kept = AccessRecord.objects.own(user).get(action="read_list")
        assert (kept.outcome, kept.object_id) == ("refused", str(ban.pk))
    assert not Appointment.objects.filter(person__name="示例教师").exists()
    # A colleague of another county may read lists, but not this one.
    stranger = acting(world.strangers["bureau_officer"])
    with pytest.raises(PersonBarred, match="由甲县教育局列入") as refusal:
        hire(
            kindergarten=world.strangers["director"].memberships.get().organisation.kindergarten,
            person=person_facts(1), post=post_facts(started_on=TODAY), by=stranger, now=NOW,
            today=TODAY,
        )  # fmt: skip
    assert not refusal.value.may_read


def test_a_transfer_and_a_correction_are_stopped_too(
    world: World, officer: User, director: User
) -> None:
    post = hired(world, officer, started_on=D(2026, 7, 1))
    barred(officer, barred_until=D(2026, 6, 30), today=D(2026, 3, 1))
    barred(officer, 2)
    # It ended before: moving the post's first day back would reach into it.
    with pytest.raises(PersonBarred, match="不能聘用"):
        correct_appointment(
            appointment_id=post.pk, facts=post_facts(started_on=D(2026, 6, 30)), reason="示例",
            seen=None, by=director, today=TODAY,
        )  # fmt: skip
    with pytest.raises(PersonBarred) as refusal:
        correct_person(
            person_id=post.person_id, facts=person_facts(2), reason="示例",
            seen=stamp_of(post.person, PERSON_FACTS), by=director, today=TODAY,
        )  # fmt: skip
    assert refusal.value.field == "number"
    barred(officer, barred_from=D(2026, 8, 1), document="示教罚〔2026〕2号")
    # Employed when listed: the class may still be put right, but nothing moves the person on.
    correct_appointment(
        appointment_id=post.pk, facts=post_facts(started_on=D(2026, 7, 1), class_led="小二班"),
        reason="示例", seen=None, by=director, today=TODAY,
    )  # fmt: skip
    with pytest.raises(PersonBarred):
        transfer(
            appointment_id=post.pk, to=world.second_kindergarten,
            post=post_facts(started_on=TODAY), by=officer, now=NOW, today=TODAY,
        )  # fmt: skip
    assert Appointment.objects.get(pk=post.pk).ended_on is None
    # Nor is an end moved on into a ban, or taken back.
    left = hired(world, officer, 3)
    end_appointment(
        appointment_id=left.pk, on=D(2026, 3, 1), end_reason="dismissed", note="", by=officer,
        today=TODAY,
    )  # fmt: skip
    barred(officer, 3)
    dismissed = hired(world, officer, 4)
    barred(officer, 4)
    end_appointment(
        appointment_id=dismissed.pk, on=TODAY, end_reason="dismissed", note="", by=director,
        today=TODAY,
    )  # fmt: skip
    with pytest.raises(PersonBarred):
        correct_appointment(
            appointment_id=dismissed.pk, facts=post_facts(), reason="示例", seen=None, by=director,
            today=TODAY,
        )  # fmt: skip
    for end in ({"ended_on": D(2026, 3, 2), "end_reason": "dismissed"}, {}):
        with pytest.raises(PersonBarred):
            correct_appointment(
                appointment_id=left.pk, facts=post_facts(**end), reason="示例", seen=None,
                by=director, today=TODAY,
            )  # fmt: skip


def test_a_table_is_stopped_at_its_row_in_the_dry_run_and_when_written(
    world: World, officer: User, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_ROOT = tmp_path
    barred(officer)
    code = world.kindergarten.code
    batch = checked(officer, excel([HEADS, row(code, 2), row(code, 1)]), kind="staff")
    [fault] = reports.unpack(STAFF_TABLE, batch).faults
    assert (fault.row, fault.head, fault.text[:7]) == (3, "证件号码", "该人员不能聘用")
    assert a_number(1) not in fault.typed
    assert AccessRecord.objects.own(officer).filter(action="read_list", outcome="refused").exists()
    # Listed between the dry run and the writing.
    batch = checked(officer, excel([HEADS, row(code, 3), row(code, 4)]), kind="staff")
    assert batch.fault_count == 0
    barred(officer, 4)
    looks = AccessRecord.objects.own(officer).filter(action="read_list", outcome="refused")
    before = looks.count()
    # Even where the rehearsal before writing let it pass, the stop is kept.
    with monkeypatch.context() as patched:
        patched.setattr(type(STAFF_TABLE), "rehearse", lambda *_: [])
        batch = written(officer, batch)
    assert batch.state != "written"
    assert looks.count() == before + 1
    assert not Appointment.objects.filter(person__name__in=["第三人", "第四人"]).exists()
    # Numbers are not tried a table at a time: a third person refuses the whole of it.
    barred(officer, 5)
    batch = checked(officer, excel([HEADS, *(row(code, n) for n in (1, 4, 5, 6))]), kind="staff")
    assert (batch.state, "请联系甲县教育局" in batch.refusal) == ("refused", True)
    assert not batch.report
    assert looks.count() == before + 4


def test_whoever_is_listed_while_employed_stays_to_be_dismissed_until_the_post_ends(
    world: World, officer: User, leader: User
) -> None:
    post = hired(world, officer)
    abroad = in_post(
        world.strangers["director"].memberships.get().organisation.kindergarten,
        world.strangers["bureau_officer"].memberships.get(),
        31,
    )
    answer = client_of(officer).post(
        reverse("employment-ban-new"),
        vars(facts()) | {"document_date": "2026-03-01", "barred_from": "2026-03-01",
                         "barred_until": ""},
        follow=True,
    )  # fmt: skip
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "还在任职" in shown
    assert world.kindergarten.name in shown
    barred(officer, 31, number=str(abroad.person.number))
    page = client_of(leader).get(reverse("employment-bans")).content.decode()
    assert "乙县，请告知乙县教育局" in page
    assert "示例乙园" not in page
    assert "2人" in client_of(officer).get(reverse("procedures-owed")).content.decode()
    end_appointment(
        appointment_id=post.pk, on=TODAY, end_reason="dismissed", note="", by=officer, today=TODAY
    )
    assert [ban.name for ban, _ in still_employed(officer, TODAY)] == ["示例禁止"]
    assert [held.elsewhere for _, held in still_employed(officer, TODAY)] == [["乙县"]]


def test_every_look_is_kept_and_only_the_own_countys_keepers_look(
    world: World, officer: User, leader: User
) -> None:
    ban = barred(officer)
    stranger = acting(world.strangers["bureau_officer"])
    for user, seen in (
        (officer, 1), (leader, 1), (stranger, 0), (acting(world.people["director"]), 0),
        (acting(world.people["inspector"]), 0), (acting(world.people["city_officer"]), 0),
    ):  # fmt: skip
        assert EmploymentBan.objects.visible_to(user).filter(pk=ban.pk).count() == seen, user
    client = client_of(leader)
    shown = client.get(reverse("employment-bans")).content.decode()
    assert a_number(1) not in shown
    assert f"{a_number(1)[:3]}***********{a_number(1)[-4:]}" in shown
    client.get(reverse("employment-ban", args=[ban.pk]))
    looks = AccessRecord.objects.own(leader).filter(action="read_list").order_by("pk")
    assert [(one.object_id, one.rows, one.persons, one.outcome) for one in looks] == [
        ("", 2, 2, "done"), (str(ban.pk), 1, 1, "done"),
    ]  # fmt: skip
    auditor = acting(world.people["audit_administrator"])
    audit = client_of(auditor).get(reverse("audit"), {"action": "read_list"}).content.decode()
    assert audit.count("查阅限制名单") >= 2
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("employment-bans"))
    for serial in range(40, 50):
        barred(officer, serial)
        hired_before = in_post(world.second_kindergarten, officer.memberships.get(), serial)
        barred(officer, 0, number=str(hired_before.person.number))
    with CaptureQueriesContext(connection) as many:
        assert "还在任职" in client.get(reverse("employment-bans")).content.decode()
    assert len(many) == len(few)


def test_the_number_counts_whatever_paper_it_is_said_to_be_of(
    world: World, officer: User, director: User
) -> None:
    number = "12345678"
    typed: dict[str, Any] = {"number": number, "sex": "female", "birth_date": D(1990, 5, 17)}
    at_work = hire(
        kindergarten=world.kindergarten, post=post_facts(), by=officer, now=NOW, today=TODAY,
        person=person_facts(identifier_type="passport", **typed),
    )  # fmt: skip
    barred(officer, identifier_type="taiwan_permit", number=number)
    assert [ban.name for ban, _ in still_employed(officer, TODAY)] == ["示例禁止"]
    with pytest.raises(PersonBarred, match="不能聘用"):
        hire(
            kindergarten=world.kindergarten, post=post_facts(), by=director, now=NOW, today=TODAY,
            person=person_facts(identifier_type="passport", **typed),
        )  # fmt: skip
    # Neither the kind alone nor another number takes the person off the bureau's page.
    for kind, other in (("taiwan_permit", ""), ("passport", "E12345678")):
        with pytest.raises(PersonBarred, match="不能在这里更正：请联系甲县教育局"):
            corrected(at_work, director, identifier_type=kind, **typed | {"number": other})
    assert still_employed(officer, TODAY)


def test_only_the_bureau_corrects_a_number_on_the_list_and_the_truth_reaches_it(
    world: World, officer: User, director: User
) -> None:
    at_work = hired(world, officer)
    barred(officer, 2)
    with pytest.raises(PersonBarred, match="不能在这里更正"):
        corrected(at_work, director, number=a_number(2))
    assert still_employed(officer, TODAY) == []
    corrected(at_work, officer, number=a_number(2))
    [(_, held)] = still_employed(officer, TODAY)
    assert held.here == [at_work]
    with pytest.raises(PersonBarred, match="不能在这里更正"):
        corrected(at_work, director, number=a_number(1))
    corrected(at_work, officer, number=a_number(1))
    assert still_employed(officer, TODAY) == []


def test_a_second_decision_stands_beside_the_first_and_a_later_one_does_not_ask_yet(
    world: World, officer: User
) -> None:
    hired(world, officer)
    hired(world, officer, 2, started_on=D(2026, 9, 1))
    barred(officer, barred_until=D(2031, 2, 28))
    barred(officer, document="示教罚〔2026〕2号")
    since = TODAY + dt.timedelta(days=30)
    barred(officer, 2, barred_from=since, barred_until=D(2027, 12, 31))
    # One person, not two bans, and not whoever is barred from another day on.
    assert len(still_employed(officer, TODAY)) == 1
    shown = client_of(officer).get(reverse("employment-bans")).content.decode()
    assert shown.index("要立即解聘") < shown.index("以后不得任职") < shown.index("2026年12月5日起")
    assert "1人" in client_of(officer).get(reverse("procedures-owed")).content.decode()
    assert len(still_employed(officer, since)) == 2
    with pytest.raises(PersonBarred, match="任职日期在2028年1月1日以后（含当天）的可以登记"):
        hired(world, officer, 2, post="childcare_worker", full_time=False, started_on=since)


def test_who_entered_a_ban_does_not_lift_it(world: World, officer: User, leader: User) -> None:
    ban = barred(officer)
    with pytest.raises(BanRefused, match="已经在名单上"):
        barred(officer)
    with pytest.raises(BanRefused, match="另一位"):
        services.lift(ban_id=ban.pk, reason="示例", by=officer, now=NOW)
    # Nor in the name of somebody else, and the database holds it where no service is asked.
    entered = officer.memberships.get()
    deputy = Membership.objects.create(
        user=officer, organisation=entered.organisation, role="bureau_leader",
        deputises_for=leader.memberships.get(), valid_from=TODAY, reason="示例外出",
        valid_to=TODAY + dt.timedelta(days=30),
    )  # fmt: skip
    choose_membership(officer, deputy.pk, today=TODAY)
    with pytest.raises(BanRefused, match="另一位"):
        services.lift(ban_id=ban.pk, reason="示例", by=officer, now=NOW)
    with pytest.raises(IntegrityError, match="who_bars_does_not_lift"), transaction.atomic():
        EmploymentBan.objects.unscoped("past the service").filter(pk=ban.pk).update(
            lifted_as=ban.entered_as, lifted_at=NOW, lifted_reason="示例"
        )
    choose_membership(officer, entered.pk, today=TODAY)
    services.lift(ban_id=ban.pk, reason="判决撤销", by=leader, now=NOW)
    # Another window had the form open.
    again = client_of(leader).post(
        reverse("employment-ban-lift", args=[ban.pk]), {"reason": "判决撤销"}
    )
    assert (again.status_code, "已经解除" in again.content.decode()) == (422, True)
    assert hired(world, officer).pk
    with pytest.raises(PermissionDenied):
        barred(acting(world.people["director"]))
