"""The pages of papers: listed at one cost, renewed in a click, told of to those who may know."""

from __future__ import annotations

import datetime as dt
import re
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
    (form,) = re.findall(r'href="([^"]*kind=teaching)"', page(director, reverse("staff-due")))
    assert 'value="20136543210000123"' in page(director, form)


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
    assert [(one.user, one.object_id) for one in seen] == [(director, str(post.person_id))]
    for role in ("kindergarten_clerk", "inspector", "town_officer"):
        other = acting(world.people[role])
        assert not {"有记录", "无记录", "示例表彰"} & set(
            re.findall("有记录|无记录|示例表彰", page(other, address))
        ), role
        assert "已查询" in page(other, address), role
        assert "有记录" not in page(other, reverse("staff-history", args=[post.person_id])), role
    assert seen.count() == 1


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


def test_the_to_dos_of_director_and_officer_say_how_many(
    world: World, post: Appointment, director: User
) -> None:
    post.contracts.update(**WITHDRAWN)
    assert "教职工合同1人" in page(director, reverse("mirror"))
    officer = acting(world.people["bureau_officer"])
    assert "教职工证件材料" in page(officer, reverse("procedures-owed"))
