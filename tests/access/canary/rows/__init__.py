"""Rows that the world of the table lacks, so that every text of every model is there to be marked.

One file for each part of the portal, found by itself, with ``furnish(world)``: called once for each
tenant, in the order of the names.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.access.routes import World

PARTS = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]


def furnish(world: World) -> None:
    for part in PARTS:
        part.furnish(world)
