"""Figures as the dashboard says them: words, signs and groups. No reads, no clock."""

from .cards import card
from .figures import (
    distance_text,
    estimate_line,
    explain_url,
    shown,
    target_text,
    why_missing,
    with_unit,
)
from .periods import WORDS_OF_TARGETS, dates_text
from .regions import (
    LEVEL_WORDS,
    SORTS,
    RegionLine,
    arranged,
    lines_of,
    rate_heads,
    region_line,
)

__all__ = [
    "LEVEL_WORDS",
    "SORTS",
    "WORDS_OF_TARGETS",
    "RegionLine",
    "arranged",
    "card",
    "dates_text",
    "distance_text",
    "estimate_line",
    "explain_url",
    "lines_of",
    "rate_heads",
    "region_line",
    "shown",
    "target_text",
    "why_missing",
    "with_unit",
]
