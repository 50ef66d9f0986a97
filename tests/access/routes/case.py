"""A row of the table of routes, and the words in which rows are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.access.roles import ADMINISTRATORS
from tests.access.routes.world import FILERS, ROLES, World

EVERYONE = frozenset(ROLES)
READERS = EVERYONE - ADMINISTRATORS - FILERS
RETURN_READERS = READERS - {"department_officer"} | FILERS
HISTORY_READERS = RETURN_READERS
BUREAU = frozenset({"bureau_officer"})
SECURITY = frozenset({"security_administrator"})
EXPORTERS = frozenset({"bureau_officer", "bureau_leader", "town_officer", "city_officer"})
# A town's officer may not look at the whole county.
NOT_THE_TOWN = {"town_officer": 404}
FRESH_POST: dict[str, Any] = {"method": "post", "fresh": True}


@dataclass(frozen=True)
class Case:
    route: str
    allowed: frozenset[str]
    args: Callable[[World], list[Any]] = lambda world: []
    method: str = "get"
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    status: int = 200
    # What people of the other county meet where their role would be allowed at home.
    strangers: int = 404
    # Roles whose own scope answers otherwise than `status` says.
    except_for: dict[str, int] = field(default_factory=dict)
    public: bool = False
    # The person has just shown who they are, as these acts demand.
    fresh: bool = False
    # What a public route answers to somebody who is not signed in, if not 200.
    anonymous: int = 0

    def __str__(self) -> str:
        return self.route if self.method == "get" else f"{self.method} {self.route}"

    def abroad(self, role: str) -> int:
        """What a person in this role meets who works in the other county."""
        if role not in self.allowed:
            return 403
        # A page about one's own place answers as at home.
        met = self.except_for.get(role, self.strangers)
        return met if self.strangers == 200 else self.strangers


def filing(world: World) -> list[Any]:
    return [world.filing.pk]


def county(*rest: Any) -> Callable[[World], list[Any]]:
    return lambda world: [world.small.county.code, *rest]


def kindergarten(*rest: Any) -> Callable[[World], list[Any]]:
    return lambda world: [world.kindergarten.code, *rest]


def someone(world: World) -> list[Any]:
    return [world.people["director"].pk]


def reason(form: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {f"{form}-reason": "示例原因"}
