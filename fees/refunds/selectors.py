"""Which rules of refunds hold for a kindergarten, and which of its lines are refunded by one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Region, User
from fees.models import RefundRule, ScheduledFee
from fees.refunds.rules import item_of
from fees.selectors import in_order
from kindergartens.models import Kindergarten
from kindergartens.models.demand import ancestors


def refundable_lines(user: User, kindergarten: Kindergarten) -> list[ScheduledFee]:
    """Lines of its schedule, of any day, for whose item a place may set a rule. One query."""
    rows = ScheduledFee.objects.visible_to(user).standing().filter(kindergarten=kindergarten)
    return [one for one in sorted(rows, key=in_order) if item_of(one.item, one.name) is not None]


@dataclass(frozen=True)
class InForce:
    """The nearest place's rule, and those of the places above it, which do not hold beside it."""

    rule: RefundRule | None
    others: list[RefundRule]


def rules_for(county: Region, item: str, day: dt.date) -> InForce:
    """One query."""
    rows = list(
        RefundRule.objects.in_force(day)
        .filter(region__in=ancestors(county), item=item)
        .select_related("region")
        .order_by("-region__level")
    )
    return InForce(rows[0] if rows else None, rows[1:])
