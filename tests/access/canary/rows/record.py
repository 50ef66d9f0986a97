"""Names a kindergarten had, and which columns an officer wants to see them in."""

from __future__ import annotations

import datetime as dt

from kindergartens.models import ColumnChoice, FormerName
from tests.access.routes import World
from tests.small_county import SINCE


def furnish(world: World) -> None:
    FormerName.objects.create(
        kindergarten=world.kindergarten,
        name="旧名",
        reason="更名",
        valid_from=SINCE,
        valid_to=dt.date(2022, 5, 31),
    )
    ColumnChoice.objects.create(
        user=world.people["bureau_officer"],
        columns=["town", "former_names", "address", "sponsor_name", "director"],
    )
