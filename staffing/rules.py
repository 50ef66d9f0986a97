"""People by head-count of children, and teachers who came or went between two returns.

How many children to one person is asked for are rows of StaffingStandard (staffing.standards).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise


def people_needed(children: int, most: int) -> int:
    """The fewest people with at most this many children each, exactly; 0 without children."""
    return -(-children // most)


@dataclass(frozen=True)
class Counted:
    """Full-time teachers in one accepted return; None where it does not name them."""

    reference_date: dt.date
    teachers: int | None
    filing: int
    version: int


def changes_not_filed(
    returns: Sequence[Counted], filed: Collection[dt.date]
) -> list[tuple[Counted, Counted]]:
    """Accepted returns that follow one another and between which teachers came or went unfiled.

    `returns` by date; `filed` are the days of the changes that were filed. One on or between the
    two statistical days tells of the change: who left on the first was still counted in it.
    Teachers who were replaced one by one leave the number as it was and are not seen here. What a
    return does not name is not compared with anything.
    """
    return [
        (before, after)
        for before, after in pairwise(returns)
        if before.teachers is not None
        and after.teachers is not None
        and before.teachers != after.teachers
        and not any(before.reference_date <= day <= after.reference_date for day in filed)
    ]
