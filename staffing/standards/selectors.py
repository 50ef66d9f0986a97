"""Which standard of staff holds in a place on a day: the nearest place's row of each demand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property

from kindergartens.models.demand import ancestors, nearest_of
from staffing.models import StaffingStandard
from staffing.standards.terms import Demand, Terms, fewer_than

Rows = dict[Demand, StaffingStandard]


class Standards:
    """All rows, read with one query; `of` answers for a place, a day and a length of the day.

    With `instead` none is read: to see what another row would do.
    """

    def __init__(self, instead: Sequence[StaffingStandard] | None = None) -> None:
        self._instead = instead
        self._found: dict[tuple[tuple[int, ...], dt.date, bool], Rows] = {}

    @cached_property
    def rows(self) -> list[StaffingStandard]:
        if self._instead is not None:
            return list(self._instead)
        # Clauses of published documents: the same for everybody.
        return list(StaffingStandard.objects.select_related("region").order_by("pk"))  # type: ignore[arg-type]

    def of(self, places: Sequence[int], day: dt.date, *, half_day: bool) -> Rows:
        """`places` are keys of regions, the nearest first (kindergartens.models.demand.ancestors)."""
        key = (tuple(places), day, half_day)
        if key not in self._found:
            days = {"any", "half" if half_day else "full"}
            in_force = [row for row in self.rows if row.day in days and row.is_in_force(day)]
            chosen = nearest_of(in_force, places, lambda row: row.demand)
            self._found[key] = {Demand(demand): row for demand, row in chosen.items()}
        return self._found[key]


def with_another(standard: StaffingStandard) -> Standards:
    """The standards as they would be with one more row, which is not saved yet."""
    return Standards([*Standards().rows, standard])


def terms_of(rows: Rows) -> dict[Demand, Terms]:
    """The numbers of the rows, as the rules take them."""
    return {demand: row.terms for demand, row in rows.items()}


def asks_for_less(row: StaffingStandard, standards: Standards, today: dt.date) -> bool:
    """Whether a place's row asks for fewer people than what holds there from the places above.

    On the row's first day, or today if that is past. The nation has nobody above.
    """
    if row.region is None:
        return False
    demand, day = Demand(row.demand), max(today, row.valid_from or today)
    above = ancestors(row.region)[1:]
    lengths = {"full": (False,), "half": (True,)}.get(row.day, (False, True))
    found = (standards.of(above, day, half_day=half).get(demand) for half in lengths)
    return any(one is not None and fewer_than(demand, row.terms, one.terms) for one in found)
