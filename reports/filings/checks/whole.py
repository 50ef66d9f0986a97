"""The return as a whole: how many classes, their names, the remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.rows import Known, Review

MOST_CLASSES = threshold("classes_at_most", "classes")
MOST_IN_REMARKS = threshold("remarks_too_long", "length")


@answers("classes_at_least_one", "classes_at_most", "class_names_differ")
def number_and_names_of_classes(found: Review, known: Known) -> Iterator[Finding]:
    names = Counter(row.name for row in found.classes if row.name)
    for name, classes in names.items():
        if classes > 1:
            yield found_by("class_names_differ", name, name=name, classes=classes)
    if len(found.classes) > MOST_CLASSES:
        yield found_by("classes_at_most", classes=len(found.classes), most=MOST_CLASSES)
    if not found.classes:
        yield found_by("classes_at_least_one")


@answers("same_unconfirmed")
def same_unconfirmed(section: str, label: str, since: str) -> Finding:
    """A section that is exactly as in the last return needs somebody who says so."""
    return found_by("same_unconfirmed", "", (f"same-{section}",), section=label, since=since)


@answers("remarks_too_long")
def remarks_too_long(found: Review, known: Known) -> Iterator[Finding]:
    if len(found.remarks) > MOST_IN_REMARKS:
        yield found_by("remarks_too_long", length=len(found.remarks), most=MOST_IN_REMARKS)
