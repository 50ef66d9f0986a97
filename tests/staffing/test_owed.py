"""Changes of teachers that two returns tell of and nobody filed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from kindergartens.models import Kindergarten
from kindergartens.procedures import services
from staffing.owed import teachers_owed
from staffing.rules import Counted, changes_not_filed
from tests.conftest import acting
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty

AUGUST_31, SEPTEMBER_30, OCTOBER_31 = (
    dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 31),
)  # fmt: skip
TODAY = dt.date(2026, 12, 10)


def returns(*teachers: int | None) -> list[Counted]:
    days = (AUGUST_31, SEPTEMBER_30, OCTOBER_31)
    return [
        Counted(day, number, place, 1)
        for place, (day, number) in enumerate(zip(days, teachers, strict=False))
    ]


@pytest.mark.parametrize(
    ("teachers", "filed", "unfiled"),
    [
        ([12], [], []),
        ([12, 12], [], []),
        ([12, 14], [], [(0, 1)]),
        ([14, 12], [], [(0, 1)]),
        ([12, 14, 13], [], [(0, 1), (1, 2)]),
        ([12, 14, 14], [], [(0, 1)]),
        ([12, 14], [dt.date(2026, 9, 1)], []),
        # On the statistical days themselves: who left on the first was still counted in it.
        ([12, 14], [AUGUST_31], []),
        ([12, 14], [SEPTEMBER_30], []),
        ([12, 14], [dt.date(2026, 8, 30)], [(0, 1)]),
        ([12, 14], [dt.date(2026, 10, 1)], [(0, 1)]),
        # One filing answers for its own month alone.
        ([12, 14, 13], [dt.date(2026, 9, 9)], [(1, 2)]),
        # What a return does not name is not compared with anything.
        ([12, None, 14], [], []),
        ([None, 12, 14], [], [(1, 2)]),
        ([0, 3], [], [(0, 1)]),
    ],
)
def test_changes_without_a_filing(
    teachers: Sequence[int | None], filed: list[dt.date], unfiled: list[tuple[int, int]]
) -> None:
    found = changes_not_filed(returns(*teachers), filed)
    assert [(before.filing, after.filing) for before, after in found] == unfiled


class Staffed(Scene):
    def __init__(self, small: SmallCounty) -> None:
        super().__init__(small)
        self.count(self.kindergarten, 12, 14)

    def count(
        self, kindergarten: Kindergarten, september: int, october: int, state: str = "accepted"
    ) -> None:
        self.small.file(kindergarten, 90, month=SEPTEMBER, teachers=september)
        self.small.file(kindergarten, 90, month=OCTOBER, teachers=october, state=state)


@pytest.fixture
def scene(small: SmallCounty) -> Staffed:
    return Staffed(small)


def test_the_clock_runs_from_the_later_return(scene: Staffed) -> None:
    [one] = teachers_owed(scene.seen, by=scene.officer, today=TODAY)
    assert (one.kindergarten, one.what) == (scene.kindergarten, "专任教师多2人")
    assert (one.due_on, one.days_over) == (dt.date(2026, 11, 30), 10)
    assert [seen.says for seen in one.returns] == ["2026年9月：12人", "2026年10月：14人"]
    [early] = teachers_owed(scene.seen, by=scene.officer, today=dt.date(2026, 11, 30))
    assert early.days_over == 0


def test_a_filing_of_that_time_settles_it_and_a_withdrawn_one_does_not(scene: Staffed) -> None:
    filed = scene.ask(
        "teacher_change", occurred_on=dt.date(2026, 10, 12), effective_on=None,
        details={"joined": 2, "left": 0},
    )  # fmt: skip
    assert teachers_owed(scene.seen, by=scene.officer, today=TODAY) == []
    services.withdraw(procedure_id=filed.pk, reason="填错", by=scene.director, now=NOW)
    assert len(teachers_owed(scene.seen, by=scene.officer, today=TODAY)) == 1


def test_only_accepted_returns_are_compared(scene: Staffed) -> None:
    scene.count(scene.neighbour, 12, 14, state="submitted")
    assert [
        one.kindergarten for one in teachers_owed(scene.seen, by=scene.officer, today=TODAY)
    ] == [scene.kindergarten]


def test_a_closed_kindergarten_and_those_of_others_are_left_out(scene: Staffed) -> None:
    abroad = scene.small.kindergarten(
        scene.small.town("乙镇", county=scene.small.other_county), "乙园"
    )
    scene.count(abroad, 5, 6)
    assert [
        one.kindergarten for one in teachers_owed(scene.seen, by=scene.officer, today=TODAY)
    ] == [scene.kindergarten]
    scene.kindergarten.statuses.update(operating_state="closed")
    assert teachers_owed(scene.seen, by=scene.officer, today=TODAY) == []


def test_returns_from_before_a_move_stay_with_their_town(scene: Staffed) -> None:
    there = scene.small.town("乙镇")
    old, new = (acting(scene.small.officer(town, "town_officer")) for town in (scene.town, there))

    def owed_to(person: User) -> list[str]:
        of = Kindergarten.objects.visible_to(person)
        return [one.what for one in teachers_owed(of, by=person, today=TODAY)]

    assert owed_to(old) == ["专任教师多2人"]
    Organisation.objects.filter(kindergarten=scene.kindergarten).update(region=there)
    assert scene.kindergarten in Kindergarten.objects.visible_to(new)
    assert owed_to(new) == [], "filed in the town before, whose returns it may not read"
    assert owed_to(old) == []
    assert owed_to(scene.officer) == ["专任教师多2人"], "the county reads both towns' returns"


def test_the_page_lists_it_with_both_returns(scene: Staffed) -> None:
    with time_machine.travel(NOW, tick=True):
        client = client_of(scene.officer)
        route = reverse("procedures-owed")
        page = client.get(route).content.decode()
    for filing in scene.kindergarten.filings.all():
        assert reverse("filing-version", args=[filing.pk, 1]) in page
    assert "专任教师多2人" in page


def test_a_list_costs_the_same_however_long(scene: Staffed) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert teachers_owed(scene.seen, by=scene.officer, today=TODAY)
        return len(captured)

    few = queries()
    assert few <= 3
    for number in range(5):
        scene.count(scene.small.kindergarten(scene.town, f"园{number}"), 3, 4 + number)
    assert queries() == few
