"""Hazards: one of each state that a page shows, with photos and a plate."""

from __future__ import annotations

from tests.access.routes.case import Case
from tests.access.routes.world import World
from tests.registers import a_hazard, a_photo, a_plate


def furnish(world: World) -> None:
    director = world.people["director"].memberships.get()
    officer = world.people["bureau_officer"].memberships.get()
    world.hazard = a_hazard(world.kindergarten, director, item="示例项目")
    world.hazard_photo = a_photo(world.hazard, director)
    world.major_hazard = a_hazard(world.kindergarten, director, grade="major")
    a_plate(world.major_hazard, officer, decision_number="")


CASES: list[Case] = []
