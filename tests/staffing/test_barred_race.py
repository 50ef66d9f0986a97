"""Listing and hiring at once, over two connections: one of them always sees the other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine

from accounts.models import User
from kindergartens.models import Kindergarten
from staffing.barred import services
from staffing.barred.rules import BanFacts
from staffing.barred.selectors import still_employed
from staffing.models import Appointment, EmploymentBan
from staffing.roster.services import PersonBarred, hire
from tests.access.races.course import Course
from tests.conftest import acting
from tests.small_county import NOW, SmallCounty
from tests.staffing.roster.making import a_number, person_facts, post_facts

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = NOW.date()


@dataclass
class Scene:
    kindergarten: Kindergarten
    officer: User
    colleague: User
    # How many on the list the listing's own page finds in a post.
    found: list[int] = field(default_factory=list)

    def list_it(self) -> object:
        facts = BanFacts(
            name="示例教师", identifier_type="resident_id", number=a_number(1), ground="drugs",
            document="示教罚〔2026〕1号", document_date=TODAY, barred_from=dt.date(2026, 1, 1),
        )  # fmt: skip
        services.bar(facts=facts, by=self.officer, now=NOW, today=TODAY)
        self.found.append(len(still_employed(self.officer, TODAY)))
        return None

    def hire_it(self) -> object:
        return hire(
            kindergarten=self.kindergarten, person=person_facts(1),
            post=post_facts(started_on=TODAY), by=self.colleague, now=NOW, today=TODAY,
        )  # fmt: skip


@pytest.fixture
def scene() -> Any:
    with time_machine.travel(NOW, tick=True):
        small = SmallCounty()
        place = small.kindergarten(small.town("甲镇"), "示例一园")
        yield Scene(place, acting(small.officer()), acting(small.officer()))


@pytest.mark.parametrize("held", [True, False], ids=["as built", "without the lock"])
def test_a_hiring_does_not_slip_past_a_listing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """The list is looked through, then somebody is listed, then the post is written."""
    if not held:
        monkeypatch.setattr("staffing.roster.services.barring.hold_the_list", _nothing)
    course = Course(monkeypatch, "staffing.roster.services.barring.bans_that_stop")
    course.run(scene.hire_it, scene.list_it)
    assert course.failures == []
    assert (Appointment.objects.count(), EmploymentBan.objects.count()) == (1, 1)
    # Without it the post is written after somebody was listed, and whoever listed saw nothing.
    assert scene.found == [1 if held else 0]


@pytest.mark.parametrize("held", [True, False], ids=["as built", "without the lock"])
def test_a_hiring_that_comes_second_is_stopped(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    """The listing holds the list and has not committed; the hiring waits, then sees it."""
    if not held:
        monkeypatch.setattr("staffing.roster.services.barring.hold_the_list", _nothing)
    course = Course(monkeypatch, "staffing.barred.services.next_ban_key")
    course.run(scene.list_it, scene.hire_it)
    assert [type(failure) for failure in course.failures] == ([PersonBarred] if held else [])
    assert Appointment.objects.exists() is not held


def _nothing(**_: object) -> None:
    return None
