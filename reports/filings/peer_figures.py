"""How kindergartens of the same type in the county lay last month: one statement, no rows shown."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from indicators.models import KindergartenFacts
from kindergartens.models import KindergartenStatus, MonthlyFiling
from kindergartens.rules import school_year
from reports.filings.checks import Peers, among_peers
from reports.filings.selectors import status_on

OF_THE_KIND = "medians of a kind of kindergarten in a county; whose figures they are is not told"

# `kind` stands for the query of KindergartenFactsQuerySet.of_a_kind. Nursery children are outside,
# and so are the staff of kindergartens whose staff is not counted.
MEDIANS = """
WITH kind AS ({kind}), latest AS (
    SELECT max(month) AS month FROM indicators_kindergartenfacts
    WHERE county_id = %s AND superseded_at IS NULL AND month < %s
), peers AS (
    SELECT f.enrolled_children AS children, f.classes, b.enrolled_children AS before,
        f.counts_staff, f.principals + f.full_time_teachers + f.childcare_workers
            + f.health_staff + f.other_staff AS staff
    FROM indicators_kindergartenfacts f
    JOIN kind ON kind.id = f.id
    JOIN latest ON latest.month = f.month
    LEFT JOIN indicators_kindergartenfacts b ON b.kindergarten_id = f.kindergarten_id
        AND b.month = (f.month - interval '1 month')::date AND b.superseded_at IS NULL
), compared (code, value) AS (
    SELECT 'peer_staff', children::numeric / staff FROM peers WHERE counts_staff AND staff > 0
    UNION ALL
    SELECT 'peer_class_size', children::numeric / classes FROM peers WHERE classes > 0
    UNION ALL
    SELECT 'peer_change', 100 * (children - before)::numeric / before FROM peers WHERE before > 0
), medians AS (
    SELECT code, count(*) AS peers, percentile_cont(0.5) WITHIN GROUP (ORDER BY value)::numeric
        AS median
    FROM compared GROUP BY code
)
SELECT m.code, m.peers, m.median, latest.month,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(c.value - m.median))::numeric AS mad
FROM compared c JOIN medians m USING (code) CROSS JOIN latest
GROUP BY m.code, m.peers, m.median, latest.month
"""


def peers_of_filing(filing: MonthlyFiling) -> dict[str, Peers]:
    """The same for the kindergarten of a return, by its status on the statistical date."""
    status = status_on(filing.kindergarten, filing.period.reference_date)
    return peers_of(status, filing.month)


def peers_of(status: KindergartenStatus | None, month: dt.date) -> dict[str, Peers]:
    """By check: where the kindergartens of the kind (of_a_kind) of a status lay.

    Of the latest month before this one that has accepted returns. Their change since the month
    before is left out where a summer lies between, when classes are formed anew. A figure with
    too few kindergartens is missing.
    """
    if status is None:
        return {}
    county = status.town.county_id
    if county is None:
        return {}
    alike = KindergartenFacts.objects.unscoped(OF_THE_KIND).of_a_kind(
        county=county,
        ownership=status.ownership,
        half_day=status.half_day,
        without=status.kindergarten_id,
    )
    kind, parameters = alike.values("id").order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS.format(kind=kind), [*parameters, county, month])
        rows = cursor.fetchall()
    found = {}
    for code, peers, median, at, mad in rows:
        if code == "peer_change" and at.month == 9:
            continue
        bounds = among_peers(code, peers, median, mad)
        if bounds is not None and school_year(at) == school_year(month):
            found[code] = bounds
    return found
