"""The list of the barred: its county's own, for those who keep it."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from staffing.models import EmploymentBan
from tests.access.routes.case import BUREAU, Case
from tests.access.routes.world import World
from tests.small_county import NOW
from tests.staffing.roster.making import a_number

KEEPERS = BUREAU | {"bureau_leader"}
KEYS = count(9_000)
TYPED = {
    "name": "示例列入", "identifier_type": "resident_id", "number": a_number(79),
    "ground": "drugs", "document": "示教罚〔2026〕2号", "document_date": "2026-09-01",
    "barred_from": "2026-09-01",
}  # fmt: skip


def furnish(world: World) -> None:
    """Entered by somebody who is none of those who ask, so that each of them may lift it."""
    clerk = world.small.officer(world.small.county, "bureau_officer")
    world.ban = EmploymentBan(
        pk=next(KEYS), county=world.small.county, name="示例禁止",
        identifier_type="resident_id", number=a_number(76), ground="abuse",
        document="示教罚〔2026〕1号", document_date=dt.date(2026, 3, 1),
        barred_from=dt.date(2026, 3, 1), entered_as=clerk.memberships.get(), entered_at=NOW,
    )  # fmt: skip
    world.ban.save(force_insert=True)


def ban(world: World) -> list[Any]:
    return [world.ban.pk]


CASES = [
    Case("employment-bans", KEEPERS, strangers=200),
    Case("employment-ban-new", KEEPERS, strangers=200),
    Case(
        "employment-ban-new", KEEPERS, method="post", data=lambda w: TYPED, status=302,
        strangers=302,
    ),
    Case("employment-ban", KEEPERS, ban),
    Case("employment-ban-lift", KEEPERS, ban),
    Case(
        "employment-ban-lift", KEEPERS, ban, method="post", status=302,
        data=lambda w: {"reason": "示例原因"},
    ),
]  # fmt: skip
