"""What a county gives a child and year, as dated rows by scope (kindergartens.dated)."""

from __future__ import annotations

from fees.models import FundingStandard
from kindergartens.dated.services import Kind

STANDARD = Kind(
    "生均标准",
    FundingStandard,
    ("scope",),
    (
        "yuan_per_year",
        "disabled_yuan_per_year",
        "counted_year_before",
        "counted_month",
        "document",
        "valid_from",
        "valid_to",
    ),
)
