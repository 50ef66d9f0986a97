"""The register of unlicensed places in the browser's words, its file, and the strip by the rates."""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from kindergartens.models import UnlicensedKindergarten
from tests.kindergartens.unlicensed.scene import NOV, SEPT, Scene, paper
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    with travel(NOW, tick=False):
        yield Scene(SmallCounty())


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_from_report_to_closing_in_the_pages(scene):
    client = client_of(scene.small.officer())
    made = client.post(
        reverse("unlicensed-new"),
        {"name": "小树苗", "town": scene.town.pk, "address": "东路1号", "day": "2026-09-01",
         "children": "20", "staff": "3"},
    )  # fmt: skip
    place = UnlicensedKindergarten.objects.get()
    assert made.headers["Location"] == reverse("unlicensed", args=[place.pk])

    def post(route, data):
        return client.post(reverse(route, args=[place.pk]), data, follow=True)

    lead = scene.officer.acting.organisation_id
    asked = {"route": "ban", "lead": lead, "decided_on": "2026-09-10", "deadline": "2026-10-31",
             "reason": "没有消防手续"}  # fmt: skip
    assert "已登记处置方式。" in text(post("unlicensed-route", asked))
    assert "逾期没有办结" in text(client.get(reverse("unlicensed", args=[place.pk])))
    asked = {"day": "2026-10-20", "destination": "kindergarten", "children": "18",
             "kindergarten": scene.kindergarten.code}  # fmt: skip
    assert "还有2名没有安置" in text(post("unlicensed-place", asked))
    closing = {"outcome": "closed", "closed_on": "2026-11-01", "barred_years": "6",
               "bar_reason": "较轻"}  # fmt: skip
    refused = post("unlicensed-close", closing | {"document": paper()})
    assert refused.status_code == 422
    assert "还有2名没有安置，不能办结" in text(refused)
    asked = {"day": "2026-10-20", "destination": "home", "children": "2", "note": "家长自带"}
    post("unlicensed-place", asked)
    page = text(post("unlicensed-close", closing | {"document": paper()}))
    assert "小树苗已办结。" in page
    assert "6年，到2032年11月1日前不受理" in page
    download = re.search(r'href="(/unlicensed/documents/[^"]+)"', page)
    assert client.get(download[1]).status_code == 200


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": ""}, "id_name", "请填名称"),
        ({"town": "999999"}, "id_town", "不在您的范围内"),
        ({"day": "九月"}, "id_day", "日期写成2026-11-26这样"),
        ({"day": "2026-12-01"}, "id_day", "不能晚于今天"),
        ({"children": "-1"}, "id_children", "人数不能小于0"),
        ({"children": "9999"}, "id_children", "一处最多2000人"),
        ({"note": "负责人电话13800001234"}, "id_note", "号"),
    ],
)
def test_bad_input_is_said_at_its_place_and_kept(scene, typed, field, said):
    asked = {
        "name": "小树苗", "town": scene.town.pk, "address": "东路1号", "day": "2026-09-01",
        "children": "20",
    } | typed  # fmt: skip
    answer = client_of(scene.small.officer()).post(reverse("unlicensed-new"), asked)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}_error">.*?{said}', answer.content.decode(), re.DOTALL)
    assert 'value="东路1号"' in answer.content.decode()
    assert not UnlicensedKindergarten.objects.exists()


def test_closing_without_a_paper_is_refused(scene):
    place = scene.found()
    client = client_of(scene.small.officer())
    answer = client.post(
        reverse("unlicensed-close", args=[place.pk]),
        {"outcome": "closed", "closed_on": "2026-11-01"},
    )
    assert answer.status_code == 422
    assert "请上传依据文件。" in text(answer)


def test_the_file_has_the_rows_of_the_screen_and_no_heads_name(scene):
    for name in ("甲", "乙", "丙"):
        scene.found(name)
    scene.banned("丁")
    UnlicensedKindergarten.objects.filter(name="甲").update(head_name="示例负责人")
    client = client_of(scene.small.officer())
    for query, count in (("", 3), ("?state=all", 4), ("?state=closed", 1), ("?q=乙", 1)):
        page = client.get(reverse("unlicensed-list") + query).content.decode()
        assert len(re.findall(r'class="row-link" href="/unlicensed/\d+/"', page)) == count
        answer = client.get(reverse("unlicensed-export", args=["xlsx"]) + query)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active
        rows = [row for row in sheet.iter_rows(values_only=True) if row[4] is not None]
        assert len(rows) - 1 == count
        assert "示例负责人" not in str(rows)
        assert "示例负责人" not in page


def test_the_list_is_asked_for_a_day(scene):
    scene.banned("丁", day=NOV)
    client = client_of(scene.small.officer())
    before = client.get(reverse("unlicensed-list"), {"on": "2026-10-15"}).content.decode()
    assert "丁" in before
    assert "没有符合条件的无证园" in client.get(reverse("unlicensed-list")).content.decode()


def test_beside_the_rates_and_in_none_of_them(scene):
    small = scene.small
    small.populate(small.county, 100)
    small.file(scene.kindergarten, 40)
    small.settle()
    scene.found(children=20)
    scene.found("没有点", children=None)
    client = client_of(small.officer())
    url = reverse("dashboard-region", args=[small.county.code])
    page = text(client.get(url))
    assert "无证2所、幼儿20人（1所待查），不计入三率（2026年10月31日，没有办结的）" in page
    assert re.search(r"40(\.00)?%|40\.00", page)
    link = re.search(r'href="(/unlicensed/\?region=[^"]+)"', page)[1].replace("&amp;", "&")
    listed = client.get(link).content.decode()
    assert len(re.findall(r'class="row-link" href="/unlicensed/\d+/"', listed)) == 2
    explained = client.get(
        reverse("figure-explain", args=[small.county.code, "gross_enrolment_rate", OCTOBER])
    )  # fmt: skip
    assert "无证2所、幼儿20人" in text(explained)
    town = client_of(small.officer(scene.town, "town_officer"))
    assert "无证2所" in text(town.get(reverse("dashboard-region", args=[scene.town.code])))


def test_a_director_does_not_see_it(scene):
    place = scene.found()
    director = client_of(scene.small.person("园长", scene.kindergarten.organisation, "director"))
    assert director.get(reverse("unlicensed-list")).status_code == 403
    assert director.get(reverse("unlicensed", args=[place.pk])).status_code == 403
    assert director.get(reverse("unlicensed-history", args=[place.pk])).status_code == 404


def test_pages_cost_the_same_however_many_places(scene):
    client = client_of(scene.small.officer())
    place = scene.found()
    scene.decide(place, "rectify")

    def cost(url):
        with CaptureQueriesContext(connection) as spent:
            assert client.get(url).status_code == 200
        return len(spent)

    urls = [
        reverse("unlicensed-list"),
        reverse("unlicensed-export", args=["xlsx"]),
        reverse("unlicensed", args=[place.pk]),
    ]
    few = [cost(url) for url in urls]
    for number in range(8):
        scene.decide(scene.found(f"第{number}处", day=SEPT), "childcare")
        scene.check(place, NOV, children=18)
    scene.put(place, 3)
    scene.put(place, 2, kindergarten=False, note="回家")
    assert [cost(url) for url in urls] == few


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("没有的园", "名册里没有在办的“没有的园”"),
        ("同名园", "叫“同名园”的有2所，请填学校标识码"),
        ("{far}", "名册里没有在办的"),
        ("{suspended}", "名册里没有在办的"),
    ],
)
def test_a_kindergarten_that_is_not_found_is_said_at_its_place(scene, typed, said):
    small, place = scene.small, scene.found()
    for town in (scene.town, small.town("西镇")):
        small.kindergarten(town, "同名园")
    far = small.kindergarten(small.town("远镇", county=small.other_county), "远园")
    stopped = small.kindergarten(scene.town, "停办园", state="suspended")
    typed = typed.format(far=far.code, suspended=stopped.code)
    asked = {"day": "2026-10-20", "destination": "kindergarten", "children": "18",
             "kindergarten": typed}  # fmt: skip
    answer = client_of(small.officer()).post(reverse("unlicensed-place", args=[place.pk]), asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page.split('id="id_kindergarten_error"', 1)[1]
    assert f'value="{typed}"' in page, "what was typed stays"
    assert not place.unlicensedplacements.exists()


@pytest.mark.parametrize("shape", ["{name}（{code}）", "{code}", "{name}", " {name} ({code}) "])
def test_a_kindergarten_is_found_by_name_and_code(scene, shape):
    place = scene.found()
    one = scene.kindergarten
    asked = {"day": "2026-10-20", "destination": "kindergarten", "children": "18",
             "kindergarten": shape.format(name=one.name, code=one.code)}  # fmt: skip
    client = client_of(scene.small.officer())
    page = client.get(reverse("unlicensed-place", args=[place.pk])).content.decode()
    assert f'<option value="{one.name}（{one.code}）"></option>' in page
    answer = client.post(reverse("unlicensed-place", args=[place.pk]), asked)
    assert answer.status_code == 302
    assert place.unlicensedplacements.get().kindergarten == one
