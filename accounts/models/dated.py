"""Rows that hold from a date until a date, the end not included."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db.models import F, Func, Q


def no_overlap(name: str, *fields: str, condition: Q | None = None) -> ExclusionConstraint:
    """At most one row in force a day for the same `fields`; needs the extension btree_gist."""
    days = Func(
        F("valid_from"),
        F("valid_to"),
        RangeBoundary(),
        function="DATERANGE",
        output_field=DateRangeField(),
    )
    same = [(field, RangeOperators.EQUAL) for field in fields]
    return ExclusionConstraint(
        name=name,
        expressions=[*same, (days, RangeOperators.OVERLAPS)],
        condition=condition,
    )
