"""The page of registering: all its problems in one go, each at its field, and nothing typed lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from kindergartens.models import Kindergarten
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty, moment

pytestmark = pytest.mark.django_db

URL = "/kindergartens/register/"
WRONG_USCC = "91350203M0001QAY9B"


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small, self.town = small, small.town("甲镇")
        self.there = small.kindergarten(self.town, "甲镇中心幼儿园")
        self.officer: Client = client_of(small.officer())

    def send(self, **more: Any) -> Any:
        typed = {
            "name": "春芽幼儿园", "code": "1165900009", "institution_type": "independent",
            "opened_on": "2026-10-01", "valid_from": "2026-11-02", "sponsor_type": "education",
            "ownership": "public", "document_number": "甲教审〔2026〕9号", "reason": "新设",
            "town": self.town.pk,
        }  # fmt: skip
        return self.officer.post(URL, {**typed, **more})


@pytest.fixture
def scene(db: None) -> Iterator[Scene]:
    with travel(NOW, tick=False):
        yield Scene(SmallCounty())


def test_what_is_right_is_registered(scene: Scene) -> None:
    assert scene.send().status_code == 302
    assert Kindergarten.objects.filter(code="1165900009").exists()


def test_everything_that_is_wrong_is_said_at_once_at_its_field(scene: Scene) -> None:
    # Of the form itself, of the books, of the rules, of the law and of the first day.
    answer = scene.send(
        name="甲镇·中心 幼儿园",
        code=scene.there.code,
        uscc=WRONG_USCC,
        institution_type="branch",
        opened_on="2026-11-20",
        sponsor_type="private",
        for_profit="on",
        reason="",
        address="长" * 201,
    )
    assert answer.status_code == 422
    form = answer.context["form"]
    said = {name: "".join(texts) for name, texts in form.errors.items()}
    wanted = {
        "name": "已经登记给", "code": "已经登记给", "uscc": "校验位", "uscc_reason": "请写明依据",
        "host": "要写明所属园", "ownership": "办园性质和办别对不上", "for_profit": "不能是营利性的",
        "valid_from": "早于建园日期", "reason": "请写明登记原因", "address": "最多200字",
    }  # fmt: skip
    assert said.keys() == wanted.keys()
    for name, words in wanted.items():
        assert words in said[name], said[name]
    assert len(form.errors["host"]) == len(form.errors["valid_from"]) == 1
    page = answer.content.decode()
    assert [row.code for row in answer.context["there"]] == [scene.there.code]
    assert 'value="甲镇·中心 幼儿园"' in page
    assert f'value="{WRONG_USCC}"' in page
    assert Kindergarten.objects.get() == scene.there


def test_what_can_be_read_is_judged_beside_what_cannot(scene: Scene) -> None:
    answer = scene.send(town="", valid_from="昨天", code="12", name=scene.there.name)
    said = {name: "".join(texts) for name, texts in answer.context["form"].errors.items()}
    assert said.keys() == {"town", "valid_from", "code", "name"}
    assert "10位数字" in said["code"]
    assert "已经登记给" in said["name"]


@pytest.mark.parametrize(
    ("day", "now", "words"),
    [("2029-01-01", NOW, "请核对年份"), ("2026-10-15", moment(2026, 11, 25), "锁定")],
)
def test_the_first_day_is_judged_with_the_rest(
    scene: Scene, day: str, now: Any, words: str
) -> None:
    with travel(now, tick=False):
        # Later than the session lasts.
        scene.officer = client_of(scene.small.officer())
        answer = scene.send(valid_from=day, sponsor_type="private")
    errors = answer.context["form"].errors
    assert errors.keys() == {"valid_from", "ownership"}
    assert words in errors["valid_from"][0]


def test_a_reason_is_asked_for_and_then_taken(scene: Scene) -> None:
    answer = scene.send(uscc=WRONG_USCC)
    assert answer.context["form"].errors.keys() == {"uscc", "uscc_reason"}
    assert scene.send(uscc=WRONG_USCC, uscc_reason="证书上确实如此").status_code == 302


def test_an_empty_form_asks_for_what_is_needed_and_nothing_more(scene: Scene) -> None:
    answer = scene.officer.post(URL, {})
    needed = {
        "name", "code", "opened_on", "town", "sponsor_type", "ownership", "valid_from",
        "document_number", "reason",
    }  # fmt: skip
    assert needed <= answer.context["form"].errors.keys() <= needed | {"institution_type"}


def test_a_full_county_costs_as_many_queries_as_an_empty_one(scene: Scene) -> None:
    counts = []
    for number in (1, 20):
        for one in range(number):
            scene.small.kindergarten(scene.town, f"第{number}组{one}幼儿园")
        with CaptureQueriesContext(connection) as queries:
            assert scene.send(sponsor_type="private").status_code == 422
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_year_that_was_mistyped_is_said_at_both_dates(scene: Scene) -> None:
    answer = scene.send(opened_on="2028-01-01", valid_from="2028-01-01")
    assert answer.status_code == 422
    said = {name: "".join(texts) for name, texts in answer.context["form"].errors.items()}
    assert said.keys() == {"opened_on", "valid_from"}
    assert "建园日期最晚填2027年11月5日" in said["opened_on"]
    assert "在册起始日期最晚填2027年11月5日" in said["valid_from"]
    assert Kindergarten.objects.get() == scene.there


def test_a_planned_one_may_begin_within_a_year(scene: Scene) -> None:
    assert scene.send(opened_on="2027-09-01", valid_from="2027-09-01").status_code == 302
    made = Kindergarten.objects.get(code="1165900009")
    assert str(made.statuses.get().valid_from) == "2027-09-01"


def test_classes_of_a_school_are_registered_once_with_its_code(scene: Scene) -> None:
    refused = scene.send(code="2165900001")
    assert "办学类型请选“附设幼儿班”" in "".join(refused.context["form"].errors["code"])
    typed = {"institution_type": "attached", "host_name": "示例小学", "code": "2165900001"}
    assert scene.send(**typed).status_code == 302
    again = scene.send(**typed, name="示例小学附设班")
    assert "已经登记给" in "".join(again.context["form"].errors["code"])
    assert Kindergarten.objects.filter(code="2165900001").count() == 1
