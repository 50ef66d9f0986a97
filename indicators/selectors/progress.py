"""Who has filed for a month, who has not, and what those not counted had last time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import Region
from kindergartens.rules import last_day

# Counted stands apart from a return's state: an accepted return that was sent back for a
# correction goes on counting until the corrected version is accepted. A county without a period
# owes its returns too where another county of its province has one (services.recompute). Of the
# facts `f` only what their index has is asked.
OWED = """
SELECT k.id AS kindergarten_id, k.name, k.is_example, s.ownership,
    t.id AS town_id, t.name AS town_name, t.code AS town_code, t.{child} AS child_id,
    filing.id AS filing_id, filing.state, coalesce(filing.version, 0) AS version,
    filing.first_submitted_at, p.due_at, p.locks_at, f.kindergarten_id IS NOT NULL AS counted,
    last.month AS last_month, last.enrolled_children AS last_children
FROM accounts_region county
LEFT JOIN kindergartens_reportingperiod p ON p.county_id = county.id AND p.month = %(month)s
CROSS JOIN LATERAL (SELECT coalesce(p.reference_date, %(last_day)s::date) AS on_day) statistical
JOIN accounts_region t ON t.county_id = county.id AND t.level = 4
JOIN kindergartens_kindergartenstatus s ON s.town_id = t.id
    AND s.operating_state = 'operating' AND s.counts_enrolment
    AND s.valid_from <= statistical.on_day
    AND (s.valid_to IS NULL OR s.valid_to > statistical.on_day)
JOIN kindergartens_kindergarten k ON k.id = s.kindergarten_id
LEFT JOIN kindergartens_monthlyfiling filing
    ON filing.kindergarten_id = k.id AND filing.month = %(month)s
LEFT JOIN indicators_kindergartenfacts f ON f.kindergarten_id = k.id
    AND f.month = %(month)s AND f.superseded_at IS NULL AND f.counts_enrolment
LEFT JOIN LATERAL (
    SELECT earlier.month, earlier.enrolled_children
    FROM indicators_kindergartenfacts earlier
    WHERE f.kindergarten_id IS NULL AND earlier.kindergarten_id = k.id AND earlier.superseded_at IS NULL
        AND earlier.counts_enrolment AND earlier.month < %(month)s
    ORDER BY earlier.month DESC LIMIT 1
) last ON true
WHERE county.level = 3 AND t.{scope} = %(region)s
    AND (p.id IS NOT NULL OR county.is_active AND EXISTS (
        SELECT 1 FROM kindergartens_reportingperiod beside
        JOIN accounts_region sister ON sister.id = beside.county_id
        WHERE beside.month = %(month)s AND sister.province_id = county.province_id))
    AND (%(only)s::bigint[] IS NULL OR k.id = ANY(%(only)s))
ORDER BY t.code, k.code
"""
SCOPE_COLUMN = {1: "province_id", 2: "city_id", 3: "county_id", 4: "id"}
CHILD_COLUMN = {1: "city_id", 2: "county_id", 3: "id", 4: "id"}

STATES = ("not_begun", "draft", "returned", "submitted")


@dataclass(frozen=True)
class OwedReturn:
    """A kindergarten that owes a return and is not counted yet; the worst state first.

    `state` is not_begun, draft, returned, submitted, or (for the moment between acceptance and
    counting) accepted. `last_children` are those of `last_month`, when it was last counted.
    """

    kindergarten_id: int
    name: str
    is_example: bool
    ownership: str
    town_id: int
    town_name: str
    child_id: int
    filing_id: int | None
    state: str
    version: int
    first_submitted_at: dt.datetime | None
    due_at: dt.datetime | None  # None where the county has no period this month
    last_month: dt.date | None
    last_children: int | None


@dataclass(frozen=True)
class FilingProgress:
    """Counts that add up to `expected` (late is a part of them), and who is not counted yet."""

    expected: int
    accepted: int
    submitted: int
    returned: int
    draft: int
    not_begun: int
    late: int
    due_at: dt.datetime | None
    locks_at: dt.datetime | None
    rows: list[OwedReturn]

    @property
    def filed(self) -> int:
        return self.accepted + self.submitted + self.returned

    @property
    def last_children(self) -> int:
        """Children of those not counted, when they last counted."""
        return sum(row.last_children or 0 for row in self.rows)


def _read(
    region: Region, month: dt.date, only: list[int] | None = None
) -> Iterator[dict[str, Any]]:
    sql = OWED.format(scope=SCOPE_COLUMN[region.level], child=CHILD_COLUMN[region.level])
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {"month": month, "region": region.pk, "last_day": last_day(month), "only": only},
        )
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            yield dict(zip(names, row, strict=True))


def filing_progress(region: Region, month: dt.date) -> FilingProgress:
    """How far the month's returns are, of every kindergarten that owes one. One query."""
    owed = list(_read(region, month))
    counts = dict.fromkeys(("accepted", *STATES), 0)
    rows = []
    for one in owed:
        state = "accepted" if one["counted"] else one["state"] or "not_begun"
        counts[state] += 1
        if not one["counted"]:
            rows.append(
                OwedReturn(
                    **{name: one[name] for name in OwedReturn.__dataclass_fields__ if name in one}
                    | {"state": state}
                )
            )
    order = (*STATES, "accepted")
    rows.sort(key=lambda row: (order.index(row.state), -(row.last_children or 0)))
    return FilingProgress(
        expected=len(owed),
        late=sum(
            one["first_submitted_at"] is not None
            and one["due_at"] is not None
            and one["first_submitted_at"] > one["due_at"]
            for one in owed
        ),
        due_at=max((one["due_at"] for one in owed if one["due_at"]), default=None),
        locks_at=max((one["locks_at"] for one in owed if one["locks_at"]), default=None),
        rows=rows,
        **counts,
    )


def owing_among(region: Region, month: dt.date, kindergartens: Iterable[int]) -> set[int]:
    """Those of some kindergartens that owed a month's return and are not counted. One query."""
    read = _read(region, month, list(kindergartens))
    return {one["kindergarten_id"] for one in read if not one["counted"]}
