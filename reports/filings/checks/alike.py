"""Whether two texts of one cell mean the same: 1,200 and 1200, １３ and 13. Plain Python."""

from __future__ import annotations

from reports.filings.checks.cells import read_count
from reports.filings.checks.sections.declaring import ANY_NUMBER
from reports.filings.checks.sections.registry import SECTIONS
from reports.filings.checks.words import COLUMN_LABELS

CLASSES, DAYS_OPEN = "classes", "days_open"


def reads_alike(key: str, one: str, other: str) -> bool:
    """Of a count or an amount that both texts give; words are the same only as typed."""
    section, _, rest = key.partition(":")
    name = rest.rpartition(":")[2]
    field = SECTIONS[section].field(name) if section in SECTIONS else None
    if field is not None:
        return field.reads_alike(one, other)
    if key != DAYS_OPEN and not (section == CLASSES and name in COLUMN_LABELS):
        return False
    value = read_count(one, "", ANY_NUMBER).value
    return value is not None and value == read_count(other, "", ANY_NUMBER).value
