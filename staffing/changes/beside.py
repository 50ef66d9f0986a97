"""Beside a filing of teachers who came and went: what the roster has of the same days."""

from __future__ import annotations

import datetime as dt

from kindergartens.models import Procedure
from kindergartens.procedures import beside
from staffing.changes.rules import FILED_AS, difference
from staffing.changes.selectors import covered

TEACHERS = "full_time_teacher"


def teachers_differ(procedure: Procedure, today: dt.date) -> str:
    """Both numbers where they differ; "" where they agree or there is no roster. Three queries."""
    found = covered(procedure, TEACHERS, today)
    if found is None:
        return ""
    filed = (procedure.details.get("joined"), procedure.details.get("left"))
    return difference(filed, found)


beside.register(FILED_AS[TEACHERS], teachers_differ)
