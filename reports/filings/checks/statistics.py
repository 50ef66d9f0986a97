"""This kindergarten's return against its last annual statistics (教育事业统计)."""

from __future__ import annotations

from collections.abc import Iterator

from reports.filings.checks.catalogue import Finding, answers, found_by
from reports.filings.checks.months import more_or_less
from reports.filings.checks.rows import Known, Review

TEACHER = "full_time_teacher"
# Which figure of the statistics each check compares with.
FIGURES = {
    "stated_children": "children",
    "stated_classes": "classes",
    "stated_teachers": "teachers",
}


@answers(*FIGURES)
def unlike_statistics(found: Review, known: Known) -> Iterator[Finding]:
    """Children, classes and full-time teachers further off than is usual; nursery classes apart.

    What the return or the statistics do not tell is not compared.
    """
    staff = found.parts.get("staff")
    values = {
        "stated_children": found.enrolled_children,
        "stated_classes": sum(not row.is_nursery for row in found.classes),
        "stated_teachers": None if staff is None else staff.value(TEACHER, "people"),
    }
    for code, value in values.items():
        stated = known.stated.get(code)
        if stated is None or value is None:
            continue
        difference = value - stated.number
        if abs(difference) < stated.least:
            continue
        if abs(difference) * 100 <= stated.percent * stated.number:
            continue
        yield found_by(
            code,
            value=value,
            on=stated.on,
            stated=stated.number,
            word=more_or_less(difference),
            difference=abs(difference),
            percent=stated.percent,
        )
