"""对账 on a small county: statistics in by table, both papers beside each other, explanations."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from kindergartens.models import AnnualStatistics, ReportingPeriod
from reports.reconciling import services
from reports.reconciling.models import DifferenceNote
from reports.reconciling.rules import Explained, Standing
from reports.reconciling.selectors import reconcile
from tests.accounts.exchange.conftest import checked, files_root, written
from tests.accounts.exchange.tables import excel
from tests.conftest import acting
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

pytestmark = pytest.mark.django_db
__all__ = ["files_root"]
DAY = dt.date(2026, 9, 1)
HEADS = ["学校标识码", "园名", "统计时点", "在园幼儿", "班数", "教职工", "来源"]


class Scene:
    """一园 counts 32 children, 二园 20, 三园 has filed nothing; 四园 lies in another town."""

    def __init__(self) -> None:
        self.small = small = SmallCounty()
        self.town, other = small.town("甲镇"), small.town("乙镇")
        self.one, self.two, self.three = (
            small.kindergarten(self.town, name) for name in ("一园", "二园", "三园")
        )
        self.four = small.kindergarten(other, "四园")
        small.file(self.one, 32)
        small.file(self.two, 20)
        self.period = ReportingPeriod.objects.get(county=small.county, month=OCTOBER)
        self.officer = acting(small.officer())

    def state(self, kindergarten_code: str, name: str, children: int | None) -> AnnualStatistics:
        return AnnualStatistics.objects.create(
            county=self.small.county, code=kindergarten_code, name=name, reference_date=DAY,
            children=children, source="年报",
        )  # fmt: skip

    def standings(self) -> dict[str, Standing]:
        found = reconcile(self.officer, self.period, now=NOW)
        return {line.name: line.standing for line in found.lines}

    def explain(self, text: str = "扩班", seen: Explained = Explained(32, 30)) -> None:  # noqa: B008
        services.explain_differences(
            period=self.period, code=self.one.code, texts={"children": text},
            seen={"children": seen}, by=self.officer, now=NOW,
        )  # fmt: skip


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_statistics_come_in_by_table_and_twice_changes_nothing(scene: Scene) -> None:
    rows = [
        HEADS,
        [scene.one.code, "一园", DAY, 30, "", 9, "年报"],
        ["1165999999", "没有登记的园", DAY, 40, 2, 8, "年报"],
    ]
    with travel(NOW, tick=False):
        batch = checked(scene.officer, excel(rows, sheet="事业统计"), kind="annual-statistics")
        assert batch.new_count == 2, batch.refusal
        written(scene.officer, batch)
        row = AnnualStatistics.objects.get(code=scene.one.code)
        # An empty cell is not told, and never 0.
        assert (row.children, row.classes, row.staff) == (30, None, 9)
        again = checked(scene.officer, excel(rows, sheet="事业统计"), kind="annual-statistics")
        assert (again.state, again.same_count) == ("unchanged", 2)


def test_each_kindergarten_stands_in_one_way(scene: Scene) -> None:
    assert set(scene.standings().values()) == {Standing.NO_STATISTICS}
    scene.state(scene.one.code, "一园", 30)
    scene.state(scene.two.code, "二园", 20)
    scene.state(scene.three.code, "三园", 25)
    scene.state("1165999999", "没有登记的园", 40)
    assert scene.standings() == {
        "一园": Standing.DIFFERS,
        "二园": Standing.SAME,
        "三园": Standing.UNCOUNTED,
        "四园": Standing.ONLY_RETURN,
        "没有登记的园": Standing.ONLY_STATISTICS,
    }


def test_an_explanation_goes_with_its_two_numbers(scene: Scene) -> None:
    stated = scene.state(scene.one.code, "一园", 30)
    scene.explain()
    assert scene.standings()["一园"] == Standing.EXPLAINED
    with pytest.raises(services.NotExplained, match="没有新写"):
        scene.explain()
    stated.children = 31
    stated.save()
    assert scene.standings()["一园"] == Standing.DIFFERS
    with pytest.raises(services.NotExplained, match="数变了"):
        scene.explain("又扩班")
    scene.explain("又扩班", Explained(32, 31))
    assert scene.standings()["一园"] == Standing.EXPLAINED
    assert list(DifferenceNote.objects.values_list("stated", "text")) == [
        (30, "扩班"),
        (31, "又扩班"),
    ]


def test_after_a_move_town_and_county_read_the_same_explanation(scene: Scene) -> None:
    small, four = scene.small, scene.four
    small.file(four, 32)
    scene.state(four.code, "四园", 30)
    DifferenceNote.objects.create(
        kindergarten=four, town=scene.town, month=SEPTEMBER, figure="children", returned=32,
        stated=30, stated_on=DAY, text="那时还在甲镇", written_as=scene.officer.acting,
        written_at=NOW,
    )  # fmt: skip
    town = acting(small.officer(four.organisation.region, "town_officer"))
    for reader in (scene.officer, town):
        found = reconcile(reader, scene.period, now=NOW)
        [line] = [line for line in found.lines if line.name == "四园"]
        assert line.standing == Standing.EXPLAINED, reader.acting.role


def test_the_page_lies_under_the_progress_of_returns(scene: Scene) -> None:
    page = client_of(scene.officer).get(reverse("reconciliation")).content.decode()
    assert f'<a href="{reverse("filing-board")}" class="active"' in page


def test_whose_rows_are_seen(scene: Scene) -> None:
    for one in (scene.one, scene.four):
        scene.state(one.code, one.name, 30)
    scene.state("1165999999", "没有登记的园", 40)
    scene.explain()
    small = scene.small
    director = acting(small.person("园长", scene.one.organisation, "director"))
    town = acting(small.officer(scene.town, "town_officer"))
    stranger = acting(small.officer(small.other_county))
    seen = {
        who: (
            set(AnnualStatistics.objects.visible_to(user).values_list("name", flat=True)),
            DifferenceNote.objects.visible_to(user).count(),
        )
        for who, user in {
            "officer": scene.officer, "town": town, "director": director, "stranger": stranger,
        }.items()
    }  # fmt: skip
    assert seen == {
        "officer": ({"一园", "四园", "没有登记的园"}, 1),
        "town": ({"一园"}, 1),
        "director": ({"一园"}, 0),
        "stranger": (set(), 0),
    }
    with pytest.raises(PermissionDenied):
        services.explain_differences(
            period=scene.period, code=scene.one.code, texts={}, seen={}, by=town, now=NOW
        )


def test_the_page_counts_filters_and_exports_alike(scene: Scene) -> None:
    scene.state(scene.one.code, "一园", 30)
    scene.state("1165999999", "没有登记的园", 40)
    url = reverse("reconciliation")
    with travel(NOW, tick=False):
        client = client_of(scene.officer)
        page = client.get(url)
        assert sum(number for _, _, number, _ in page.context["states"]) == 5
        text = page.content.decode()
        assert "月报多2" in text
        assert "本系统没有登记" in text
        only = client.get(url, {"state": "differs"})
        assert [row["line"].name for row in only.context["rows"]] == ["一园"]
        sent = client.get(reverse("reconciliation-export", args=["csv"]), {"state": "differs"})
        lines = b"".join(sent).decode("utf-8-sig").strip().splitlines()
        assert len(lines) == 2
        assert "一园,甲镇,有差异，没有说明,32,30,2," in lines[1].replace('"', "")

        form = reverse("reconciliation-explain", args=[scene.period.pk, scene.one.code])
        refused = client.post(form, {"children": "扩班", "seen-children": "31:30"})
        assert refused.status_code == 422
        assert "扩班" in refused.content.decode()
        asked = {"children": "扩班", "seen-children": "32:30"}
        assert client.post(form, asked, follow=True).status_code == 200
        assert "扩班（经办人" in client.get(url).content.decode()


def test_the_page_asks_as_often_for_many(scene: Scene) -> None:
    scene.state(scene.one.code, "一园", 30)
    client = client_of(scene.officer)
    client.get(reverse("reconciliation"))

    def queries() -> int:
        with travel(NOW, tick=False), CaptureQueriesContext(connection) as found:
            client.get(reverse("reconciliation"))
        return len(found)

    few = queries()
    for number in range(3):
        more = scene.small.kindergarten(scene.town, f"园{number}")
        scene.small.file(more, 20)
        scene.state(more.code, more.name, 19)
    assert queries() == few
