"""A group's second member: a kindergarten, beside the town that the table of routes has."""

from __future__ import annotations

from kindergartens.models import GroupMember
from tests.access.routes import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    GroupMember.objects.create(
        group=world.group,
        kind=world.group.kind,
        kindergarten=world.kindergarten,
        valid_from=SINCE,
    )
