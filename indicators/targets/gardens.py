"""Single kindergartens as targets judge them: what names them, and the sums that are asked about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from accounts.models import Region
from indicators.sums import SUMS


@dataclass(frozen=True)
class Garden:
    """One kindergarten's counted return of a month, with what it adds to each named sum.

    No row of KindergartenFacts: a city has thousands, and a page asks about a few of their columns.
    """

    kindergarten_id: int
    name: str
    code: str
    town: str
    ownership: str
    county_id: int
    city_id: int
    province_id: int
    sums: Mapping[str, int | None]


def gardens(region: Region, month: dt.date, names: Collection[str]) -> list[Garden]:
    """Those counted in a region in a month, by town and code; one query.

    `names` are the sums that are wanted; others of a place than of its kindergartens are left out.
    """
    known = [name for name in SUMS if name in names]
    sums = "".join(f", coalesce({SUMS[name]}, 0) AS {name}" for name in known)
    within = {1: "province_id", 2: "city_id", 3: "county_id", 4: "town_id"}[region.level]
    sql = f"""
        SELECT k.id, k.name, k.code, t.name, f.ownership, f.county_id, f.city_id, f.province_id
            {sums}
        FROM indicators_kindergartenfacts f
        JOIN kindergartens_kindergarten k ON k.id = f.kindergarten_id
        JOIN accounts_region t ON t.id = f.town_id
        WHERE f.month = %(month)s AND f.{within} = %(region)s
            AND f.superseded_at IS NULL AND f.counts_enrolment
        GROUP BY f.id, k.id, t.id
        ORDER BY t.code, k.code
    """  # noqa: S608 - built from the names above, never from input
    with connection.cursor() as cursor:
        cursor.execute(sql, {"month": month, "region": region.pk})
        return [
            Garden(*(*row[:8], {n: int(v) for n, v in zip(known, row[8:], strict=True)}))
            for row in cursor.fetchall()
        ]
