"""四个100% of a region: who counts, what is computed, who is missing and why."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Region
from kindergartens.models import Kindergarten, KindergartenStatus
from reports.safety_measures import figures, selectors, words
from reports.safety_measures.selectors import OfOne, of_area
from staffing.models import Appointment
from tests.conftest import acting
from tests.registers import employed
from tests.safety.measured import a_measure, evidenced
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty
from tests.staffing_standard import the_nation_asks

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


class Scene:
    """Three kindergartens of one county in two towns; the city's list has two of four and one beside."""

    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        the_nation_asks()
        self.officer = small.officer()
        self.post = self.officer.memberships.get()
        self.guards = a_measure(
            small.city, "guards", judged_by="guards", position=1, answers=["guards"]
        )
        self.alarm = a_measure(small.city, "alarm", position=2, answers=["alarm"])
        self.gate = a_measure(small.city, "gate", position=3, one_of_four=False)
        towns = [small.town("甲镇"), small.town("乙镇")]
        self.gardens = [
            self.garden(towns[number // 2], f"示例{name}园")
            for number, name in enumerate("一二三")
        ]  # fmt: skip

    def garden(self, town: Region, name: str, **returned: Any) -> Kindergarten:
        made = self.small.kindergarten(town, name)
        Kindergarten.objects.filter(pk=made.pk).update(boarding=False)
        self.small.file(made, 120, **returned)
        made.director = self.small.person(f"园长{name}", made.organisation, "director")  # type: ignore[attr-defined]
        return made

    def guard(self, garden: Kindergarten, people: int) -> None:
        made = employed(garden, self.post, people, on=False, post="service_staff")
        Appointment.objects.filter(pk__in=[one.pk for one in made]).update(duty="guard")

    def evidence(self, garden: Any, measure: Any, **more: Any) -> None:
        evidenced(garden, garden.director.memberships.get(), measure, **{"by": self.post} | more)

    def rows(self) -> list[OfOne]:
        return of_area(acting(self.officer), self.small.county, TODAY)

    def standings(self, garden: Kindergarten) -> list[str]:
        [one] = [one for one in self.rows() if one.kindergarten == garden]
        return [line.found.standing for line in one.lines]


@pytest.fixture
def scene(small: SmallCounty) -> Iterator[Scene]:
    with time_machine.travel(NOW, tick=True):
        yield Scene(small)


def test_rates_are_of_all_that_run_and_name_who_is_missing(scene: Scene) -> None:
    first, second, third = scene.gardens
    scene.guard(first, 2)
    scene.guard(second, 1)
    scene.evidence(first, scene.alarm)
    scene.evidence(second, scene.alarm, valid_until=TODAY - dt.timedelta(1))
    scene.small.kindergarten(scene.small.town("丙镇"), "停办园", state="suspended")
    rates = {rate.key: rate for rate in figures.rates(scene.rows())}
    # 134 people: two guards. The third has a roster without any, and nothing else is known of it.
    employed(third, scene.post, 1, on=False)
    assert [*rates] == ["guards", "alarm", "four", "gate"]
    shares = {key: (rate.counted.met, rate.share, rate.verdict) for key, rate in rates.items()}
    third_of_all = Decimal(1) / 3
    assert shares == {
        "guards": (1, third_of_all, "unmet"),
        "alarm": (1, third_of_all, "unmet"),
        "four": (1, third_of_all, "unmet"),
        # Nobody is known to fall short, so all could still be found to meet it.
        "gate": (0, 0, "pending"),
    }
    missing = figures.missing(scene.rows(), measure="four")
    assert [(row.of.kindergarten.name, row.line.measure.code, row.why) for row in missing] == [
        ("示例二园", "guards", "保安不足：在任1名，应配2名"),
        ("示例二园", "alarm", "佐证已于2026年11月4日到期"),
        ("示例三园", "guards", "保安不足：在任0名，应配2名"),
        ("示例三园", "alarm", "没有核对过的佐证"),
    ]
    # As many kindergartens as the rate says are missing, whatever each lacks.
    shown = client_of(scene.officer).get(reverse("safety-measures"), {"measure": "four"})
    assert (shown.context["missing_kindergartens"], shown.context["page_obj"].paginator.count) == (
        2, 4,
    )  # fmt: skip
    # The returns said 是 of what nothing shows.
    assert {row.said for row in missing} == {"2026年10月月报答“是”，没有依据支持"}
    towns = figures.places(scene.rows(), Region.Level.TOWN, [rates["alarm"]])
    assert [(one.region.name, one.kindergartens, one.cells[0][1].counted.met) for one in towns] == [  # type: ignore[union-attr]
        ("甲镇", 2, 1), ("乙镇", 1, 0),
    ]  # fmt: skip


def test_a_return_that_says_no_beside_evidence_in_force(scene: Scene) -> None:
    no = {"answer": "no", "account": "坏了", "repair_by": TODAY}
    broken = scene.garden(scene.gardens[0].organisation.region, "示例四园", unsafe={"alarm": no})
    scene.evidence(broken, scene.alarm, valid_until=TODAY + dt.timedelta(40))
    [row] = figures.says_no(scene.rows())
    assert (row.of.kindergarten, row.said) == (
        broken,
        "2026年10月月报答“否”，按佐证仍算达标，请核实",
    )
    assert [row.days_left for row in figures.expiring(scene.rows(), TODAY, 60)] == [40]
    assert not figures.expiring(scene.rows(), TODAY, 30)


def test_classes_attached_to_a_kindergarten_are_in_its_line(scene: Scene) -> None:
    host, attached = scene.gardens[:2]
    Kindergarten.objects.filter(pk=attached.pk).update(institution_type="attached", host=host)
    rows = {one.kindergarten: one for one in scene.rows()}
    assert attached not in rows
    assert len(rows) == 2
    # 134 and 134 people under one guard post.
    assert rows[host].guards.everybody == 268
    # One that no longer runs brings nobody.
    KindergartenStatus.objects.filter(kindergarten=attached).update(operating_state="suspended")
    [row] = [one for one in scene.rows() if one.kindergarten == host]
    assert row.guards.everybody == 134
    KindergartenStatus.objects.filter(kindergarten=attached).update(operating_state="operating")
    # A school is no kindergarten of the registry: its class answers for itself.
    Kindergarten.objects.filter(pk=attached.pk).update(host=None, host_name="示例小学")
    assert len(scene.rows()) == 3


def test_what_nobody_knows_is_no_record(scene: Scene) -> None:
    garden = scene.gardens[0]
    Kindergarten.objects.filter(pk=garden.pk).update(boarding=None)
    assert scene.standings(garden) == ["no_record"] * 3
    [one] = [one for one in scene.rows() if one.kindergarten == garden]
    assert "寄宿" in words.why(one.lines[0], one)
    # A roster that nobody keeps says nothing of guards.
    [other] = [one for one in scene.rows() if one.kindergarten == scene.gardens[1]]
    assert other.guards.required == 2
    assert other.lines[0].found.standing == "no_record"
    assert words.why(other.lines[0], other) == "教职工名册还没有登记，不知道在任几名保安"
    new = scene.small.kindergarten(scene.small.town("丙镇"), "新园")
    [one] = [one for one in scene.rows() if one.kindergarten == new]
    assert words.why(one.lines[0], one).endswith("还没有接收过月报，不知道全园人数")


def test_the_page_costs_the_same_however_many(scene: Scene) -> None:
    """And leads from each that is missing to its own page, where a director reads the reason."""
    client = client_of(scene.officer)
    url = reverse("safety-measures")

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as run:
            assert client.get(address).status_code == 200
        return len(run)

    client.get(url)
    scene.evidence(scene.gardens[0], scene.alarm, by=None, state="submitted")
    views = [url, *(f"{url}?view={view}" for view in ("expiring", "guards", "waiting"))]
    before = [queries(view) for view in views]
    for number in range(4):
        garden = scene.garden(scene.gardens[0].organisation.region, f"示例又{number}园")
        scene.evidence(garden, scene.alarm, by=None, state="submitted")
        scene.evidence(garden, scene.gate, valid_until=TODAY + dt.timedelta(20))
    assert [queries(view) for view in views] == before
    page = client.get(f"{url}?measure=alarm&sort=-town").content.decode()
    own = reverse("kindergarten-safety-measures", args=[scene.gardens[0].code])
    assert own in page
    assert "已交新的佐证，等教育局核对" in page
    director = client_of(scene.gardens[0].director)  # type: ignore[attr-defined]
    assert director.get(url).url == own  # type: ignore[attr-defined]
    assert "应配保安" in director.get(own).content.decode()


def test_above_the_county_stand_sums_and_each_tab_reads_what_it_shows(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.guard(scene.gardens[0], 1)
    scene.evidence(scene.gardens[0], scene.alarm, valid_until=TODAY + dt.timedelta(40))
    client = client_of(scene.small.officer(scene.small.city, "city_officer"))
    url = reverse("safety-measures")
    pages = {view: client.get(f"{url}?view={view}") for view in ("rates", "expiring", "guards")}
    for page in pages.values():
        assert page.context["total"] == 3
        assert "甲县" in page.text
        assert "示例一园" not in page.text
    [(county, number, guards)] = pages["guards"].context["places"]
    assert (county, number) == (scene.small.county, 3)
    assert (guards.required, guards.present, guards.short, guards.unknown) == (2, 1, 1, 2)
    assert pages["expiring"].context["places"] == [(scene.small.county, [0, 1])]
    # What waits and what ends needs neither roster nor return.
    monkeypatch.delattr(selectors, "_newest_returns")
    own = client_of(scene.officer)
    for view in ("waiting", "expiring"):
        assert own.get(f"{url}?view={view}").context["total"] == 3


def test_the_file_has_the_rows_of_the_page(scene: Scene) -> None:
    client = client_of(scene.officer)
    code = scene.small.county.code
    url = reverse("safety-measures-export", args=[code, "missing", "xlsx"])
    answer = client.get(f"{url}?measure=alarm")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None
    rows = [row for row in sheet.iter_rows(values_only=True) if row[3] and row[4] == "示例alarm"]
    assert [row[2] for row in rows] == ["示例一园", "示例二园", "示例三园"]
    guards = client.get(reverse("safety-measures-export", args=[code, "guards", "xlsx"]))
    assert guards.status_code == 200
