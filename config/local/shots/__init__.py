"""The pages that `make screenshots` takes a picture of: one file for each part of the portal.

A file holds ``SHOTS`` and is found by itself. A picture is named by its part and its own name
(`filings-review-1440.png`), so two parts cannot take each other's names.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module

from config.local.shots.walks import Shot

__all__ = ["SHOTS", "Shot", "named"]


def named(parts: dict[str, Iterable[Shot]]) -> dict[str, Shot]:
    """The shots by the name of their picture; ValueError where one would overwrite another."""
    shots: dict[str, Shot] = {}
    for part, of_part in parts.items():
        for shot in of_part:
            name = f"{part}-{shot.name}"
            if name in shots:
                raise ValueError(f"two pictures are called {name}")
            shots[name] = shot
    return shots


SHOTS = named(
    {
        found.name: getattr(import_module(f"{__name__}.{found.name}"), "SHOTS", ())
        for found in pkgutil.iter_modules(__path__)
    }
)
