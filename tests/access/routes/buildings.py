"""Buildings and equipment, construction projects, estate kindergartens."""

from __future__ import annotations

from typing import Any

from kindergartens.models import EstateProject
from kindergartens.projects.services.estates import HAND_OVER
from kindergartens.stamps import stamp_of
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    NOT_THE_TOWN,
    READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.buildings import Buildings

PROJECT_READERS = READERS - {"department_officer"}
DIRECTORS = frozenset({"director"})


def furnish(world: World) -> None:
    """A kindergarten with a count confirmed and one waiting, a project, an estate, what is asked."""
    director = world.people["director"].memberships.get()
    officer = world.people["bureau_officer"].memberships.get()
    world.buildings = Buildings(world.kindergarten, world.small.county, director, officer)


def project(world: World) -> list[Any]:
    return [world.buildings.project.pk]


def estate(world: World) -> list[Any]:
    return [world.buildings.estate.pk]


def as_shown(world: World) -> dict[str, Any]:
    """What the form of the hand-over was shown, read anew: rows may have been marked since."""
    row = EstateProject.objects.unscoped("the table's own").get(pk=world.buildings.estate.pk)
    return {"seen": stamp_of(row, HAND_OVER)}


CASES = [
    # Buildings and equipment
    Case("premises", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("premises-export", EXPORTERS, lambda w: ["equipment", "xlsx"], strangers=200),
    Case("fire-backlog", PROJECT_READERS, strangers=200),
    Case("premises-standards", RETURN_READERS, strangers=200),
    Case("premises-standard-new", BUREAU, strangers=200),
    Case("equipment-item-new", BUREAU, strangers=200),
    Case(
        "premises-demand-end",
        BUREAU,
        lambda w: ["standard", w.buildings.standard.pk],
    ),
    # Projects and estates
    Case("projects", PROJECT_READERS, strangers=200),
    Case("projects-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("project", PROJECT_READERS, project),
    Case("project-history", PROJECT_READERS | FILERS, project),
    Case("project-new", BUREAU, strangers=200),
    Case("project-edit", BUREAU, project),
    Case("project-stage", BUREAU, project),
    Case("project-payment", BUREAU, project),
    Case("estates", PROJECT_READERS, strangers=200),
    Case(
        "estate-table-export",
        EXPORTERS,
        lambda w: ["xlsx"],
        strangers=200,
        except_for=NOT_THE_TOWN,
    ),
    Case("estates-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("estate", PROJECT_READERS, estate),
    Case("estate-history", PROJECT_READERS | FILERS, estate),
    Case("estate-new", BUREAU, strangers=200),
    Case("estate-edit", BUREAU, estate),
    Case("estate-step", BUREAU, estate),
    Case("estate-hand-over", BUREAU, estate),
    Case("estate-problem", BUREAU, estate),
    Case("estate-problem-resolve", BUREAU, lambda w: [w.buildings.problem.pk]),
    Case("estate-operator-ask", BUREAU, estate),
    Case("estate-operator-found", BUREAU, estate),
    Case(
        "estate-operator-decide",
        frozenset({"bureau_leader"}),
        lambda w: [w.buildings.operator.pk],
        method="post",
        data=lambda w: {"act": "approve"},
        status=302,
    ),
    # Nothing filled in: refused with what to mend, and nothing is written.
    *(
        Case(route, BUREAU, args, method="post", status=422)
        for route, args in (
            ("project-edit", project),
            ("project-stage", project),
            ("project-payment", project),
            ("estate-edit", estate),
            ("estate-step", estate),
            ("estate-problem", estate),
            ("estate-problem-resolve", lambda w: [w.buildings.problem.pk]),
            ("estate-operator-ask", estate),
            ("estate-operator-found", estate),
            ("site-edit", lambda w: [w.buildings.site.pk]),
            ("site-new", kindergarten()),
            ("fire-acceptance-new", kindergarten()),
            ("premises-count-enter", lambda w: [w.buildings.site.pk]),
        )
    ),
    *(
        Case(route, BUREAU, method="post", status=422, strangers=422)
        for route in ("project-new", "estate-new", "premises-standard-new", "equipment-item-new")
    ),
    Case("estate-hand-over", BUREAU, estate, method="post", data=as_shown, status=302),
    Case(
        "premises-count-own",
        DIRECTORS,
        lambda w: [w.buildings.site.pk],
        method="post",
        status=422,
    ),
    Case("kindergarten-premises", RETURN_READERS, kindergarten()),
    Case("premises-history", RETURN_READERS, kindergarten()),
    Case("site-new", BUREAU, kindergarten()),
    Case("site-edit", BUREAU, lambda w: [w.buildings.site.pk]),
    Case("fire-acceptance-new", BUREAU, kindergarten()),
    Case("premises-count-own", DIRECTORS, lambda w: [w.buildings.site.pk]),
    Case("premises-count-enter", BUREAU, lambda w: [w.buildings.site.pk]),
    Case(
        "premises-count-decide",
        BUREAU,
        lambda w: [w.buildings.waiting.pk],
        method="post",
        data=lambda w: {"act": "confirm"},
        status=302,
    ),
]
