"""What public kindergartens of a county charge, and the months paid for: dated rows by hours."""

from __future__ import annotations

from fees.models import FreeYearStandard
from kindergartens.dated.services import Kind

STANDARD = Kind(
    "免保教费标准",
    FreeYearStandard,
    ("hours",),
    (
        "yuan_per_month",
        "document",
        "months_rule",
        "months_document",
        "valid_from",
        "valid_to",
    ),
)
