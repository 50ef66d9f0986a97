"""Acts that must not be done from a screen left open ask again who is there."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access.permissions import Permission

ACTS = {
    Permission.APPROVE_KINDERGARTEN_ACCOUNTS,
    Permission.APPROVE_OFFICE_ACCOUNTS,
    Permission.APPROVE_EXPORTS,
    Permission.MANAGE_ACCOUNTS,
    Permission.HAND_OVER_POSTS,
    Permission.READ_AUDIT,
    Permission.REVEAL_PERSONAL_DATA,
}
# Behind other permissions, and as grave.
BESIDES = {"account-batch-confirm", "deputies"}
NEED_NONE = {
    "audit-verify": "reads the history and writes whether it is whole; changes and hands out none",
}


def patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns)
        else:
            yield pattern


def methods(view: Any) -> set[str]:
    layer = view
    while inspect.isfunction(layer):
        allowed = inspect.getclosurevars(layer).nonlocals.get("request_method_list")
        if allowed is not None:
            return set(allowed)
        layer = getattr(layer, "__wrapped__", None)
    return {"POST"}


def grave() -> Iterator[URLPattern]:
    for pattern in patterns(get_resolver().url_patterns):
        name = str(pattern.name)
        acts = getattr(pattern.callback, "required_permission", None) in ACTS and (
            "POST" in methods(pattern.callback) or "ending" in str(pattern.pattern)
        )
        if acts or name in BESIDES:
            yield pattern


ROUTES = {str(pattern.name): pattern.callback for pattern in grave()}


def test_the_list_is_neither_empty_nor_out_of_date() -> None:
    assert BESIDES | {"people-export", "person-disable", "reveal-phone"} <= set(ROUTES)
    assert {name for name in ROUTES if "audit" in name and "export" in name}
    assert set(NEED_NONE) <= set(ROUTES)


@pytest.mark.parametrize("name", sorted(set(ROUTES) - set(NEED_NONE)))
def test_who_is_there_is_asked_first(name: str) -> None:
    assert getattr(ROUTES[name], "asks_freshness", False)
