"""The record's pages: what is missing and who fills it in, two tabs, and what a director may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from kindergartens.models import Kindergarten, RecordProposal
from kindergartens.record.catalogue import BY_KEY
from kindergartens.record.values import stamp
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_at_noon() -> Iterator[SmallCounty]:
    with travel(NOW, tick=False):
        yield SmallCounty()


class Scene:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.kindergarten = small.kindergarten(small.town("甲镇"), "甲镇中心幼儿园")
        self.url = f"/kindergartens/{self.kindergarten.code}/"
        self.officer = self.client_of(small.officer())
        self.director = self.client_of(
            small.person("园长", self.kindergarten.organisation, "director")
        )

    def client_of(self, user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def seen(self, section: str) -> str:
        return stamp(Kindergarten.objects.get(pk=self.kindergarten.pk), BY_KEY[section])


@pytest.fixture
def scene(small_at_noon: SmallCounty) -> Scene:
    return Scene(small_at_noon)


def text(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page))


def test_the_page_says_what_is_missing_and_who_fills_it_in(scene: Scene) -> None:
    page = text(scene.officer.get(scene.url).content.decode())
    assert "已填3项，共25项" in page
    assert "园长还要填21项：统一社会信用代码、举办者、法定代表人" in page
    assert "教育局还要填1项：责任督学" in page
    assert "地址未填园长填" in page
    Kindergarten.objects.filter(pk=scene.kindergarten.pk).update(address="甲镇一路", boarding=False)
    page = text(scene.officer.get(scene.url).content.decode())
    assert "已填5项" in page
    assert "地址甲镇一路" in page
    assert "寄宿没有寄宿" in page


def test_who_finds_which_way_to_edit(scene: Scene) -> None:
    officer = scene.officer.get(scene.url).content.decode()
    assert f"{scene.url}record/licence/" in officer
    assert f"{scene.url}rename/" in officer
    director = scene.director.get(scene.url).content.decode()
    assert f"{scene.url}own-record/licence/" in director
    assert f"{scene.url}own-record/daily/" in director
    assert "/rename/" not in director
    reader = scene.client_of(scene.small.officer(role="inspector"))
    assert "record/licence" not in reader.get(scene.url).content.decode()
    assert scene.officer.get(f"{scene.url}record/nonsense/").status_code == 404


def test_bad_input_is_told_where_it_was_made_and_nothing_is_lost(scene: Scene) -> None:
    answer = scene.officer.post(
        f"{scene.url}record/place/",
        {
            "seen": scene.seen("place"),
            "address": "甲镇二路",
            "latitude": "86.9",
            "longitude": "47.7",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "纬度和经度填反了，请对调" in page
    assert 'value="甲镇二路"' in page
    assert Kindergarten.objects.get(pk=scene.kindergarten.pk).address == ""


def test_a_schools_code_does_not_stay_on_what_is_no_class_of_a_school(scene: Scene) -> None:
    own, schools = scene.kindergarten.code, "2165900001"

    def save(at: str, **values: str) -> Any:
        url = f"/kindergartens/{at}/record/identity/"
        form = scene.officer.get(url).context["form"]
        shown = {name: form[name].value() for name in form.fields}
        given = {name: value for name, value in shown.items() if value is not None}
        return scene.officer.post(url, {**given, **values})

    # A code that begins with 11 may stay on either.
    assert save(own, institution_type="attached", host_name="示例小学").status_code == 302
    assert save(own, institution_type="independent").status_code == 302
    assert save(own, institution_type="attached", code=schools).status_code == 302
    assert "幼儿园以11开头" not in scene.officer.get(f"/kindergartens/{schools}/").content.decode()
    refused = save(schools, institution_type="independent")
    assert refused.status_code == 422
    assert refused.context["form"].errors.keys() == {"code"}
    assert "幼儿园以11开头" in refused.context["form"].errors["code"][0]
    kept = Kindergarten.objects.get(pk=scene.kindergarten.pk)
    assert (kept.code, kept.institution_type) == (schools, "attached")
    assert save(schools, institution_type="independent", code=own).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"latitude": "abc"}, "请填度数"),
        ({"latitude": "1e30", "longitude": "117"}, "请填度数"),
        ({"latitude": "Infinity", "longitude": "117"}, "请填度数"),
        ({"latitude": "nan", "longitude": "117"}, "请填度数"),
        ({"latitude": "39.4"}, "没有填经度"),
        ({"address": "长" * 201}, "最多200字"),
    ],
)
def test_each_slip_has_its_sentence(scene: Scene, typed: dict[str, str], words: str) -> None:
    data = {"seen": scene.seen("place"), **typed}
    answer = scene.officer.post(f"{scene.url}record/place/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_second_tab_is_shown_what_the_first_one_saved(scene: Scene) -> None:
    seen = scene.seen("place")
    url = f"{scene.url}record/place/"
    scene.officer.post(url, {"seen": seen, "address": "第一个人填的"})
    answer = scene.officer.post(url, {"seen": seen, "address": "第二个人填的"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "地址“第一个人填的”" in page
    assert 'value="第二个人填的"' in page
    assert Kindergarten.objects.get(pk=scene.kindergarten.pk).address == "第一个人填的"
    # Having seen it, the person decides.
    again = re.search(r'name="seen" value="(\w+)"', page)
    assert again is not None
    scene.officer.post(url, {"seen": again[1], "address": "第二个人填的"})
    assert Kindergarten.objects.get(pk=scene.kindergarten.pk).address == "第二个人填的"


def test_a_directors_proposal_goes_its_way(scene: Scene) -> None:
    url = f"{scene.url}own-record/licence/"
    assert "报教育局核对" in scene.director.get(url).content.decode()
    data = {"seen": scene.seen("licence"), "licence_number": "证2"}
    assert scene.director.post(url, data).status_code == 422, "without grounds"
    scene.director.post(url, data | {"proposal_reason": "已换证"})
    assert "申请改这部分，等教育局核对" in scene.officer.get(scene.url).content.decode()
    proposal = RecordProposal.objects.get()
    listed = text(scene.officer.get("/kindergartens/proposals/").content.decode())
    assert "办学许可证号空证2" in listed
    decide = f"/kindergartens/proposals/{proposal.pk}/decide/"
    assert scene.officer.post(decide, {"act": "decline"}).status_code == 422
    scene.officer.post(decide, {"act": "decline", "reason": "和原件不符"})
    assert "没有采用，和原件不符" in scene.director.get(scene.url).content.decode()


def test_a_double_is_refused_with_the_way_to_the_one_that_is_there(scene: Scene) -> None:
    answer = scene.officer.post(
        "/kindergartens/register/",
        {
            "name": "甲镇中心幼儿园",
            "code": scene.kindergarten.code,
            "institution_type": "independent",
            "opened_on": "2026-11-01",
            "town": scene.kindergarten.organisation.region_id,
            "sponsor_type": "education",
            "ownership": "public",
            "valid_from": "2026-11-05",
            "document_number": "文1",
            "reason": "新设",
        },
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "不要重复登记" in page
    assert f'href="{scene.url}"' in page
    assert Kindergarten.objects.count() == 1


def test_as_many_queries_however_much_is_filled_in(
    scene: Scene, django_assert_max_num_queries
) -> None:
    scene.officer.get(scene.url)
    with django_assert_max_num_queries(40):
        scene.officer.get(scene.url)
