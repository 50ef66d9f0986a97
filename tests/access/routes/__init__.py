"""The table of routes: which role meets what, on every route, for every method it answers.

One file for each part of the portal, found by itself; a new part is a new file. A file holds

* ``CASES``: one row for each route and method, in the order of the part's urls;
* ``furnish(world)``, where its rows need objects that no other part has: they are set on the world.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType

from tests.access.routes.case import ROLES, Case
from tests.access.routes.world import World

__all__ = ["BY_ROUTE", "CASES", "PARTS", "ROLES", "Case", "World"]

PARTS: list[ModuleType] = [
    module
    for found in pkgutil.iter_modules(__path__)
    if hasattr(module := import_module(f"{__name__}.{found.name}"), "CASES")
]
CASES: list[Case] = [case for part in PARTS for case in part.CASES]
# One row of each route, for what is asked of a route whatever the method: the page where there is
# one, and else what is sent to it.
BY_ROUTE: dict[str, Case] = {
    case.route: case for case in sorted(CASES, key=lambda case: case.method == "get")
}
