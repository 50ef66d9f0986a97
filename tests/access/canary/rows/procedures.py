"""Children placed elsewhere: the rows of the table have no kindergarten that stops. And filings that
ended: a new director, and a yearly check with what is to be mended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kindergartens.models import Placement, Procedure
from tests.access.routes import World
from tests.small_county import NOW

ENDED: dict[str, dict[str, Any]] = {
    "director_change": {
        "details": {"former": "甲", "person": "丙"},
        "occurred_on": dt.date(2026, 9, 1),
    },
    "annual_check": {
        "details": {"year": 2025},
        "conclusion": "basic",
        "to_mend": "示例整改",
    },
}


def furnish(world: World) -> None:
    Placement.objects.create(procedure=world.procedure, destination="school", children=3)
    officer = world.people["bureau_officer"].memberships.get()
    for kind, more in ENDED.items():
        Procedure.objects.create(
            number=f"{world.small.county.code[:6]}2026-{next(world.small.serial):04d}",
            county=world.small.county,
            kindergarten=world.kindergarten,
            kind=kind,
            state=Procedure.State.APPROVED,
            reason="示例事由",
            asked_as=world.people["director"].memberships.get(),
            asked_at=NOW - dt.timedelta(days=9),
            checked_as=officer,
            decided_as=officer,
            ended_at=NOW - dt.timedelta(days=2),
            **more,
        )
