"""Whose return it is follows whose kindergarten it was on the statistical date."""

from __future__ import annotations

from django.db import connection

from kindergartens.models import Kindergarten

# Within the period's county: another county has a period, and a return, of its own. What is
# counted keeps the town it was counted in. `accepted_version` is looked at again once the row is
# locked, so that a return accepted at this moment stays too.
FOLLOW_TOWN = """
UPDATE kindergartens_monthlyfiling f SET town_id = s.town_id
FROM kindergartens_reportingperiod p, kindergartens_kindergartenstatus s, accounts_region t
WHERE p.id = f.period_id AND s.kindergarten_id = f.kindergarten_id
    AND s.valid_from <= p.reference_date
    AND (s.valid_to IS NULL OR s.valid_to > p.reference_date)
    AND t.id = s.town_id AND t.county_id = p.county_id
    AND f.accepted_version IS NULL AND f.town_id <> s.town_id
    AND (%(kindergarten)s::bigint IS NULL OR f.kindergarten_id = %(kindergarten)s)
"""


def follow_town(kindergarten: Kindergarten | None = None) -> int:
    """Put returns that are not counted into the town of the status on their statistical date.

    So the board, which goes by the status, and whoever may see, pre-review and review the return
    mean the same town. Returns how many moved. Safe to run twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_TOWN, {"kindergarten": kindergarten.pk if kindergarten else None})
        return int(cursor.rowcount)
