"""School buses of a region or a kindergarten with what each lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import Region, User
from kindergartens.models import Kindergarten
from safety.buses.rules import Lack, lacks
from safety.models import SchoolBus


@dataclass(frozen=True)
class Bus:
    row: SchoolBus
    lacks: Sequence[Lack]

    @property
    def breaches(self) -> bool:
        return any(lack.is_breach for lack in self.lacks)


def buses_in(user: User, region: Region, day: dt.date) -> list[Bus]:
    """Those in use; who lacks something first, then whose papers end first. One query."""
    rows = (
        SchoolBus.objects.visible_to(user)
        .running()
        .filter(kindergarten__organisation__region__in=Region.objects.within(region).values("pk"))
        .select_related("kindergarten__organisation__region__county")
        .order_by("kindergarten__organisation__region__code", "kindergarten__code", "plate")
    )
    found = _with_lacks(rows, day)
    return sorted(found, key=lambda bus: (not bus.breaches, not bus.lacks))


def buses_of(user: User, kindergarten: Kindergarten, day: dt.date) -> list[Bus]:
    """Those in use, then those that were; one out of use lacks nothing."""
    rows = SchoolBus.objects.visible_to(user).filter(kindergarten=kindergarten)
    return _with_lacks(rows.order_by("ended_on", "plate", "pk").reverse(), day)


def _with_lacks(rows: Iterable[SchoolBus], day: dt.date) -> list[Bus]:
    return [
        Bus(
            row,
            lacks(
                permit_until=row.permit_until, driver_until=row.driver_until,
                last_check=row.last_check, day=day,
            )
            if row.ended_on is None
            else (),
        )
        for row in rows
    ]  # fmt: skip
