"""对账 on a small county: statistics in by table, both papers beside each other, explanations."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from indicators.models import KindergartenFacts
from kindergartens.models import (
    AnnualStatistics,
    FormerName,
    Kindergarten,
    PublishedKindergarten,
    ReportingPeriod,
)
from reports.reconciling import services
from reports.reconciling.models import DifferenceNote, ListNote
from reports.reconciling.rules import Explained, ListStanding, Standing
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

    def publish(self, code: str, name: str, day: dt.date = DAY, *, adds: bool = False) -> None:
        PublishedKindergarten.objects.create(
            county=self.small.county, kind="approved", published_on=day, supplements=adds,
            code=code, name=name, document="公告",
        )  # fmt: skip

    def list_standings(self) -> dict[str, ListStanding]:
        found = reconcile(self.officer, self.period, now=NOW)
        return {line.name: line.list_standing for line in found.lines}

    def standings(self) -> dict[str, Standing]:
        found = reconcile(self.officer, self.period, now=NOW)
        return {line.name: line.standing for line in found.lines}

    def explain(self, text: str = "扩班", seen: Explained = Explained(32, 30)) -> None:  # noqa: B008
        services.explain_differences(
            period=self.period, code=self.one.code, texts={"children": text},
            seen={"children": seen}, by=self.officer, now=NOW,
        )  # fmt: skip


def note_of_list(scene: Scene, kindergarten: Kindergarten) -> None:
    ListNote.objects.create(
        county=scene.small.county, town=kindergarten.organisation.region, code=kindergarten.code,
        month=OCTOBER, kind="approved", aspect="name", registered=kindergarten.name,
        published=f"{kindergarten.name}原名", published_on=DAY, text="更名",
        written_as=scene.officer.acting, written_at=NOW,
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
    # Those of last school year are not compared with this one's returns.
    AnnualStatistics.objects.create(
        county=scene.small.county, code=scene.one.code, name="一园", children=30, source="年报",
        reference_date=dt.date(2025, 9, 1),
    )  # fmt: skip
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
    with pytest.raises(services.NotExplained, match="至少写一处"):
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


def test_a_partial_table_of_a_later_date_takes_no_other_away(scene: Scene) -> None:
    scene.state(scene.one.code, "一园", 30)
    scene.state(scene.two.code, "二园", 20)
    for kindergarten, day in (
        (scene.two, dt.date(2026, 9, 20)),
        (scene.three, dt.date(2025, 9, 1)),
    ):
        AnnualStatistics.objects.create(
            county=scene.small.county, code=kindergarten.code, name=kindergarten.name,
            reference_date=day, children=19, source="补报",
        )  # fmt: skip
    found = reconcile(scene.officer, scene.period, now=NOW)
    stated = {one.name: one.statistics and one.statistics.reference_date for one in found.lines}
    # Of the school year's newest only: what was told a year ago says nothing of this one.
    assert stated == {"一园": DAY, "二园": dt.date(2026, 9, 20), "三园": None, "四园": None}
    assert scene.standings()["二园"] == Standing.DIFFERS
    services.explain_differences(
        period=scene.period, code=scene.two.code, texts={"children": "补报后又来1人"},
        seen={"children": Explained(20, 19)}, by=scene.officer, now=NOW,
    )  # fmt: skip
    assert DifferenceNote.objects.get().stated_on == dt.date(2026, 9, 20)


def test_a_list_comes_in_and_stands_beside_the_registry(scene: Scene) -> None:
    heads = ["名单", "公布日期", "学校标识码", "园名", "办园性质", "公示文件", "公示网址"]
    line = ["已审批幼儿园名单", DAY]
    rows = [
        heads,
        [*line, scene.one.code, "一园", "", "公告", ""],
        [*line, scene.two.code, "二园原名", "", "公告", ""],
        [*line, "1165999999", "没有登记的园", "", "公告", "https://example.org/"],
    ]
    # A supplement to no whole list says of nobody that it is missing.
    scene.publish(scene.one.code, "一园", dt.date(2026, 8, 20), adds=True)
    assert set(scene.list_standings().values()) == {ListStanding.NO_LIST}
    client = client_of(scene.officer)
    with travel(NOW, tick=False):
        batch = checked(scene.officer, excel(rows, sheet="公示名单"), kind="published-list")
        assert batch.new_count == 3, batch.refusal
        shown = client.get(reverse("import-batch", args=[batch.pk])).content.decode()
        assert "已审批幼儿园名单（2026年9月1日）是完整的名单，共3所；" in shown
        written(scene.officer, batch)
        again = checked(scene.officer, excel(rows, sheet="公示名单"), kind="published-list")
        assert (again.state, again.same_count) == ("unchanged", 3)
        bad = [*rows, [*line, scene.three.code, "三园", "", "公告", "网上"]]
        refused = checked(scene.officer, excel(bad, sheet="公示名单"), kind="published-list")
        assert refused.fault_count == 1
        mixed = [[*heads, "增补"], [*rows[1], "是"], [*rows[2], ""]]
        refused = checked(scene.officer, excel(mixed, sheet="公示名单"), kind="published-list")
        assert refused.fault_count == 2
    assert scene.list_standings() == {
        "一园": ListStanding.SAME,
        "二园": ListStanding.UNLIKE,
        "三园": ListStanding.UNLISTED,
        "四园": ListStanding.UNLISTED,
        "没有登记的园": ListStanding.UNREGISTERED,
    }
    # A supplement adds; a whole list of a later date replaces.
    scene.publish(scene.three.code, "三园", dt.date(2026, 9, 10), adds=True)
    assert scene.list_standings()["三园"] == ListStanding.SAME
    scene.publish(scene.four.code, "四园", dt.date(2026, 9, 20))
    assert scene.list_standings()["三园"] == ListStanding.UNLISTED
    assert scene.list_standings()["四园"] == ListStanding.SAME


def test_a_difference_to_a_list_is_explained_with_its_two_words(scene: Scene) -> None:
    scene.publish(scene.one.code, "一园原名")
    scene.publish("1165999999", "没有登记的园")
    client = client_of(scene.officer)
    for code, key, text in (
        (scene.one.code, "approved-name", "今年更名"),
        ("1165999999", "approved-listed", "已迁到别的县"),
    ):
        url = reverse("reconciliation-explain", args=[scene.period.pk, code])
        with travel(NOW, tick=False):
            hidden = client.get(url).context["form"][f"seen-{key}"].value()
            asked = {key: text, f"seen-{key}": '["别的", "写法"]'}
            assert client.post(url, asked).status_code == 422
            assert client.post(url, asked | {f"seen-{key}": hidden}).status_code == 302
    assert scene.list_standings()["一园"] == ListStanding.EXPLAINED
    assert scene.list_standings()["没有登记的园"] == ListStanding.EXPLAINED
    # It is compared by the name of that day: a later one is nothing new in October.
    FormerName.objects.create(
        kindergarten=scene.one, name="一园", valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2026, 11, 3), reason="更名",
    )  # fmt: skip
    Kindergarten.objects.filter(pk=scene.one.pk).update(name="新园")
    assert scene.list_standings()["一园"] == ListStanding.EXPLAINED
    PublishedKindergarten.objects.filter(code=scene.one.code).update(name="一园")
    url = reverse("reconciliation-explain", args=[scene.period.pk, scene.one.code])
    with travel(NOW, tick=False):
        assert client.get(url).status_code == 404
        # Nothing typed is lost: what need not be explained any more is said again.
        late = client.post(url, {"approved-name": "还在写的"})
        found = client.get(reverse("reconciliation"), {"q": "新园"}).context["rows"]
    assert late.status_code == 422
    assert "已审批幼儿园名单：园名“还在写的”" in late.content.decode()
    assert [row["line"].name for row in found] == ["一园"]
    PublishedKindergarten.objects.filter(code=scene.one.code).update(name="一园旧名")
    assert scene.list_standings()["一园"] == ListStanding.UNLIKE
    town = acting(scene.small.officer(scene.town, "town_officer"))
    assert set(ListNote.objects.visible_to(town).values_list("text", flat=True)) == {"今年更名"}
    assert set(PublishedKindergarten.objects.visible_to(town).values_list("code", flat=True)) == {
        scene.one.code
    }
    with travel(NOW, tick=False):
        page = client.get(reverse("reconciliation"), {"listed": "unlike"})
    assert [row["line"].code for row in page.context["rows"]] == [scene.one.code]
    assert "名单“一园旧名”" in page.content.decode()
    assert "已审批幼儿园名单2026年9月1日公布（《公告》）" in page.content.decode()


def test_who_explains_one_difference_is_told_of_the_others(scene: Scene) -> None:
    scene.publish(scene.one.code, "一园原名")
    scene.state(scene.one.code, "一园", 30)
    client = client_of(scene.officer)
    url = reverse("reconciliation-explain", args=[scene.period.pk, scene.one.code])

    def told(text: str, key: str) -> str:
        with travel(NOW, tick=False):
            hidden = client.get(url).context["form"][f"seen-{key}"].value()
            answer = client.post(url, {key: text, f"seen-{key}": hidden}, follow=True)
        [message] = answer.context["messages"]
        return str(message)

    left = "已记下一园的说明，还有1处差异没有说明（已审批幼儿园名单：园名）。"
    assert told("扩班", "children") == left
    assert told("今年更名", "approved-name") == "已记下一园的说明，差异都有说明了。"


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
        scene.publish(one.code, f"{one.name}原名")
        note_of_list(scene, one)
    scene.state("1165999999", "没有登记的园", 40)
    scene.explain()
    small = scene.small
    administrator = acting(small.officer(role="system_administrator"))
    director = acting(small.person("园长", scene.one.organisation, "director"))
    town = acting(small.officer(scene.town, "town_officer"))
    stranger = acting(small.officer(small.other_county))
    seen = {
        who: (
            set(AnnualStatistics.objects.visible_to(user).values_list("name", flat=True)),
            DifferenceNote.objects.visible_to(user).count(),
            PublishedKindergarten.objects.visible_to(user).count(),
            ListNote.objects.visible_to(user).count(),
        )
        for who, user in {
            "officer": scene.officer, "town": town, "director": director, "stranger": stranger,
            "administrator": administrator,
        }.items()
    }  # fmt: skip
    assert seen == {
        "officer": ({"一园", "四园", "没有登记的园"}, 1, 2, 2),
        "town": ({"一园"}, 1, 1, 1),
        "director": ({"一园"}, 0, 1, 0),
        "stranger": (set(), 0, 0, 0),
        "administrator": (set(), 0, 0, 0),
    }
    with pytest.raises(PermissionDenied):
        services.explain_differences(
            period=scene.period, code=scene.one.code, texts={}, seen={}, by=town, now=NOW
        )


def test_the_page_counts_filters_and_exports_alike(scene: Scene) -> None:
    scene.state(scene.one.code, "一园", 30)
    scene.state(scene.three.code, "三园", 25)
    scene.state("1165999999", "没有登记的园", 40)
    url = reverse("reconciliation")
    with travel(NOW, tick=False):
        client = client_of(scene.officer)
        page = client.get(url)
        assert sum(number for _, _, number, _ in page.context["states"]) == 5
        text = page.content.decode()
        assert "月报多2" in text
        assert "（来源：年报）" in text
        counted = KindergartenFacts.objects.get(kindergarten=scene.one).filing_version
        assert reverse("filing-version", args=[counted.filing_id, counted.version]) in text
        assert "本系统没有登记" in text
        only = client.get(url, {"state": "differs"})
        assert [row["line"].name for row in only.context["rows"]] == ["一园"]
        sent = client.get(reverse("reconciliation-export", args=["csv"]), {"state": "differs"})
        lines = b"".join(sent).decode("utf-8-sig").strip().splitlines()
        assert len(lines) == 2
        assert "一园,甲镇,有差异，没有说明,32,30,2," in lines[1].replace('"', "")

        form = reverse("reconciliation-explain", args=[scene.period.pk, scene.three.code])
        assert "月报还没有计入，和事业统计的差异还不能说明。" in client.get(form).content.decode()
        form = reverse("reconciliation-explain", args=[scene.period.pk, scene.one.code])
        refused = client.post(form, {"children": "扩班", "seen-children": "31:30"})
        assert refused.status_code == 422
        assert "扩班" in refused.content.decode()
        asked = {"children": "扩班", "seen-children": "32:30"}
        assert client.post(form, asked, follow=True).status_code == 200
        assert "扩班（经办人" in client.get(url).content.decode()


def test_the_page_asks_as_often_for_many(scene: Scene) -> None:
    scene.state(scene.one.code, "一园", 30)
    scene.publish(scene.one.code, "一园原名")
    scene.explain()
    note_of_list(scene, scene.one)
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
        scene.publish(more.code, f"{more.name}原名")
        note_of_list(scene, more)
        DifferenceNote.objects.create(
            kindergarten=more, town=scene.town, month=OCTOBER, figure="children", returned=20,
            stated=19, stated_on=DAY, text="扩班", written_as=scene.officer.acting, written_at=NOW,
        )  # fmt: skip
    assert queries() == few
    with travel(NOW, tick=False):
        rows = client.get(reverse("reconciliation")).context["rows"]
    assert sum(row["line"].standing == Standing.EXPLAINED for row in rows) == 4
    assert sum(row["line"].list_standing == ListStanding.EXPLAINED for row in rows) == 4
