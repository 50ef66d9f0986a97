"""Checking the staff of each post."""

from __future__ import annotations

from collections.abc import Iterator

from reports.filings.checks.catalogue import Finding, answers, found_by
from reports.filings.checks.parts import PartReview
from reports.filings.checks.rows import Known
from reports.filings.checks.words import POST_LABELS


def check_staff(found: PartReview, known: Known) -> Iterator[Finding]:
    for post in POST_LABELS:
        yield from certified_within_people(found, post)
        yield from staff_flow(found, post, known)


@answers("certified_within_people")
def certified_within_people(found: PartReview, post: str) -> Iterator[Finding]:
    certified, people = found.value(post, "certified"), found.value(post, "people")
    if certified is not None and people is not None and certified > people:
        yield found_by(
            "certified_within_people",
            post,
            post=POST_LABELS[post],
            certified=certified,
            people=people,
        )


@answers("staff_flow")
def staff_flow(found: PartReview, post: str, known: Known) -> Iterator[Finding]:
    """上月 + 新进 − 离开 = 本月; see Known.flows for where nothing is demanded."""
    before = known.last_staff.get(post)
    people, joined, left = (found.value(post, name) for name in ("people", "joined", "left"))
    if not known.flows or before is None or people is None or joined is None or left is None:
        return
    due = before + joined - left
    if due != people:
        yield found_by(
            "staff_flow",
            post,
            post=POST_LABELS[post],
            before=before,
            joined=joined,
            left=left,
            due=due,
            people=people,
        )
