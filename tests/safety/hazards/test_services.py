"""A hazard from report to closing in one county: by whom, in which order, with what evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.files.intake import Accepted
from safety.hazards import services
from safety.hazards.services import Found, HazardRefused
from safety.models import Hazard
from tests.access.routes import World
from tests.conftest import acting
from tests.small_county import NOW

TODAY = NOW.date()
FOUND = Found(
    place="一楼厨房", field="fire", description="灭火器过期", source="self_check", found_on=TODAY,
    deadline=TODAY + dt.timedelta(days=7),
)  # fmt: skip


def photo(content: bytes = b"picture") -> Accepted:
    return Accepted("照片.jpg", content, "image/jpeg")


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.director, self.clerk, self.officer, self.leader, self.inspector = (
            acting(world.people[role])
            for role in (
                "director", "kindergarten_clerk", "bureau_officer", "bureau_leader", "inspector",
            )
        )  # fmt: skip

    def report(self, by: Any = None, **more: Any) -> Hazard:
        known = {name: more.pop(name) for name in list(more) if name in Found.__annotations__}
        return services.report_hazard(
            **{
                "client_id": uuid4(), "kindergarten": self.world.kindergarten,
                "found": replace(FOUND, **known), "by": by or self.director, "now": NOW,
            } | more
        )  # fmt: skip


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_sent_twice_it_is_one_with_its_photos_once(desk: Desk) -> None:
    mark = uuid4()
    first, again = (desk.report(client_id=mark, photos=[photo()]) for _ in range(2))
    assert first == again
    assert [first.photos.count(), first.events.count()] == [1, 1]
    # Another person's mark opens nothing.
    with pytest.raises(HazardRefused):
        desk.report(desk.clerk, client_id=mark)
    assert desk.report().number == first.number[:-4] + f"{int(first.number[-4:]) + 1:04d}"


def test_a_criterion_makes_it_major_and_stops_the_use(desk: Desk) -> None:
    hazard = desk.report(field="premises", criterion="premises-d", grade="general")
    assert [hazard.grade, hazard.stop_use, hazard.state] == ["major", True, "reported"]
    # Reported by who grades, it needs no grading.
    assert desk.report(desk.officer, grade="major").state == "mending"
    with pytest.raises(HazardRefused) as refusal:
        desk.report(field="food", criterion="premises-d")
    assert refusal.value.field == "criterion"


def test_who_reports_and_of_which_kindergarten(desk: Desk) -> None:
    with pytest.raises(PermissionDenied):
        desk.report(acting(desk.world.people["department_officer"]))
    with pytest.raises(HazardRefused) as refusal:
        desk.report(acting(desk.world.strangers["inspector"]))
    assert refusal.value.field == "kindergarten"
    with pytest.raises(HazardRefused) as refusal:
        desk.report(place="", photos=[photo()])
    assert refusal.value.field == "place"
    assert desk.report(desk.inspector, source="inspector").state == "mending"
    done = desk.report(fixed_on_spot=True, deadline=None, mended_photos=[photo(b"after")])
    assert [done.state, done.mended_as] == ["mended", desk.director.acting]
