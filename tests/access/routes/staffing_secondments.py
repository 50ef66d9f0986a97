"""People sent to other kindergartens; after the roster, whose one is sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from staffing.models import Secondment
from tests.access.routes.case import BUREAU, RETURN_READERS, Case
from tests.access.routes.world import World
from tests.small_county import NOW


def furnish(world: World) -> None:
    """The one of the roster is away since September, in the kindergarten beside."""
    post = world.staff_post
    world.secondment = Secondment.objects.create(
        person=post.person, sender=post.kindergarten, receiver=world.second_kindergarten,
        purpose="pairing", started_on=dt.date(2026, 9, 1), entered_as=post.entered_as,
        entered_at=NOW,
    )  # fmt: skip


def post(world: World) -> list[Any]:
    return [world.staff_post.pk]


def row(world: World) -> list[Any]:
    return [world.secondment.pk]


CASES = [
    Case("secondments", RETURN_READERS, strangers=200),
    Case("secondment-new", BUREAU, post),
    Case("secondment-new", BUREAU, post, method="post", status=422),
    Case("secondment-back", BUREAU, row),
    Case(
        "secondment-back",
        BUREAU,
        row,
        method="post",
        status=302,
        data=lambda w: {"on": "2026-11-01", "seen": ""},
    ),
    Case("secondment-withdraw", BUREAU, row),
    Case(
        "secondment-withdraw",
        BUREAU,
        row,
        method="post",
        status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
]
