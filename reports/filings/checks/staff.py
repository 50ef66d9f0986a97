"""Reading and checking the staff of one post."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.cells import read_count
from reports.filings.checks.rows import StaffRow
from reports.filings.checks.words import CERTIFIED_POSTS, POST_LABELS

MOST_STAFF_IN_A_POST = threshold("count_too_large", "post")


def read_staff(post: str, raw: Any) -> StaffRow:
    """One post of a draft, as understood and checked."""
    label = POST_LABELS[post]
    values = raw if isinstance(raw, Mapping) else {}
    people = read_count(values.get("people"), label, MOST_STAFF_IN_A_POST)
    certified = None
    if post in CERTIFIED_POSTS:
        certified = read_count(values.get("certified"), f"{label}持证人数", MOST_STAFF_IN_A_POST)
    row = StaffRow(post, people, certified)
    row.errors = list(certified_within_people(row))
    return row


@answers("certified_within_people")
def certified_within_people(row: StaffRow) -> Iterator[Finding]:
    if row.certified is None or row.certified.value is None or row.people.value is None:
        return
    if row.certified.value > row.people.value:
        yield found_by(
            "certified_within_people",
            row.post,
            post=row.label,
            certified=row.certified.value,
            people=row.people.value,
        )
