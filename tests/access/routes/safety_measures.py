"""安全防范: rates of a region, evidence of one kindergarten, the list of the own county; school buses."""

from __future__ import annotations

from typing import Any

from kindergartens.stamps import stamp_of
from safety.measures.services import MEASURE
from safety.models import MeasureDocument, SafetyMeasure
from tests.access.routes.case import (
    BUREAU,
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    NOT_THE_TOWN,
    RETURN_READERS,
    Case,
    county,
    kindergarten,
)
from tests.access.routes.world import World
from tests.safety.measured import a_bus, a_measure, evidenced

SAFETY_READERS = RETURN_READERS
KEEPERS = FILERS | {"bureau_officer", "inspector", "town_officer"}
DECIDERS = frozenset({"bureau_officer", "bureau_leader"})
# A kindergarten's people are taken to their own.
OWN = dict.fromkeys(FILERS, 302)
# What the kindergarten handed in is taken back by the kindergarten alone.
LED_BACK = dict.fromkeys(KEEPERS - FILERS, 302)


def furnish(world: World) -> None:
    director = world.people["director"].memberships.get()
    officer = world.people["bureau_officer"].memberships.get()
    file = world.attachment.file
    world.measure = a_measure(world.small.county, "alarm", answers=["alarm"])
    world.evidence = evidenced(world.kindergarten, director, world.measure, file=file)
    world.confirmed = evidenced(
        world.kindergarten, director, a_measure(world.small.county, "gate"), by=officer, file=file
    )
    world.bus = a_bus(world.kindergarten, director)


def bus(world: World) -> list[Any]:
    return [world.bus.pk]


def new(world: World) -> list[Any]:
    return [world.kindergarten.code, "gate"]


def waiting(world: World) -> list[Any]:
    return [world.evidence.pk]


def confirmed(world: World) -> list[Any]:
    return [world.confirmed.pk]


def document(world: World) -> list[Any]:
    return [MeasureDocument.objects.unscoped("the table's own").get(evidence=world.confirmed).pk]


def measure(world: World) -> list[Any]:
    return [world.measure.pk]


def corrected(world: World) -> dict[str, Any]:
    row = SafetyMeasure.objects.get(pk=world.measure.pk)
    typed = {name: getattr(row, name) or "" for name in MEASURE.corrected}
    return typed | {
        "one_of_four": "1", "reason": "示例原因", "seen": stamp_of(row, MEASURE.corrected)
    }  # fmt: skip


CASES = [
    Case("safety-measures", SAFETY_READERS, strangers=200, except_for=OWN),
    Case("safety-measures-region", SAFETY_READERS - FILERS, county(), except_for=NOT_THE_TOWN),
    Case("safety-measures-export", EXPORTERS, county("missing", "xlsx"), except_for=NOT_THE_TOWN),
    Case("kindergarten-safety-measures", SAFETY_READERS, kindergarten()),
    Case("measure-evidence-history", HISTORY_READERS, kindergarten()),
    Case("measure-evidence-new", KEEPERS, new),
    Case("measure-evidence-new", KEEPERS, new, method="post", status=422),
    Case("measure-evidence-decide", DECIDERS, waiting),
    Case(
        "measure-evidence-decide", DECIDERS, waiting, method="post",
        data=lambda w: {"decision": "return", "note": "示例原因"}, status=302,
    ),
    Case("measure-evidence-withdraw", KEEPERS, waiting, except_for=LED_BACK),
    Case(
        "measure-evidence-withdraw", KEEPERS, waiting, method="post",
        data=lambda w: {"reason": "示例原因"}, status=302,
    ),
    Case("measure-evidence-end", DECIDERS, confirmed),
    Case(
        "measure-evidence-end", DECIDERS, confirmed, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    Case("measure-document", SAFETY_READERS, document),
    # School buses
    Case("school-buses", SAFETY_READERS, strangers=200, except_for=OWN),
    Case("kindergarten-buses", SAFETY_READERS, kindergarten()),
    Case("school-bus-history", HISTORY_READERS, kindergarten()),
    Case("school-bus-new", KEEPERS, kindergarten()),
    Case("school-bus-new", KEEPERS, kindergarten(), method="post", status=422),
    Case("school-bus-correct", KEEPERS, bus),
    Case("school-bus-correct", KEEPERS, bus, method="post", status=422),
    Case("school-bus-end", KEEPERS, bus),
    Case(
        "school-bus-end", KEEPERS, bus, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
    # The list of the own county
    Case("safety-measure-list", SAFETY_READERS, strangers=200),
    Case("safety-measure-list-history", HISTORY_READERS, strangers=200),
    Case("safety-measure-list-begin", BUREAU, strangers=200),
    Case("safety-measure-list-begin", BUREAU, method="post", status=422, strangers=422),
    Case("safety-measure-new", BUREAU, strangers=200),
    Case("safety-measure-new", BUREAU, method="post", status=422, strangers=422),
    Case("safety-measure-correct", BUREAU, measure),
    Case("safety-measure-correct", BUREAU, measure, method="post", data=corrected, status=302),
    Case("safety-measure-end", BUREAU, measure),
    Case(
        "safety-measure-end", BUREAU, measure, method="post",
        data=lambda w: {"on": "2026-11-01", "reason": "示例原因"}, status=302,
    ),
]  # fmt: skip
