"""What belongs to no app: the way in, and the gallery of components."""

from __future__ import annotations

from tests.access.routes.case import EVERYONE, Case

CASES = [
    Case("home", EVERYONE, status=302, strangers=302),
    Case("gallery", frozenset({"system_administrator"}), strangers=200),
]
