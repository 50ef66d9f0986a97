"""A kindergarten's year of public money in words, the same on page and in file."""

from __future__ import annotations

from dataclasses import dataclass

from fees.funding.presenters import audit_words, flags, state_words, why_not_due
from fees.funding.selectors import Entry


@dataclass(frozen=True)
class Line:
    entry: Entry
    stands: str
    why_not: str
    audit: str
    flags: list[str]


def line(entry: Entry) -> Line:
    audit = entry.audit
    return Line(
        entry,
        state_words(entry.money),
        why_not_due(entry),
        audit_words(audit) if audit else "",
        flags(audit) if audit else [],
    )
