"""The pages of the roster: what is listed, what is masked, and that a long list costs no more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from staffing.models import Appointment, StaffMember
from tests.access.routes import World
from tests.conftest import acting
from tests.signing_in import client_of, shown_who_they_are
from tests.small_county import NOW
from tests.staffing.roster.making import BORN_THERE, a_number, in_post


@pytest.fixture
def officer(world: World) -> User:
    return acting(world.people["bureau_officer"])


def page(user: User, address: str, **query: Any) -> str:
    answer = client_of(user).get(address, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_list_is_narrowed_and_costs_the_same_when_long(world: World, officer: User) -> None:
    client = client_of(officer)
    address = reverse("staff")
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address)
    post = officer.memberships.get()
    for serial in range(80, 90):
        in_post(world.second_kindergarten, post, serial)
    with CaptureQueriesContext(connection) as many:
        whole = client.get(address).content.decode()
    assert len(many) == len(few)
    assert whole.count("示例调入园</a>") == 10
    number = a_number(80, BORN_THERE)
    assert number not in whole
    assert f"{number[:3]}***********{number[-4:]}" in whole
    for query, rows in (
        ({"q": "示例在册"}, 11),
        ({"q": "没有这个人"}, 0),
        ({"kindergarten": "调入"}, 10),
        ({"region": world.town.code}, 11),
        ({"certified": "no"}, 0),
        ({"certified": "yes"}, 11),
        ({"post": "principal"}, 0),
        ({"establishment": "established"}, 11),
        ({"state": "former"}, 0),
    ):
        found = page(officer, address, **query)
        assert found.count('class="row-link"') == rows, query


def test_an_end_that_is_wrong_is_put_right_on_the_page_of_its_post(world: World) -> None:
    director = acting(world.people["director"])
    post = world.staff_post
    address = reverse("post-correct", args=[post.pk])
    assert "离任日期" not in page(director, address)
    post.ended_on, post.end_reason, post.end_note = NOW.date(), "resigned", "个人原因"
    post.save()
    shown = page(director, address)
    assert 'value="2026-11-05"' in shown
    [seen] = re.findall(r'name="seen" value="(\w+)"', shown)
    typed = {
        "full_time": "1", "establishment": "established", "started_on": f"{post.started_on}",
        "reason": "没有离任", "seen": seen, "end_reason": "resigned",
    }  # fmt: skip
    client = client_of(director)
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "写了离任原因的，要填离任日期" in refused.content.decode()
    assert client.post(address, typed | {"end_reason": ""}).status_code == 302
    post.refresh_from_db()
    assert (post.ended_on, post.end_note) == (None, "")


def test_a_director_hires_on_one_form_and_sees_the_own_roster(world: World) -> None:
    director = acting(world.people["director"])
    client = client_of(director)
    code = world.kindergarten.code
    typed = {
        "identifier_type": "resident_id", "number": f" {a_number(55)} ", "name": "示例新人",
        "education": "diploma", "post": "full_time_teacher", "full_time": "1",
        "establishment": "non_established", "started_on": "2026-09-01",
        "paper_number": "20206543210000123",
    }  # fmt: skip
    answer = client.post(reverse("staff-hire", args=[code]), typed)
    assert answer.status_code == 422
    assert "登记证书要填这一项" in answer.content.decode()
    paper = {
        "paper_kind": "teaching", "paper_stage": "kindergarten", "paper_issued_on": "2020-07-01",
    }  # fmt: skip
    answer = client.post(reverse("staff-hire", args=[code]), typed | paper, follow=True)
    shown = answer.content.decode()
    assert "示例新人已登记为专任教师，2026年9月1日起。" in shown
    assert "还没有登记健康检查、背景查询、合同，请到<a href=" in shown
    assert '<dt>专任教师</dt><dd>2<small>人</small><span class="sub">持证2</span></dd>' in shown
    person = StaffMember.objects.get(name="示例新人")
    again = client.post(reverse("staff-hire", args=[code]), typed | paper)
    assert "起已在本园任专任教师" in again.content.decode()
    assert a_number(55) not in page(director, reverse("staff-member", args=[person.pk]))
    story = page(director, reverse("staff-history", args=[person.pk]))
    assert "非在编" in story
    assert a_number(55) not in story


def test_whoever_is_yet_to_begin_is_listed_so_and_not_counted(world: World) -> None:
    director = acting(world.people["director"])
    address = reverse("kindergarten-staff", args=[world.kindergarten.code])
    words = "尚未到任的1条任职不算在内"
    shown = page(director, address)
    assert (words in shown, "尚未到任" in shown) == (False, False)
    coming = in_post(world.kindergarten, director.memberships.get(), 80)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    Appointment.objects.filter(pk=coming.pk).update(started_on=tomorrow)
    shown = page(director, address)
    assert f"<dt>教职工</dt><dd>1<small>人，{words}</small></dd>" in shown
    assert shown.count('<span class="sub">尚未到任</span>') == 1


def test_a_director_who_lacks_something_is_told_on_the_page(world: World, officer: User) -> None:
    Appointment.objects.filter(pk=world.staff_post.pk).update(post="principal")
    shown = page(officer, reverse("staff-member", args=[world.staff_post.person_id]))
    assert "还缺：" not in shown
    StaffMember.objects.filter(pk=world.staff_post.person_id).update(education="upper_secondary")
    shown = page(officer, reverse("staff-member", args=[world.staff_post.person_id]))
    assert "还缺：学历不到大学专科" in shown


def test_the_roster_leaves_masked_and_many_persons_after_anothers_word(
    world: World, officer: User
) -> None:
    """ADR 12, for a list in which a person may stand twice."""
    director = acting(world.people["director"])
    address = reverse("staff-export", args=["csv"])
    client = shown_who_they_are(client_of(director))
    shown = client.get(reverse("kindergarten-staff", args=[world.kindergarten.code]))
    query = f"?kindergarten={world.kindergarten.code}"
    assert f"{reverse('staff-export', args=['xlsx'])}{query}" in shown.content.decode()
    text = client.get(f"{address}{query}").getvalue().decode("utf-8-sig")
    number = str(world.staff_post.person.number)
    assert (world.staff_post.person.name in text, number in text) == (True, False)
    assert f"{number[:3]}***********{number[-4:]}" in text
    second = Appointment(
        person=world.staff_post.person, kindergarten=world.kindergarten, full_time=False,
        post="administrative", establishment="established", started_on=dt.date(2026, 9, 1),
        entered_as=world.staff_post.entered_as, entered_at=NOW,
    )  # fmt: skip
    second.save()
    again = client.get(f"{address}{query}").getvalue().decode("utf-8-sig")
    assert again.count(world.staff_post.person.name) == 2
    post = officer.memberships.get()
    for serial in range(40, 90):
        in_post(world.second_kindergarten, post, serial)
    asked = shown_who_they_are(client_of(officer)).get(address)
    assert (asked.status_code, asked["Location"].split("?")[0]) == (
        302, reverse("export-ask", args=["staff"]),
    )  # fmt: skip
