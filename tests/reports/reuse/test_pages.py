"""一表多用 on a small county: cells, their way back, the counter, whose they are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from accounts.models import Organisation
from indicators.models import KindergartenFacts
from kindergartens.models import Kindergarten, Population, PublishedKindergarten
from reports.reuse import selectors
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SmallCounty

pytestmark = pytest.mark.django_db


class Scene:
    """Two kindergartens counted in October, a third that has filed nothing."""

    def __init__(self) -> None:
        self.small = small = SmallCounty()
        small.populate(small.county, 300)
        self.town = small.town("甲镇")
        self.one, self.two, self.three = (
            small.kindergarten(self.town, name) for name in ("一园", "二园", "三园")
        )
        small.file(self.one, 32)
        small.file(self.two, 20)
        small.settle()
        self.officer = acting(small.officer())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_page_adds_up_and_leads_back(scene: Scene) -> None:
    PublishedKindergarten.objects.create(
        county=scene.small.county, kind="inclusive", published_on="2026-09-01",
        code=scene.one.code, name="一园", document="公告", address="https://example.org/list",
    )  # fmt: skip
    with travel(NOW, tick=False):
        page = client_of(scene.officer).get(reverse("reuse"))
    sheets = page.context["forms"][-1]
    # (asked, spared). A sheet: one grade and all of them, with two certified posts of seven.
    assert [(form.asked, form.spared) for form in page.context["forms"]] == [
        (20, 17), (16, 7), (2 * (7 + 10 + 9), 2 * (7 + 10 + 9)),
    ]  # fmt: skip
    assert page.context["spared"] == 17 + 7 + 52
    # Two public kindergartens of two in each post; no ceiling was ever entered here.
    assert {line.label: line.value for line in page.context["overview"]} == {
        "常住3–5岁人口": "300", "街道数": "0", "乡镇数": "1", "幼儿园总数": "2", "教育办园": "2",
        "其他公办园": "0", "普惠性民办园": "0", "非普惠民办园": "0", "在园幼儿总数": "52",
        "公办园在园幼儿": "52", "普惠性民办园在园幼儿": "0", "非普惠民办园在园幼儿": "0",
        "教职工总数": "28", "园长": "4", "专任教师": "4", "保育员": "4", "其他教职工": "16",
        "保教费上限：公办园": "—", "保教费上限：普惠性民办园A类": "—",
        "保教费上限：普惠性民办园B类": "—",
    }  # fmt: skip
    lines = {one.item.number: one.line for one in page.context["evaluation"]}
    assert lines[3].value == "100.00%"
    assert lines[3].url == reverse(
        "figure-explain", args=[scene.small.county.code, "public_enrolment_share", OCTOBER]
    )
    # As that form asks: over the registered population.
    assert "52 ÷ 300" in lines[1].source
    # Nothing tells it: open, and never 0.
    assert (lines[10].is_filled, lines[10].value) == (False, "—")
    assert lines[24].value == "0"
    text = page.content.decode()
    assert "https://example.org/list" in text
    facts = KindergartenFacts.objects.get(kindergarten=scene.one)
    version = [facts.filing_version.filing_id, facts.filing_version.version]
    assert reverse("filing-version", args=version) in text
    # Half the month is not the whole: three owe it, two are counted.
    assert "应报3所，已接收并计入2所，暂计" in text
    assert sheets.who == "每所园一张，已计入2张，还有1所没有计入"
    # A newer list that gives no address is not found at the old one.
    PublishedKindergarten.objects.create(
        county=scene.small.county, kind="inclusive", published_on="2026-10-08",
        code=scene.one.code, name="一园", document="公告",
    )  # fmt: skip
    assert selectors.public_list_address(scene.small.county, NOW.date()) == ""


def test_without_registered_population_the_gross_rate_is_open(scene: Scene) -> None:
    Population.objects.filter(base=Population.Base.REGISTERED).delete()
    scene.small.settle()
    county = scene.small.county
    assert selectors.answers(scene.officer, county, OCTOBER, NOW.date())[1].value is None
    with travel(NOW, tick=False):
        page = client_of(scene.officer).get(reverse("reuse"))
    lines = {one.item.number: one.line for one in page.context["evaluation"]}
    assert (lines[1].is_filled, lines[1].value) == (False, "—")
    assert lines[1].why == "没有登记户籍3–5岁人口"


def test_the_file_has_the_same_cells(scene: Scene) -> None:
    with travel(NOW, tick=False):
        sent = client_of(scene.officer).get(reverse("reuse-export", args=["csv"]))
        head, *rows = b"".join(sent).decode("utf-8-sig").strip().splitlines()[-3:]
    [sheet] = [
        one
        for one in selectors.worksheets(scene.officer, scene.small.county, OCTOBER)
        if one.facts.kindergarten == scene.one
    ]
    columns = head.replace('"', "").split(",")
    row = dict(zip(columns, rows[0].replace('"', "").split(","), strict=True))
    assert row["园名"] == "一园"
    assert int(row["合计：男"]) + int(row["合计：女"]) == 32
    assert int(row["免填项数"]) == sheet.spared
    assert sum(bool(row[name]) for name in columns[3:-2]) == sheet.spared


def test_a_director_sees_the_own_counter_and_worksheet(scene: Scene) -> None:
    director = acting(scene.small.person("园长", scene.one.organisation, "director"))
    client = client_of(director)
    sheet = selectors.worksheets(scene.officer, scene.small.county, OCTOBER)[0]

    def opened(kindergarten: Kindergarten) -> int:
        return client.get(reverse("reuse-worksheet", args=[kindergarten.code])).status_code

    with travel(NOW, tick=False):
        assert f"<b>{sheet.spared}项</b>" in client.get(reverse("mirror")).content.decode()
        assert (opened(scene.one), opened(scene.two)) == (200, 404)
        assert client.get(reverse("reuse")).status_code == 403
        waiting = acting(scene.small.person("园长三", scene.three.organisation, "director"))
        page = client_of(waiting).get(reverse("reuse-worksheet", args=[scene.three.code]))
        assert "还没有计入的月报" in page.content.decode()


def test_a_town_sees_its_own_worksheets_alone(scene: Scene) -> None:
    other = scene.small.kindergarten(scene.small.town("乙镇"), "四园")
    scene.small.file(other, 24)
    town = acting(scene.small.officer(scene.town, "town_officer"))
    with travel(NOW, tick=False):
        page = client_of(town).get(reverse("reuse"))
    assert [form.anchor for form in page.context["forms"]] == ["worksheets"]
    assert page.context["page_obj"].paginator.count == 2


def test_the_months_of_before_it_moved_stay_open(scene: Scene) -> None:
    away = scene.small.town("外镇", county=scene.small.other_county)
    Organisation.objects.filter(pk=scene.one.organisation_id).update(region=away)
    with travel(NOW, tick=False):
        client = client_of(scene.officer)
        assert client.get(reverse("reuse-worksheet", args=[scene.one.code])).status_code == 200
        there = client_of(acting(scene.small.officer(scene.small.other_county)))
        page = there.get(reverse("reuse-worksheet", args=[scene.one.code])).content.decode()
    assert "还没有计入的月报" in page


def test_the_page_asks_as_often_for_many(scene: Scene) -> None:
    client = client_of(scene.officer)
    client.get(reverse("reuse"))

    def queries() -> int:
        with travel(NOW, tick=False), CaptureQueriesContext(connection) as found:
            client.get(reverse("reuse"))
        return len(found)

    few = queries()
    for number in range(3):
        scene.small.file(scene.small.kindergarten(scene.town, f"园{number}"), 20)
    assert queries() == few
