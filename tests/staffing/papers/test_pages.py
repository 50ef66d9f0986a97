"""The pages of papers: listed at one cost, renewed in a click, told of to those who may know."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessRecord, User
from staffing.models import Appointment, HealthCheck, Training
from tests.access.routes import World
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW
from tests.staffing.roster.making import in_post

TODAY = NOW.date()
WITHDRAWN = {"withdrawn_at": NOW, "withdrawn_reason": "登记错了"}


@pytest.fixture
def post(world: World) -> Appointment:
    return world.staff_post


@pytest.fixture
def director(world: World) -> User:
    return acting(world.people["director"])


def page(user: User, address: str, **query: Any) -> str:
    answer = client_of(user).get(address, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_list_costs_the_same_when_long_and_each_row_leads_to_its_form(
    world: World, post: Appointment
) -> None:
    officer = acting(world.people["bureau_officer"])
    post.contracts.update(
        signed_on=dt.date(2023, 12, 1), valid_from=dt.date(2023, 12, 1),
        valid_until=dt.date(2026, 11, 30),
    )  # fmt: skip
    client, address = client_of(officer), reverse("staff-due")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        short = client.get(address).content.decode()
    for serial in range(60, 70):
        other = in_post(world.second_kindergarten, post.entered_as, serial)
        other.person.health_checks.update(checked_on=dt.date(2025, 1, 1), result="to_repeat")
        other.background_queries.update(**WITHDRAWN)
    with CaptureQueriesContext(connection) as many:
        whole = client.get(address).content.decode()
    assert len(many) == len(few)
    assert whole.count("登记新的<") == 21
    assert whole.count("最近一次检查待复查") == 10
    assert "2026年11月30日，还剩25天" in short
    # One click: the contract's form has the next three years in it.
    (form,) = re.findall(r'href="([^"]*/papers/contract/)"', short)
    offered = page(officer, form)
    for value in ("2026-12-01", "2029-11-30", "2026-11-05"):
        assert f'value="{value}"' in offered, value


def test_a_certificate_that_ends_is_issued_again_from_the_list(
    post: Appointment, director: User
) -> None:
    post.person.certificates.update(valid_until=TODAY)
    (form,) = re.findall(r'href="([^"]*kind=teaching[^"]*)"', page(director, reverse("staff-due")))
    number = post.person.certificates.get().number
    assert f'value="{number}"' in page(director, unescape(form))


def test_a_director_is_led_to_no_form_about_oneself(post: Appointment, director: User) -> None:
    Appointment.objects.filter(pk=post.pk).update(post="principal")
    post.background_queries.update(**WITHDRAWN)
    person = page(director, reverse("staff-member", args=[post.person_id]))
    due = page(director, reverse("staff-due"))
    form = reverse("paper-new", args=[post.person_id, "background"])
    assert "园长的背景查询由区县教育局登记" in person
    assert "区县教育局登记" in due
    assert form not in person + due


def test_a_whole_kindergarten_is_checked_on_one_form(
    world: World, post: Appointment, director: User
) -> None:
    colleague = in_post(world.kindergarten, post.entered_as, 94)
    colleague.person.health_checks.update(**WITHDRAWN)
    address = reverse("papers-batch", args=[world.kindergarten.code, "health"])
    # Whoever needs one is ticked, whoever has a valid one is not.
    ticked = re.findall(r'name="people" value="(\d+)" checked', page(director, address))
    assert ticked == [str(colleague.person_id)]
    client = client_of(director)
    typed = {"checked_on": "2026-11-06", "result": "fit", "hospital": "示例医院", "people": ticked}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    assert "检查日期在今天以后" in answer.content.decode()
    assert re.findall(r'name="people" value="(\d+)" checked', answer.content.decode()) == ticked
    answer = client.post(address, typed | {"checked_on": "2026-11-04"}, follow=True)
    assert "健康检查已登记1人" in answer.content.decode()
    assert HealthCheck.objects.latest("pk").checked_on == dt.date(2026, 11, 4)


def test_a_training_of_many_is_typed_once(world: World, post: Appointment, director: User) -> None:
    colleague = in_post(world.kindergarten, post.entered_as, 95)
    address = reverse("papers-batch", args=[world.kindergarten.code, "training"])
    typed = {
        "level": "kindergarten", "subject": "示例教研", "hours": "2.5", "started_on": "2026-10-30",
        "ended_on": "2026-10-30", "people": [post.person_id, colleague.person_id],
    }  # fmt: skip
    assert client_of(director).post(address, typed).status_code == 302
    assert Training.objects.filter(subject="示例教研", hours="2.5").count() == 2


def test_what_a_query_found_is_told_to_few_and_kept_who_read_it(
    world: World, post: Appointment, director: User
) -> None:
    address = reverse("staff-member", args=[post.person_id])
    seen = AccessRecord.objects.unscoped("of the test").filter(action="reveal")
    assert "无记录" in page(director, address)
    assert not seen.exists()
    post.background_queries.update(result="found")
    told = page(director, address)
    assert "立即停止工作" in told
    assert "查到记录，不得任职" in told
    assert [(one.user, one.object_id) for one in seen] == [(director, str(post.person_id))]
    # The history says it as well, and so does a row that was withdrawn.
    assert "有记录" in page(director, reverse("staff-history", args=[post.person_id]))
    post.background_queries.update(**WITHDRAWN)
    withdrawn = page(director, address)
    assert "有记录" in withdrawn
    assert "立即停止工作" not in withdrawn
    assert seen.all().count() == 3
    for role in ("kindergarten_clerk", "inspector", "town_officer"):
        other = acting(world.people[role])
        assert not {"有记录", "无记录", "示例表彰"} & set(
            re.findall("有记录|无记录|示例表彰", page(other, address))
        ), role
        assert "已查询" in page(other, address), role
        assert "有记录" not in page(other, reverse("staff-history", args=[post.person_id])), role
        assert "不得任职" not in page(other, address), role
    assert seen.all().count() == 3


def test_whoever_must_go_is_on_a_list_until_the_post_ends(
    world: World, post: Appointment, director: User
) -> None:
    officer = acting(world.people["bureau_officer"])
    address = reverse("staff-found")
    client = client_of(officer)
    assert "没有这样的人" in page(officer, address)
    post.background_queries.update(result="found")
    # One that finds nothing later takes nothing away.
    later = post.background_queries.get()
    later.pk, later.result, later.queried_on = None, "clear", TODAY
    later.save()
    assert "背景查询有记录的人还在任职" in page(officer, reverse("procedures-owed"))
    with CaptureQueriesContext(connection) as few:
        assert "示例在册" in client.get(address).content.decode()
    for serial in range(60, 66):
        in_post(world.kindergarten, post.entered_as, serial).background_queries.update(
            result="found"
        )
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
    looks = AccessRecord.objects.own(officer).filter(action="read_list").order_by("pk")
    assert [(one.rows, one.reason) for one in looks] == [
        (0, "背景查询有记录"), (1, "背景查询有记录"), (7, "背景查询有记录"),
    ]  # fmt: skip
    Appointment.objects.update(ended_on=TODAY, end_reason="dismissed")
    assert "没有这样的人" in page(director, address)
    # Nobody learns of it on a form for many but who may.
    Appointment.objects.update(ended_on=None, end_reason="")
    form = reverse("papers-batch", args=[world.kindergarten.code, "background"])
    assert "不得任职" in page(director, form)
    assert "不得任职" not in page(acting(world.people["kindergarten_clerk"]), form)


def test_what_a_health_check_said_is_told_to_who_keeps_staff(
    world: World, post: Appointment, director: User
) -> None:
    post.person.health_checks.update(result="unfit")
    addresses = [reverse(name, args=[post.person_id]) for name in ("staff-member", "staff-history")]
    for role, told in (
        ("director", True), ("kindergarten_clerk", True), ("bureau_leader", True),
        ("town_officer", False), ("city_officer", False), ("inspector", False),
    ):  # fmt: skip
        shown = [page(acting(world.people[role]), address) for address in addresses]
        assert ["不合格" in one for one in shown] == [told, told], role
        assert ("已检查" in shown[0]) is not told, role


def test_what_was_done_in_another_window_is_said(post: Appointment, director: User) -> None:
    client = client_of(director)
    (contract,), (paper,) = post.contracts.all(), post.person.certificates.all()
    post.contracts.update(filed_on=TODAY)
    filed = client.post(
        reverse("contract-file", args=[contract.pk]), {"filed_on": TODAY.isoformat()}
    )
    assert filed.status_code == 422
    assert "撤销后重新登记" in filed.content.decode()
    post.contracts.update(**WITHDRAWN)
    post.person.certificates.update(**WITHDRAWN)
    for address in (
        reverse("paper-withdraw", args=["contract", contract.pk]),
        reverse("certificate-withdraw", args=[paper.pk]),
    ):
        again = client.post(address, {"reason": "登记错了"})
        assert again.status_code == 422, address
        assert "已经撤销，不用再办" in again.content.decode()


def test_a_kindergarten_sees_no_health_of_whoever_has_left(
    world: World, post: Appointment, director: User
) -> None:
    address = reverse("staff-member", args=[post.person_id])
    assert "示例医院" in page(director, address)
    post.ended_on, post.end_reason = TODAY, "transferred"
    post.save()
    in_post(world.kindergarten, post.entered_as, 96)
    gone = page(director, address)
    assert "示例医院" not in gone
    assert "示例培训" in gone
    assert "示例医院" not in page(director, reverse("staff-history", args=[post.person_id]))
    # What is its own it still closes.
    assert reverse("contract-end", args=[post.contracts.get().pk]) in gone
    assert reverse("insurance-end", args=[post.person_id, world.kindergarten.code]) in gone
    assert reverse("paper-new", args=[post.person_id, "contract"]) not in gone


def test_the_to_dos_of_director_and_officer_say_how_many(
    world: World, post: Appointment, director: User
) -> None:
    post.contracts.update(**WITHDRAWN)
    assert "教职工合同1人" in page(director, reverse("mirror"))
    officer = acting(world.people["bureau_officer"])
    assert "教职工证件材料" in page(officer, reverse("procedures-owed"))
