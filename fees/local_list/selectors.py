"""What a county's list has on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from fees.local_list.rules import Highest
from fees.models import LocalFeeItem


def listed_on(
    item: str, day: dt.date, *, rows: Iterable[LocalFeeItem]
) -> dict[str, Highest | None]:
    """The names of a class in force on a day, each with the most the list sets for it; `rows` are of
    one county.
    """
    return {
        row.name: None if row.most is None else Highest(row.most, row.unit, row.document)
        for row in rows
        if row.item == item
        and row.valid_from <= day
        and (row.valid_to is None or row.valid_to > day)
    }
