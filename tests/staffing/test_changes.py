"""Changes of directors and teachers on the roster, until when they are filed, and how far they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kindergartens.calendar.published import working_calendar
from kindergartens.models import Kindergarten
from kindergartens.procedures import services
from kindergartens.procedures.beside import said_of
from staffing.changes import selectors
from staffing.changes.rules import counted, last_day_late
from staffing.models import Appointment
from staffing.owed import director_changes_owed, teacher_changes_owed
from tests.kindergartens.procedures.scene import Scene
from tests.signing_in import client_of
from tests.small_county import NOW, OCTOBER, SEPTEMBER, SmallCounty
from tests.staffing.roster.making import in_post

D = dt.date
TODAY = NOW.date()  # 5 November 2026


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (D(2026, 3, 1), D(2026, 1, 31)),  # 31 January until 28 February
        (D(2026, 2, 28), D(2026, 1, 27)),
        (D(2028, 2, 29), D(2028, 1, 28)),
        (D(2028, 3, 1), D(2028, 1, 31)),  # until 29 February
        (D(2026, 3, 29), D(2026, 2, 28)),
        (D(2026, 3, 28), D(2026, 2, 27)),
        (D(2026, 5, 1), D(2026, 3, 31)),  # 31 March until 30 April
        (D(2027, 1, 1), D(2026, 11, 30)),
    ],
)
def test_the_last_day_that_is_late(today: dt.date, expected: dt.date) -> None:
    assert last_day_late(today, working_calendar(), {"months": 1}) == expected


def test_what_is_counted_is_said() -> None:
    assert [counted(2, 1), counted(2, 0), counted(0, 1)] == [
        "到任2人、离任1人",
        "到任2人",
        "离任1人",
    ]


class Rostered(Scene):
    """The kindergarten's roster: who is there long, and what changed this autumn."""

    def __init__(self, small: SmallCounty) -> None:
        super().__init__(small)
        self.serial = 0
        self.post(self.kindergarten, "full_time_teacher", D(2020, 9, 1))

    def post(
        self, kindergarten: Kindergarten, post: str, since: dt.date, until: dt.date | None = None
    ) -> Appointment:
        self.serial += 1
        row = in_post(kindergarten, self.officer.memberships.get(), self.serial)
        row.post, row.started_on, row.ended_on = post, since, until
        row.end_reason = "resigned" if until else ""
        row.save()
        return row

    def numbers(self) -> list[int]:
        """To file, of these late, filed, confirmed."""
        posts = Appointment.objects.visible_to(self.officer)
        return list(selectors.numbers(selectors.happened(posts, TODAY), TODAY).values())

    def owed(self, rows: Any) -> list[tuple[str, dt.date, int]]:
        return [
            (one.what, one.due_on, one.days_over)
            for one in rows(self.seen, by=self.officer, today=TODAY)
        ]


@pytest.fixture
def scene(small: SmallCounty) -> Rostered:
    return Rostered(small)


def test_one_filing_tells_of_what_happened_until_it_was_made(scene: Rostered) -> None:
    scene.post(scene.kindergarten, "full_time_teacher", D(2026, 9, 1))
    scene.post(scene.kindergarten, "full_time_teacher", D(2020, 9, 1), D(2026, 10, 20))
    scene.post(scene.kindergarten, "childcare_worker", D(2026, 9, 1))
    # Agreed, not happened; and older than a year.
    scene.post(scene.kindergarten, "full_time_teacher", D(2026, 12, 1))
    scene.post(scene.kindergarten, "full_time_teacher", D(2025, 11, 5))
    assert scene.numbers() == [2, 1, 0, 0]
    assert scene.owed(teacher_changes_owed) == [("专任教师到任1人、离任1人", D(2026, 10, 1), 35)]
    filed = scene.ask(
        "teacher_change", occurred_on=D(2026, 10, 1), effective_on=None,
        details={"joined": 0, "left": 1},
    )  # fmt: skip
    assert scene.numbers() == [1, 1, 1, 0]
    services.withdraw(procedure_id=filed.pk, reason="日期填错", by=scene.director, now=NOW)
    assert scene.numbers() == [2, 1, 0, 0]
    filed = scene.ask(
        "teacher_change", occurred_on=D(2026, 9, 1), effective_on=None,
        details={"joined": 1, "left": 1},
    )  # fmt: skip
    assert (scene.numbers(), scene.owed(teacher_changes_owed)) == ([0, 0, 2, 0], [])
    assert said_of(filed, TODAY) == ""
    # Somebody is recorded later, of days it told of: it is one more than was filed.
    scene.post(scene.kindergarten, "full_time_teacher", D(2026, 9, 10))
    with time_machine.travel(NOW, tick=True):
        page = client_of(scene.officer).get(reverse("procedure", args=[filed.number]))
    assert "填报新聘1人、离职1人，教职工名册上这段时间到任2人、离任1人" in page.content.decode()
    services.send_back(procedure_id=filed.pk, reason="请核对人数", by=scene.officer, now=NOW)
    assert scene.numbers() == [3, 2, 0, 0]
    with time_machine.travel(NOW, tick=True):
        page = client_of(scene.director).get(reverse("staff-changes")).content.decode()
        assert f'href="{reverse("procedure", args=[filed.number])}">去补正' in page
    services.withdraw(procedure_id=filed.pk, reason="重新填报", by=scene.director, now=NOW)
    filed = scene.ask(
        "teacher_change", occurred_on=D(2026, 9, 1), effective_on=None,
        details={"joined": 2, "left": 1},
    )  # fmt: skip
    services.check(procedure_id=filed.pk, reason="", by=scene.officer, now=NOW)
    assert scene.numbers() == [0, 0, 0, 3]


def test_the_roster_is_asked_where_there_is_one_and_the_returns_elsewhere(scene: Rostered) -> None:
    for place in (scene.kindergarten, scene.neighbour):
        for month, teachers in ((SEPTEMBER, 12), (OCTOBER, 14)):
            scene.small.file(place, 90, month=month, teachers=teachers, state="accepted")
    assert [one.kindergarten for one in teacher_changes_owed(
        scene.seen, by=scene.officer, today=D(2026, 12, 10)
    )] == [scene.neighbour]  # fmt: skip


def test_a_director_who_hands_over_is_told_of_with_who_follows(scene: Rostered) -> None:
    scene.post(scene.kindergarten, "principal", D(2020, 9, 1), D(2026, 9, 1))
    assert scene.owed(director_changes_owed) == [("园长离任1人", D(2026, 10, 1), 35)]
    scene.post(scene.kindergarten, "principal", D(2026, 9, 15))
    assert scene.owed(director_changes_owed) == [("园长到任1人", D(2026, 10, 15), 21)]
    scene.ask(
        "director_change", occurred_on=D(2026, 9, 15), effective_on=None,
        details={"former": "甲", "person": "乙"},
    )  # fmt: skip
    assert (scene.numbers(), scene.owed(director_changes_owed)) == ([0, 0, 1, 0], [])


def test_the_director_is_led_to_the_form_filled_in_and_lists_cost_the_same(
    scene: Rostered,
) -> None:
    scene.post(scene.kindergarten, "full_time_teacher", D(2026, 9, 1))
    with time_machine.travel(NOW, tick=True):
        director, officer = client_of(scene.director), client_of(scene.officer)
        page = director.get(reverse("staff-changes")).content.decode()
        form = reverse("procedure-ask", args=[scene.kindergarten.code, "teacher_change"])
        address = f"{form}?occurred_on=2026-09-01&amp;joined=1&amp;left=0"
        assert f'href="{address}"' in page
        assert "逾期35天" in page
        asked = director.get(address.replace("&amp;", "&")).content.decode()
        assert 'value="2026-09-01"' in asked
        assert 'name="d_joined" value="1"' in asked
        route = reverse("staff-changes")

        def queries(state: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert "示例在册" in officer.get(route, {"state": state}).content.decode()
            return len(captured)

        queries("late")
        few = queries("late")
        for number in range(5):
            place = scene.small.kindergarten(scene.town, f"园{number}")
            scene.post(place, "full_time_teacher", D(2026, 9, 1))
            scene.post(place, "full_time_teacher", D(2020, 9, 1), D(2026, 9, 1))
        assert queries("late") == few
