"""Over-charges of one kindergarten, and what is recorded of giving back."""

from __future__ import annotations

from typing import Any

from fees.models import Charge, Repayment
from tests.access.routes.case import (
    BUREAU,
    FILERS,
    HISTORY_READERS,
    RETURN_READERS,
    Case,
    kindergarten,
)
from tests.access.routes.world import World
from tests.small_county import NOW

REPAYING = BUREAU | {"director"}


def furnish(world: World) -> None:
    """Of a return that is not accepted, so that nothing more is owed of it."""
    post = world.people["director"].memberships.get()
    world.overcharge = Charge.objects.create(
        filing_version=world.filing.versions.get(), position=2, item="service_fee",
        name="示例兴趣班", scope="all", hours="any", unit="month", amount=200, payers=20,
    )  # fmt: skip
    world.repayment = Repayment.objects.create(
        charge=world.overcharge, month=world.filing.month, repaid_on=NOW.date(), children=2,
        yuan=400, document="示例收据", note="示例退款说明", owed=300, repaid_before=0, reason="示例多退原因",
        entered_as=post, entered_at=NOW,
    )  # fmt: skip


def charge(world: World) -> list[Any]:
    return [world.kindergarten.code, world.overcharge.pk]


def repayment(world: World) -> list[Any]:
    return [world.repayment.pk]


CASES = [
    Case("own-overcharged", FILERS, strangers=200),
    Case("kindergarten-overcharged", RETURN_READERS, kindergarten()),
    Case("overcharged-history", HISTORY_READERS, kindergarten()),
    Case("repayment-new", REPAYING, charge, status=302),
    Case("repayment-new", REPAYING, charge, method="post", status=302),
    Case("repayment-withdraw", REPAYING, repayment),
    Case(
        "repayment-withdraw", REPAYING, repayment, method="post",
        data=lambda w: {"reason": "示例原因"}, status=302,
    ),
]  # fmt: skip
