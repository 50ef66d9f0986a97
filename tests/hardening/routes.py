"""Every route of the resolver, with a value for each part of its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.routes import BY_ROUTE, CASES, World

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    name: str
    view: Any


def all_routes() -> list[Route]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[Route]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                assert pattern.name, f"a route without a name: {pattern.pattern}"
                yield Route(pattern.name, pattern.callback)

    return list(walk(get_resolver().url_patterns))


ROUTES = all_routes()
DATA_OF = {case.route: case.data for case in CASES if case.method == "post"}


def body_of(name: str, world: World) -> dict[str, Any]:
    """What the route's form sends; nothing where it takes none."""
    return DATA_OF[name](world) if name in DATA_OF else {}


def address(name: str, world: World) -> str:
    """The route's address for an object of the world; fails for a route not in the table."""
    return reverse(name, args=BY_ROUTE[name].args(world))
