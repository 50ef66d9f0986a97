"""Children placed elsewhere: the rows of the table have no kindergarten that stops."""

from __future__ import annotations

from kindergartens.models import Placement
from tests.access.routes import World


def furnish(world: World) -> None:
    Placement.objects.create(procedure=world.procedure, destination="school", children=3)
