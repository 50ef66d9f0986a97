"""A route answers a method it does not know with 405, whoever asks: before rights are looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.small_county import SmallCounty


def guarded(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from guarded(pattern.url_patterns)
        elif hasattr(pattern.callback, "required_permission"):
            yield pattern


ROUTES = list(guarded(get_resolver().url_patterns))


def test_there_are_routes_to_ask() -> None:
    assert len(ROUTES) > 20


@pytest.mark.parametrize("pattern", ROUTES, ids=lambda pattern: str(pattern.name))
def test_an_unknown_method_is_refused_first(small: SmallCounty, rf, pattern: URLPattern) -> None:
    request = rf.generic("PATCH", "/")
    # May do nothing at all, and would meet 403 next.
    request.user = small.person(
        "无岗位", small.officer().memberships.get().organisation, "director"
    )
    assert request.user.acting is None
    response = pattern.callback(request)
    assert response.status_code == 405
    assert "PATCH" not in response["Allow"]
