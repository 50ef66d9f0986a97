"""The fee schedule of a kindergarten, as it stands on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from accounts.history.tracking import TRACKED
from accounts.models import User
from fees.models import FeeItem, FeeScope, ScheduledFee
from fees.rules import SAME_CHARGE
from kindergartens.models import Kindergarten

_ITEMS = {item: place for place, item in enumerate(FeeItem.values)}
_SCOPES = {scope: place for place, scope in enumerate(FeeScope.values)}


def in_order(fee: ScheduledFee) -> tuple[int, str, int, str, dt.date]:
    """As on a published sheet: by class of item, name, then whose children pay."""
    return (_ITEMS[fee.item], fee.name, _SCOPES[fee.scope], fee.hours, fee.valid_from)


@dataclass
class Schedule:
    """A schedule beside a day: what is in force, what comes, what is over."""

    in_force: list[ScheduledFee] = field(default_factory=list)
    coming: list[ScheduledFee] = field(default_factory=list)
    ended: list[ScheduledFee] = field(default_factory=list)


def schedule(user: User, kindergarten: Kindergarten, day: dt.date) -> Schedule:
    """One query."""
    found = Schedule()
    rows = (
        ScheduledFee.objects.visible_to(user)
        .standing()
        .filter(kindergarten=kindergarten)
        .select_related("entered_as__user", "entered_as__organisation")
    )
    for fee in sorted(rows, key=in_order):
        if fee.valid_from > day:
            found.coming.append(fee)
        elif fee.valid_to is not None and fee.valid_to <= day:
            found.ended.append(fee)
        else:
            found.in_force.append(fee)
    return found


def over_before(user: User, fee: ScheduledFee) -> ScheduledFee | None:
    """The last line of the same charge that had ended when this one began; None: it is the first."""
    return (
        ScheduledFee.objects.visible_to(user)
        .standing()
        .filter(kindergarten=fee.kindergarten_id, valid_to__lte=fee.valid_from)
        .filter(**{name: getattr(fee, name) for name in SAME_CHARGE})
        .order_by("valid_to")
        .last()
    )


def states_of(fee: ScheduledFee) -> QuerySet[Any]:
    """A line as it stands and as it ever stood while it counted: copies of one row."""
    return (
        TRACKED[ScheduledFee]
        .copies("of a line in hand")
        .filter(pgh_obj_id=fee.pk, withdrawn_at__isnull=True)
    )


def lines_ever_on(kindergarten: Kindergarten, day: dt.date) -> QuerySet[Any]:
    """What its schedule once said of a day, before lines were corrected or withdrawn: copies of rows."""
    return (
        TRACKED[ScheduledFee]
        .copies("of the schedule of a kindergarten in hand")
        .filter(kindergarten_id=kindergarten.pk, withdrawn_at__isnull=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)
    )
