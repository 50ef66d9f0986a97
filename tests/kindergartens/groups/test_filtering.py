"""The choice of a group above every list of kindergartens: its rows, its counts, its queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import travel

from kindergartens.models import Group, GroupMember
from kindergartens.unlicensed import services as unlicensed
from kindergartens.unlicensed.services import Description, Found
from tests.buildings import Buildings, estate_of, project_of
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW, SmallCounty

pytestmark = pytest.mark.django_db
SINCE = dt.date(2026, 3, 1)
LISTS = {
    "premises": {},
    "premises waiting": {"view": "waiting"},
    "projects": {},
    "estates": {},
    "unlicensed-list": {},
    "procedures": {"list": "all"},
    "procedures-owed": {"list": "checks"},
    "filing-queue": {"state": "accepted"},
}


class World:
    """A town that is in a group with all that happens in it, and one that is in none."""

    def __init__(self, small: SmallCounty) -> None:
        self.scene = Scene(small)
        self.small, self.inside = small, self.scene.town
        self.outside = small.town("乙镇")
        self.other = small.kindergarten(self.outside, "乙园", ownership="non_inclusive_private")
        self.other.statuses.update(for_profit=False)
        self.group = self.found("甲片区", self.inside)
        # With one kindergarten of the other town, itself a member.
        self.own = small.kindergarten(self.outside, "乙二园")
        GroupMember.objects.create(
            group=self.group, kind="area", kindergarten=self.own, valid_from=SINCE
        )
        director, officer = self.scene.director.acting, self.scene.officer.acting
        for number, one in enumerate((self.scene.kindergarten, self.other)):
            Buildings(one, small.county, director, officer, f"item{number}")
        self.scene.ask()
        self.scene.ask(kindergarten=self.other, by=self.scene.officer)
        for town in (self.inside, self.outside):
            self.place(f"{town.name}小树苗", town)
        for one in (self.scene.kindergarten, self.other):
            small.file(one, 24)
        self.client = client_of(self.scene.second)

    def found(self, name: str, town: Any) -> Group:
        group = Group.objects.create(
            county=self.small.county, kind="area", name=name, valid_from=SINCE
        )
        GroupMember.objects.create(group=group, kind="area", town=town, valid_from=SINCE)
        return group

    def place(self, name: str, town: Any) -> None:
        unlicensed.report(
            description=Description(name, "路1号", town, "", ""),
            found=Found(SINCE, True, 20, 3, ""),
            by=self.scene.officer, now=NOW, today=NOW.date(),
        )  # fmt: skip

    def get(self, name: str, **more: str) -> Any:
        with travel(NOW, tick=False):
            answer = self.client.get(reverse(name.split()[0]), LISTS[name] | more)
        assert answer.status_code == 200
        return answer

    def rows(self, name: str, **more: str) -> int:
        context = self.get(name, **more).context
        return (context.get("page_obj") or context["page"]).paginator.count


@pytest.fixture
def world(small: SmallCounty) -> World:
    return World(small)


@pytest.mark.parametrize(
    ("name", "every", "inside"),
    [
        ("premises", 4, 3),
        ("premises waiting", 2, 1),
        ("projects", 2, 1),
        ("estates", 2, 1),
        ("unlicensed-list", 2, 1),
        ("procedures", 2, 1),
        ("procedures-owed", 2, 1),
        ("filing-queue", 2, 1),
    ],
)
def test_a_list_leaves_the_rows_of_the_group(world: World, name: str, every: int, inside: int):
    chosen = str(world.group.pk)
    assert world.rows(name) == every
    assert world.rows(name, group=chosen) == inside
    assert "甲片区（片区）" in world.get(name).content.decode()
    # A group that is none, or that is another county's, is not chosen.
    far = Group.objects.create(
        county=world.small.other_county, kind="area", name="远片区", valid_from=SINCE
    )
    for wrong in ("x", "0", str(far.pk)):
        assert world.rows(name, group=wrong) == every


def test_the_counts_of_a_page_obey_the_group(world: World):
    chosen = str(world.group.pk)
    assert len(world.get("premises", group=chosen).context["shown"].rows) == 3
    for page in ("premises", "premises waiting"):
        tabs = world.get(page, group=chosen).context["tabs"]
        assert [tab["count"] for tab in tabs] == [None, None, 1]
        assert all(f"group={chosen}" in tab["url"] for tab in tabs)
    assert world.get("projects", group=chosen).context["sum"].projects == 1
    assert world.get("estates", group=chosen).context["sums"].with_problems == 1
    assert world.get("unlicensed-list", group=chosen).context["total"].open == 1
    tabs = world.get("procedures", group=chosen).context["tabs"]
    assert {tab["label"]: tab["count"] for tab in tabs}["全部"] == 1
    queue = world.get("filing-queue", group=chosen).context
    assert {word: number for _, word, number in queue["states"]}["已接收"] == 1
    # What the whole county owes is not said above one group's returns.
    assert queue["counts"] is None
    assert world.get("filing-queue").context["counts"] is not None


def test_a_file_holds_the_rows_of_the_group(world: World):
    chosen = {"group": str(world.group.pk)}
    for route, args in (
        ("premises-export", ["areas", "csv"]),
        ("projects-export", ["csv"]),
        ("estates-export", ["csv"]),
        ("unlicensed-export", ["csv"]),
    ):
        with travel(NOW, tick=False):
            answer = world.client.get(reverse(route, args=args), chosen)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode("utf-8-sig")
        assert "甲镇" in text, route
        assert "乙园" not in text, route
        assert "乙镇小树苗" not in text, route


@pytest.mark.parametrize("name", LISTS)
def test_as_many_queries_however_many_groups(world: World, name: str):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            world.get(name, group=str(world.group.pk))
        return len(captured)

    queries()
    before = queries()
    for number in range(5):
        town = world.small.town(f"丙{number}镇")
        world.found(f"丙{number}片区", town)
        kindergarten = world.small.kindergarten(world.outside, f"丙{number}园")
        GroupMember.objects.create(
            group=world.group, kind="area", kindergarten=kindergarten, valid_from=SINCE
        )
        project_of(world.small.county, f"丙{number}", town=world.inside)
        estate_of(world.inside, f"丙{number}")
        world.place(f"丙{number}", world.inside)
    assert queries() == before


def test_a_record_names_its_groups(world: World):
    def page(kindergarten: Any) -> str:
        with travel(NOW, tick=False):
            route = reverse("kindergarten-detail", args=[kindergarten.code])
            return world.client.get(route).content.decode()

    link = f'href="{reverse("group", args=[world.group.pk])}">甲片区</a>（片区）'
    # One through its town, one itself.
    assert link in page(world.scene.kindergarten)
    assert link in page(world.own)
    assert link not in page(world.other)
    world.group.lead = world.other
    world.group.save()
    assert "片区，牵头）" in page(world.other)
