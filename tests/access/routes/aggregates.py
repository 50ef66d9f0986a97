"""Published figures of the years before the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from indicators.aggregates.services import stamp
from indicators.models import AggregateReturn
from tests.access.routes.case import BUREAU, EXPORTERS, READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW


def furnish(world: World) -> None:
    world.aggregate = AggregateReturn.objects.create(
        region=world.town, reference_date=dt.date(2020, 12, 31), kind="yearbook",
        source="示例年鉴", enrolled_children=100, entered_at=NOW,
    )  # fmt: skip


def aggregate(world: World) -> list[Any]:
    return [world.aggregate.pk]


def correction(world: World) -> dict[str, Any]:
    return {
        "kind": "yearbook",
        "enrolled_children": "101",
        "reason": "示例原因",
        "seen": stamp(world.aggregate),
    }


CASES = [
    Case("aggregates", READERS, strangers=200),
    Case("aggregates-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("aggregate", READERS, aggregate),
    Case("aggregate-correct", BUREAU, aggregate),
    Case("aggregate-correct", BUREAU, aggregate, method="post", status=302, data=correction),
    Case("aggregate-withdraw", BUREAU, aggregate),
    Case(
        "aggregate-withdraw",
        BUREAU,
        aggregate,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
    Case("aggregate-history", READERS - {"department_officer"}, aggregate),
]
