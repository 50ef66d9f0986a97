"""Finding kindergartens by anything one knows of them; views, columns, the map."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from time_machine import travel

from kindergartens.models import ColumnChoice, FormerName, Kindergarten, SavedView
from kindergartens.models.search_text import MOST_READINGS, readings
from kindergartens.search.columns import COLUMNS, MOST
from kindergartens.search.drawing import draw
from kindergartens.search.filters import FILTERS, Filter, RegistryFilter
from kindergartens.search.selectors import (
    Place,
    registry,
    registry_counts,
    towns_with_kindergartens,
)
from tests.conftest import acting
from tests.small_county import NOW, SINCE, SmallCounty

DAY = NOW.date()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王庆坨镇春芽幼儿园", "wangqingtuo"),
        ("王庆坨镇春芽幼儿园", "wqtzcyyey"),
        ("长乐朝阳幼儿园", "changle"),
        ("长乐朝阳幼儿园", "clzyyey"),
        ("厦门路幼儿园", "xiamenlu"),
        ("包钢十七园", "bgsqy"),
        ("第2幼儿园", "di2youeryuan"),
    ],
)
def test_names_are_read_in_pinyin_and_by_initials(name: str, typed: str) -> None:
    assert any(typed in reading for reading in readings(name))
    assert len(readings(name)) <= 2 * MOST_READINGS


class Found:
    def __init__(self, small: SmallCounty) -> None:
        self.small = small
        self.town = small.town("王庆坨镇")
        self.other = small.town("石各庄镇")
        self.first = small.kindergarten(self.town, "春芽幼儿园")
        self.second = small.kindergarten(self.other, "小太阳幼儿园", ownership="inclusive_private")
        self.third = small.kindergarten(self.other, "停办幼儿园", state="suspended")
        small.kindergarten(small.town("远镇", county=small.other_county), "春芽幼儿园")
        FormerName.objects.create(
            kindergarten=self.second, name="蓝精灵幼儿园", reason="更名",
            valid_from=SINCE, valid_to=dt.date(2022, 5, 31),
        )  # fmt: skip
        self.second.former_names, self.second.uscc = "蓝精灵幼儿园", "91350200776049653A"
        self.second.save()
        small.person("高兴远", self.first.organisation, "director")
        self.officer = acting(small.officer())

    def names(self, **asked: str) -> list[str]:
        filters = RegistryFilter.from_query(asked, towns_with_kindergartens(self.officer))
        rows = registry(self.officer, filters, day=DAY, month=None)
        return [row.name for row in rows]


@pytest.fixture
def found(small: SmallCounty) -> Found:
    return Found(small)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("春芽", "春芽幼儿园"),
        ("chunya", "春芽幼儿园"),
        ("CYYEY", "春芽幼儿园"),
        ("xtyyey", "小太阳幼儿园"),
        ("蓝精灵", "小太阳幼儿园"),
        ("ljl", "小太阳幼儿园"),
        ("91350200776049653a", "小太阳幼儿园"),
        ("７７６０４９６５３", "小太阳幼儿园"),
        ("王庆坨", "春芽幼儿园"),
        ("wangqingtuo", "春芽幼儿园"),
        ("WQTZ", "春芽幼儿园"),
        ("sgz 太阳", "小太阳幼儿园"),
        ("dangezhuang xty", "小太阳幼儿园"),
        ("高兴远", "春芽幼儿园"),
        ("石各庄 太阳", "小太阳幼儿园"),
        ("  春 芽 ", "春芽幼儿园"),
    ],
)
def test_one_is_found_by_anything_known_of_it(found: Found, typed: str, name: str) -> None:
    assert found.names(q=typed) == [name]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "没有的园", "春芽 没有"])
def test_signs_of_sql_are_letters_like_others(found: Found, typed: str) -> None:
    assert found.names(q=typed) == []


def fill(kindergarten: Kindergarten, **values: Any) -> None:
    for name, value in values.items():
        setattr(kindergarten, name, value)
    kindergarten.save()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"state": "suspended"}, ["停办幼儿园"]),
        ({"ownership": "inclusive_private"}, ["小太阳幼儿园"]),
        ({"sponsor": "private"}, ["小太阳幼儿园"]),
        ({"type": "branch"}, ["小太阳幼儿园"]),
        ({"boarding": "yes"}, ["春芽幼儿园"]),
        ({"boarding": "no"}, ["小太阳幼儿园"]),
        ({"boarding": "unknown"}, ["停办幼儿园"]),
        ({"bus": "yes"}, ["春芽幼儿园"]),
        ({"bus": "no"}, ["小太阳幼儿园"]),
        ({"licence": "expired"}, ["春芽幼儿园"]),
        ({"licence": "expiring"}, ["小太阳幼儿园"]),
        ({"licence": "missing"}, ["停办幼儿园"]),
        ({"position": "yes"}, ["春芽幼儿园"]),
        ({"box": "39,116,40,118"}, ["春芽幼儿园"]),
        ({"box": "10,10,11,11"}, []),
        ({"box": "nan,1,2,3"}, ["春芽幼儿园", "小太阳幼儿园", "停办幼儿园"]),
        ({"box": "1,sNaN,2,3"}, ["春芽幼儿园", "小太阳幼儿园", "停办幼儿园"]),
        ({"box": "-Infinity,1,Infinity,3"}, ["春芽幼儿园", "小太阳幼儿园", "停办幼儿园"]),
        ({"missing": "landline"}, ["小太阳幼儿园", "停办幼儿园"]),
        ({"missing": "school_buses"}, ["停办幼儿园"]),
        ({"missing": "uscc", "state": "operating"}, ["春芽幼儿园"]),
        (
            {"licence": "nonsense", "box": "x", "sort": "drop"},
            ["春芽幼儿园", "小太阳幼儿园", "停办幼儿园"],
        ),
        ({"sort": "-licence"}, ["小太阳幼儿园", "春芽幼儿园", "停办幼儿园"]),
    ],
)
def test_filters(found: Found, asked: dict[str, str], expected: list[str]) -> None:
    fill(
        found.first, boarding=True, school_buses=2, landline="0906-2345678", latitude=Decimal("39.4"),
        longitude=Decimal("117"), licence_number="证1", licence_until=DAY - dt.timedelta(days=1),
    )  # fmt: skip
    fill(
        found.second, boarding=False, school_buses=0, institution_type="branch",
        licence_number="证2", licence_until=DAY + dt.timedelta(days=30),
    )  # fmt: skip
    assert found.names(**asked) == expected


def test_one_that_opens_later_is_not_closed(found: Found) -> None:
    coming = found.small.kindergarten(found.town, "明年开办幼儿园")
    coming.statuses.update(valid_from=DAY + dt.timedelta(days=30))
    counts = registry_counts(found.officer, day=DAY)
    assert (counts.running, counts.stopped, counts.coming) == (2, 1, 1)


def test_an_expired_licence_without_a_number_is_expired(found: Found) -> None:
    Kindergarten.objects.filter(pk=found.first.pk).update(
        licence_until=DAY - dt.timedelta(days=1), licence_number=""
    )
    assert found.names(licence="expired") == ["春芽幼儿园"]
    assert "春芽幼儿园" not in found.names(licence="missing")


@pytest.mark.parametrize("listed", FILTERS, ids=lambda listed: listed.name)
def test_every_choice_of_every_filter_can_be_asked(found: Found, listed: Filter) -> None:
    for value, _ in listed.choices:
        assert set(found.names(**{listed.name: value})) <= {
            "春芽幼儿园", "小太阳幼儿园", "停办幼儿园",
        }  # fmt: skip


def test_an_address_says_the_same_again() -> None:
    asked = RegistryFilter.from_query(
        {
            "q": "春芽 园", "region": "120114", "licence": "expired", "box": "39,116,40,118",
            "sort": "-name",
        }
    )  # fmt: skip
    assert RegistryFilter.from_query(dict(parse_qsl(asked.address))) == asked


# ---- views and columns ---------------------------------------------------------------------------


@pytest.fixture
def client_of_officer(found: Found, client: Client) -> Client:
    client.force_login(found.officer)
    return client


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with travel(NOW, tick=False):
        yield


def test_a_view_keeps_conditions_and_columns_and_is_shared_in_the_office(
    found: Found, client_of_officer: Client, client: Client
) -> None:
    answer = client_of_officer.post(
        "/kindergartens/views/save/",
        {"name": "停办的", "state": "suspended", "columns": "town,landline", "shared": "1"},
    )
    assert answer.headers["Location"] == "/kindergartens/?state=suspended&columns=town%2Clandline"
    page = client_of_officer.get(answer.headers["Location"]).content.decode()
    assert "停办幼儿园" in page
    assert "春芽幼儿园" not in page
    assert "座机" in page
    leader = found.small.officer(role="bureau_leader")
    stranger = found.small.officer(found.small.other_county)
    for user, sees in ((leader, True), (stranger, False)):
        client.force_login(user)
        assert ("停办的" in client.get("/kindergartens/").content.decode()) == sees
    client.force_login(leader)
    view = SavedView.objects.get()
    client.post(f"/kindergartens/views/{view.pk}/delete/")
    assert SavedView.objects.exists(), "only whoever saved it removes it"


def test_a_view_of_ones_own_is_seen_by_nobody_else(found: Found, client_of_officer: Client) -> None:
    client_of_officer.post("/kindergartens/views/save/", {"name": "我的", "state": "suspended"})
    view = SavedView.objects.get()
    colleague = acting(found.small.officer())
    assert not SavedView.objects.visible_to(colleague).exists()
    assert SavedView.objects.visible_to(found.officer).get() == view
    client_of_officer.post("/kindergartens/views/save/", {"name": "我的", "ownership": "public"})
    assert SavedView.objects.get().query == "ownership=public", "the same name replaces it"
    client_of_officer.post(f"/kindergartens/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_nothing_to_save_and_nothing_to_call_it(found: Found, client_of_officer: Client) -> None:
    for data in (
        {"name": "", "state": "suspended"},
        {"name": "空的"},
        {"name": "长" * 31, "q": "一"},
    ):
        client_of_officer.post("/kindergartens/views/save/", data)
    assert not SavedView.objects.exists()


def test_columns_are_kept_for_the_person(found: Found, client_of_officer: Client) -> None:
    client_of_officer.post("/kindergartens/columns/", {"column": ["director", "town"], "q": "春"})
    page = client_of_officer.get("/kindergartens/").content.decode()
    assert "高兴远" in page
    assert "数据月份" not in page.split("<thead>")[1].split("</thead>")[0]
    client_of_officer.post("/kindergartens/columns/", {"column": ["nonsense"]})
    assert not ColumnChoice.objects.exists()


def test_columns_beyond_the_most_are_said_to_be_left_out(
    found: Found, client_of_officer: Client
) -> None:
    every = [column.key for column in COLUMNS]
    answer = client_of_officer.post("/kindergartens/columns/", {"column": every}, follow=True)
    page = answer.content.decode()
    assert f"最多{MOST}列，您勾了{len(every)}列" in page
    assert "、".join(column.label for column in COLUMNS[MOST:]) in page
    assert ColumnChoice.objects.get().columns == every[:MOST]
    # As many as that are said nothing about.
    answer = client_of_officer.post(
        "/kindergartens/columns/", {"column": every[:MOST]}, follow=True
    )
    assert "最多14列，" not in answer.content.decode().split("<form", 1)[0]


def test_a_choice_wider_than_usual_scrolls_and_names_every_value(
    found: Found, client_of_officer: Client
) -> None:
    usual = client_of_officer.get("/kindergartens/").content.decode()
    assert "sticky-head" in usual
    columns = ",".join(column.key for column in COLUMNS[:MOST])
    page = client_of_officer.get(f"/kindergartens/?columns={columns}").content.decode()
    assert "wide-table" in page
    assert "sticky-head" not in page
    table = page.split("<tbody>", 1)[1].split("</tbody>")[0]
    # Nothing that was chosen is left out on a phone, and each value says what it is.
    cells = re.findall(r"<td[^>]*>", table)
    assert len(cells) >= MOST - 1
    assert all("data-label=" in cell and "desk-only" not in cell for cell in cells)


# ---- the map -------------------------------------------------------------------------------------


def place(latitude: float, longitude: float, number: int = 0, area: str = "甲镇") -> Place:
    return Place(f"11{number:08d}", f"{number}园", latitude, longitude, "public", True, area)


def test_north_is_up_and_a_kilometre_is_a_kilometre_both_ways() -> None:
    south, north, east = place(39.0, 117.0), place(39.1, 117.0), place(39.0, 117.1287)
    sheet = draw([south, north, east], width=1000, most=10, cells=10)
    assert sheet is not None
    at = {dot.place: (dot.x, dot.y) for dot in sheet.dots}
    assert at[north][1] < at[south][1]
    assert at[east][0] > at[south][0]
    up = at[south][1] - at[north][1]
    across = at[east][0] - at[south][0]
    assert abs(up - across) < 0.01 * up
    assert all(0 < x < sheet.width and 0 < y < sheet.height for x, y in at.values())


def test_crowds_become_bins_that_lose_nobody() -> None:
    places = [place(39 + n % 30 / 100, 117 + n // 30 / 100, n, f"{n % 7}镇") for n in range(600)]
    sheet = draw(places, width=358, most=40, cells=7)
    assert sheet is not None
    assert len(sheet.dots) + sum(one.number for one in sheet.bins) == 600
    assert len(sheet.dots) + len(sheet.bins) <= 49 + 14
    for one in sheet.bins:
        south, west, north, east = one.box
        within = [p for p in places if south <= p.latitude < north and west <= p.longitude < east]
        assert len(within) >= one.number


@pytest.mark.parametrize(("width", "most", "cells"), [(1080, 400, 24), (358, 40, 7)])
def test_names_lie_on_no_mark_no_bin_and_no_other_name(width: int, most: int, cells: int) -> None:
    crowd = [
        place(39 + n * 7 % 60 / 200, 117 + n * 13 % 70 / 200, n, f"{'甲乙丙丁'[n % 4]}{n % 29}街道")
        for n in range(145)
    ]
    sheet = draw(crowd, width=width, most=most, cells=cells)
    assert sheet is not None
    names = [
        (one.x - 6.5 * len(one.text), one.y - 13, one.x + 6.5 * len(one.text), one.y + 4)
        for one in sheet.labels
    ]
    marks = [(dot.x - 6, dot.y - 6, dot.x + 6, dot.y + 6) for dot in sheet.dots]
    marks += [(b.x - b.radius, b.y - b.radius, b.x + b.radius, b.y + b.radius) for b in sheet.bins]
    for number, name in enumerate(names):
        assert name[0] >= 0
        assert name[2] <= width
        for other in [*marks, *names[:number]]:
            apart = name[0] >= other[2] - 0.2 or other[0] >= name[2] - 0.2
            assert apart or name[1] >= other[3] - 0.2 or other[1] >= name[3] - 0.2
    # The same places give the same sheet.
    assert sheet.labels == draw(crowd, width=width, most=most, cells=cells).labels  # type: ignore[union-attr]


def test_one_place_and_none() -> None:
    assert draw([], width=358, most=40, cells=7) is None
    sheet = draw([place(39, 117)], width=358, most=40, cells=7)
    assert sheet is not None
    assert (sheet.dots[0].x, sheet.labels[0].text) == (179.0, "甲镇")


def test_the_map_shows_those_with_a_position_and_counts_all_by_town(
    found: Found, client_of_officer: Client
) -> None:
    fill(found.first, latitude=Decimal("39.4"), longitude=Decimal("117"))
    page = client_of_officer.get("/kindergartens/map/").content.decode()
    assert f'href="/kindergartens/{found.first.code}/"><title>春芽幼儿园' in page
    assert found.second.code not in page
    assert "共3所，其中1所登记了位置" in page
    narrowed = client_of_officer.get("/kindergartens/map/?state=suspended").content.decode()
    assert "共1所，其中0所登记了位置" in narrowed
