"""Approved posts and pay of public kindergartens."""

from __future__ import annotations

from typing import Any

from tests.access.routes.case import (
    BUREAU,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.registers import approved, paid

KEEPERS = BUREAU | FILERS


def furnish(world: World) -> None:
    officer = world.people["bureau_officer"].memberships.get()
    world.post_quota = approved(world.kindergarten, officer, 9)
    paid(world.kindergarten, officer, 2024, established=(4, 400_000), other=(4, 300_000))


def quota(world: World) -> list[Any]:
    return [world.post_quota.pk]


CASES = [
    Case("posts-and-pay", RETURN_READERS, strangers=200, except_for=dict.fromkeys(FILERS, 302)),
    Case("kindergarten-posts-and-pay", RETURN_READERS, kindergarten()),
    Case("kindergarten-posts-and-pay-history", HISTORY_READERS, kindergarten()),
    Case("kindergarten-pay", KEEPERS, kindergarten(2025)),
    Case("kindergarten-pay", KEEPERS, kindergarten(2025), method="post", status=422),
    Case("post-quota-new", BUREAU, kindergarten()),
    Case("post-quota-new", BUREAU, kindergarten(), method="post", status=422),
    Case("post-quota-withdraw", BUREAU, quota),
    Case(
        "post-quota-withdraw",
        BUREAU,
        quota,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
]
