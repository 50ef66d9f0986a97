"""Personal data shown to whom it is open."""

from __future__ import annotations

from tests.access.routes.case import EVERYONE, FRESH_POST, Case, someone

CASES = [
    Case("own-phone", EVERYONE, strangers=200),
    Case(
        "own-phone",
        EVERYONE,
        method="post",
        data=lambda w: {"phone": "13900000000"},
        status=302,
        strangers=302,
    ),
    Case("reveal-phone", frozenset({"bureau_officer"}), someone, fresh=True),
    Case(
        "reveal-phone",
        frozenset({"bureau_officer"}),
        someone,
        **FRESH_POST,
        data=lambda w: {"reason": "通知园长参加会议"},
    ),
]
