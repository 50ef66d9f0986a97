"""Self-checks: made by the kindergarten itself, read where it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.access.routes.case import (
    EXPORTERS,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.registers import a_self_check

# Whoever may record safety, but works in no kindergarten, makes no self-check.
NOT_OF_A_KINDERGARTEN = dict.fromkeys(("bureau_officer", "inspector", "town_officer"), 403)
KEEPERS = FILERS | NOT_OF_A_KINDERGARTEN.keys()
DAILY = ("technical", "daily")


def furnish(world: World) -> None:
    post = world.people["director"].memberships.get()
    world.self_check, world.self_check_photo = a_self_check(world.kindergarten, post)


def check(world: World) -> list[Any]:
    return [world.self_check.pk]


def photo(world: World) -> list[Any]:
    return [world.self_check_photo.pk]


CASES = [
    Case("self-checks", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("self-checks-export", EXPORTERS, lambda w: ["xlsx"], strangers=200),
    Case("self-check", RETURN_READERS, check),
    Case("self-check-photo", RETURN_READERS, photo),
    Case("self-check-withdraw", KEEPERS, check, except_for=NOT_OF_A_KINDERGARTEN),
    Case(
        "self-check-withdraw", KEEPERS, check, method="post", status=302,
        data=lambda w: {"reason": "示例原因"}, except_for=NOT_OF_A_KINDERGARTEN,
    ),
    Case("kindergarten-self-checks", RETURN_READERS, kindergarten()),
    Case("kindergarten-self-checks-history", HISTORY_READERS, kindergarten()),
    Case("self-check-new", KEEPERS, kindergarten(*DAILY), except_for=NOT_OF_A_KINDERGARTEN),
    Case(
        "self-check-new", KEEPERS, kindergarten(*DAILY), method="post", status=302,
        data=lambda w: {
            "day": "2026-11-05", "submission": str(UUID(int=7)), "technical_screens-answer": "normal",
        },
        except_for=NOT_OF_A_KINDERGARTEN,
    ),
]  # fmt: skip
