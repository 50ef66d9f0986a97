"""The most a class of kindergartens may charge, as dated rows of a county (kindergartens.dated)."""

from __future__ import annotations

from fees.catalogue.rules import ceiling_problem
from fees.models import FeeCeiling
from kindergartens.dated.services import Kind


def _begins_problem(row: FeeCeiling) -> str:
    return ceiling_problem(scope=row.scope, valid_from=row.valid_from)


CEILING = Kind(
    "最高限价",
    FeeCeiling,
    ("scope",),
    ("yuan_per_month", "valid_from", "valid_to", "document"),
    _begins_problem,
)
