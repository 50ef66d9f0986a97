"""What a figure would be if those not counted yet were as in their last return (估计). Plain Python.

Never part of a figure: no sum, verdict, file or publication holds it. It stands beside one that is
暂计, and only where every kindergarten that is missing can be carried forward: one that never
counted, or not for months, could be of any size, and an estimate without it would read too low.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

# Ours: no document says how long a head-count holds. A term has four or five months, and the two
# holidays without returns are two months at most; what is older says little of this month.
CARRIED_MONTHS = 3


def months_between(earlier: dt.date, later: dt.date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def may_carry(month: dt.date, last: dt.date | None) -> bool:
    """Whether a kindergarten missing in a month may stand in with the return of `last`."""
    return last is not None and 0 < months_between(last, month) <= CARRIED_MONTHS


def all_may_be_carried(month: dt.date, last_months: Iterable[dt.date | None]) -> bool:
    """Whether everybody missing can be carried; False where nobody is missing."""
    found = list(last_months)
    return bool(found) and all(may_carry(month, last) for last in found)
