"""Cameras and patrols: seen by the kindergarten they are about, kept by whoever supervises it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from safety.models import PatrolCircular, PatrolFinding
from safety.patrols.week import week_figures
from tests.access.routes.case import (
    BUREAU,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.conftest import acting
from tests.registers import a_camera, a_patrol, a_talk, a_threshold, an_appraisal_rule
from tests.small_county import NOW, OCTOBER, moment

SUPERVISORS = RETURN_READERS - FILERS
DECIDERS = frozenset({"bureau_officer", "bureau_leader"})
PATROLLERS = frozenset({"bureau_officer", "inspector", "town_officer"})
KEEPERS = PATROLLERS | FILERS
ABOVE_TOWNS = SUPERVISORS - {"town_officer"}
OF_A_COUNTY = ABOVE_TOWNS - {"city_officer"}
# A circular names kindergartens of every town.
NOT_ABOVE_TOWNS = dict.fromkeys((*FILERS, "town_officer"), 404)
AWAY = dict.fromkeys(FILERS, 302)
# A week that is over, and the one it is issued for.
MONDAY = dt.date(2026, 10, 26)


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    world.camera = a_camera(world.kindergarten, officer)
    world.patrol = a_patrol(
        officer, moment(2026, 10, 27), world.kindergarten, offline=(world.camera,),
        found="staff_absent",
    )  # fmt: skip
    world.talk = a_talk(world.kindergarten, officer, OCTOBER)
    world.threshold = a_threshold(world.small.county)
    an_appraisal_rule(world.small.county)
    world.circular = PatrolCircular.objects.create(
        county=world.small.county, monday=MONDAY, year=2026, number=1, issued_as=officer,
        issued_at=NOW,
        figures=week_figures(acting(world.people["bureau_officer"]), MONDAY),
    )  # fmt: skip


def patrol(world: World) -> list[Any]:
    return [world.patrol.pk]


def finding(world: World) -> list[Any]:
    return [PatrolFinding.objects.get(look__patrol=world.patrol).pk]


def camera(world: World) -> list[Any]:
    return [world.camera.pk]


def circular(world: World) -> list[Any]:
    return [world.circular.pk]


def talk(world: World) -> list[Any]:
    return [world.talk.pk]


def threshold(world: World) -> list[Any]:
    return ["threshold", world.threshold.pk]


def week(world: World) -> list[Any]:
    return [MONDAY.isoformat()]


WHY = {"reason": "示例原因"}
CASES = [
    Case("video-patrols", RETURN_READERS, strangers=200, except_for=AWAY),
    Case("video-patrol-new", PATROLLERS, strangers=200),
    Case("video-patrol-new", PATROLLERS, method="post", status=422, strangers=422),
    Case("video-patrol", RETURN_READERS, patrol),
    Case(
        "video-patrol-withdraw", PATROLLERS, patrol, strangers=404,
    ),
    Case(
        "video-patrol-withdraw", PATROLLERS, patrol, method="post", data=lambda w: WHY, status=302,
        except_for={"inspector": 302, "town_officer": 403},
    ),
    Case("patrol-finding-hazard", PATROLLERS, finding),
    Case("patrol-finding-hazard", PATROLLERS, finding, method="post", status=422),
    Case("video-devices", RETURN_READERS, strangers=200, except_for=AWAY),
    Case("video-device-correct", KEEPERS, camera),
    Case("video-device-correct", KEEPERS, camera, method="post", status=422),
    Case("video-device-end", KEEPERS, camera),
    Case(
        "video-device-end", KEEPERS, camera, method="post",
        data=lambda w: WHY | {"on": "2026-11-01"}, status=302,
        # It is offline: for the bureau to end.
        except_for=dict.fromkeys(FILERS, 422),
    ),
    Case("kindergarten-cameras", RETURN_READERS, kindergarten()),
    Case("kindergarten-cameras-history", HISTORY_READERS, kindergarten()),
    Case("video-device-new", KEEPERS, kindergarten()),
    Case("video-device-new", KEEPERS, kindergarten(), method="post", status=422),
    # The county's circulars
    Case("patrol-circulars", ABOVE_TOWNS, strangers=200),
    Case("patrol-week", OF_A_COUNTY, week, strangers=200),
    Case("patrol-week", DECIDERS, week, method="post", status=422, strangers=422),
    Case("patrol-circular", RETURN_READERS, circular, except_for=NOT_ABOVE_TOWNS),
    Case("patrol-circular-pdf", RETURN_READERS, circular, except_for=NOT_ABOVE_TOWNS),
    # What follows from a month and a year
    Case("patrol-talks", RETURN_READERS, strangers=200, except_for=AWAY),
    Case("patrol-talk-new", DECIDERS, kindergarten("2026-09")),
    Case("patrol-talk-new", DECIDERS, kindergarten("2026-09"), method="post", status=422),
    Case("patrol-talk-withdraw", DECIDERS, talk),
    Case("patrol-talk-withdraw", DECIDERS, talk, method="post", data=lambda w: WHY, status=302),
    Case("patrol-appraisals", RETURN_READERS, strangers=200, except_for=AWAY),
    Case("patrol-appraisal", RETURN_READERS, kindergarten(2026)),
    # What the county sets
    Case("patrol-settings", SUPERVISORS, strangers=200),
    Case("patrol-settings-history", HISTORY_READERS - FILERS, strangers=200),
    Case("patrol-setting-new", BUREAU, lambda w: ["threshold"], strangers=200),
    Case(
        "patrol-setting-new", BUREAU, lambda w: ["appraisal"], method="post", status=422,
        strangers=422,
    ),
    Case("patrol-setting-correct", BUREAU, threshold),
    Case("patrol-setting-correct", BUREAU, threshold, method="post", status=422),
    Case("patrol-setting-end", BUREAU, threshold),
    Case(
        "patrol-setting-end", BUREAU, threshold, method="post",
        data=lambda w: WHY | {"on": "2026-11-01"}, status=302,
    ),
]  # fmt: skip
