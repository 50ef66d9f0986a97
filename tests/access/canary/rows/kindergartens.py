"""A county's pairing of towns."""

from __future__ import annotations

from kindergartens.models import Group, GroupMember
from tests.access.routes import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    group = Group.objects.create(county=world.small.county, name=f"{world.small.county.name}组团")
    GroupMember.objects.create(group=group, town=world.town, valid_from=SINCE)
