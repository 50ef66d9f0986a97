"""Whoever is there: the post acted in, whether the portal lives, reports of browsers."""

from __future__ import annotations

from tests.access.routes.case import EVERYONE, Case

CASES = [
    Case("health", EVERYONE, strangers=200, public=True),
    Case("choose-post", EVERYONE, method="post", status=302, strangers=302),
    Case("post-ended", EVERYONE, status=302, strangers=302),
    # Sent by browsers on their own; an empty one is refused, whoever sends it.
    Case(
        "csp-report", EVERYONE, method="post", status=400, strangers=400, public=True, anonymous=400
    ),
]
