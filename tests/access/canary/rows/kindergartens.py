"""A group's second member: a kindergarten that was in it once, beside the town of the table."""

from __future__ import annotations

import datetime as dt

from kindergartens.models import GroupMember
from tests.access.routes import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    GroupMember.objects.create(
        group=world.group,
        kind=world.group.kind,
        kindergarten=world.kindergarten,
        valid_from=SINCE,
        valid_to=dt.date(2021, 9, 1),
    )
