"""The table in tests/access/routes names every route of the portal: one that is missing fails.

Who meets what on each is asked by the matrix (test_matrix.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.routes import BY_ROUTE, CASES


def routes() -> Iterator[str]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name or str(pattern.pattern)

    yield from walk(get_resolver().url_patterns)


def test_every_route_is_in_the_table_once() -> None:
    """Once for each method it answers: the matrix asks whether all others meet 405."""
    assert sorted(routes()) == sorted(BY_ROUTE)
    assert {row: n for row, n in Counter(map(str, CASES)).items() if n > 1} == {}
