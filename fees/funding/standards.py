"""What a county gives a child and year, as dated rows by scope (fees.dated)."""

from __future__ import annotations

from fees.dated.services import Kind
from fees.models import FundingStandard

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
