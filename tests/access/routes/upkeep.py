"""Drills, training, insurance and kitchens of a kindergarten."""

from __future__ import annotations

from typing import Any

from tests.access.routes.case import (
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.registers import kept_up

KEEPERS = FILERS | {"bureau_officer", "inspector", "town_officer"}


def furnish(world: World) -> None:
    post = world.people["director"].memberships.get()
    world.drill = kept_up(world.kindergarten, post)


def drill(world: World) -> list[Any]:
    return ["drill", world.drill.pk]


CASES = [
    Case("upkeep", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("upkeep-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("upkeep-withdraw", KEEPERS, drill),
    Case(
        "upkeep-withdraw", KEEPERS, drill, method="post", status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
    Case("kindergarten-upkeep", RETURN_READERS, kindergarten()),
    Case("kindergarten-upkeep-history", HISTORY_READERS, kindergarten()),
    Case("upkeep-new", KEEPERS, kindergarten("drill")),
    Case("upkeep-new", KEEPERS, kindergarten("drill"), method="post", status=422),
]  # fmt: skip
