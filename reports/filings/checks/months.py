"""This month against the last return, which is of the month before unless months were missed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kindergartens.calendar.rules import add_months
from kindergartens.rules import school_year
from reports.filings.checks.catalogue import Finding, answers, found_by, threshold
from reports.filings.checks.rows import ClassRow, Known, Review

UNUSUAL_CHANGE = threshold("class_change", "children")
UNUSUAL_TOTAL_CHANGE = threshold("total_change", "children")
# Grades of classes that moved up with all their children. A 托班 fills up as it becomes 小班, and of
# a 混合班 the oldest have left: a change there is usual.
MOVED_TOGETHER = ("middle", "large")


def compares_with_last(month: dt.date, last_month: dt.date) -> bool:
    """Within one school year only.

    Over the summer 大班 leave and new children come, so that the whole says nothing; single classes
    do, see moves_up_once.
    """
    return school_year(month) == school_year(last_month)


def moves_up_once(month: dt.date, last_month: dt.date) -> bool:
    """The last return is of the school year before: its classes have moved up, once."""
    return school_year(month) == school_year(last_month) + 1


def missed_since(month: dt.date, last_month: dt.date) -> int | None:
    """The last return's month (1 to 12) where later ones were missed; None for the month before."""
    return None if last_month == add_months(month, -1) else last_month.month


@answers("class_change")
def class_change(row: ClassRow, known: Known) -> Iterator[Finding]:
    """A class that grew or shrank by many children since the last return.

    When a school year begins, against the class that moved up: those are the same children, so it
    is as unusual as in any month.
    """
    if row.last is None or row.children is None:
        return
    moved_together = known.moved_up_once and row.last.grade in MOVED_TOGETHER
    if not known.compare_with_last and not moved_together:
        return
    difference = row.children - row.last.children
    if abs(difference) < UNUSUAL_CHANGE:
        return
    yield found_by(
        "class_change",
        row.name,
        name=row.name or "这个班",
        since=known.since,
        word=more_or_less(difference),
        difference=abs(difference),
        before=row.last.children,
        children=row.children,
    )


@answers("class_vanished")
def class_vanished(found: Review, known: Known) -> Iterator[Finding]:
    """A class of the last return, with children, that is not there any more.

    Asked when a school year begins, too, of classes that moved up: they have not graduated.
    """
    if not known.compare_with_last and not known.moved_up_once:
        return
    names = {row.name_in_last for row in found.classes}
    for name, row in known.last.items():
        if name not in names and row.children:
            yield found_by(
                "class_vanished", name, name=name, since=known.since, before=row.children
            )


@answers("total_change")
def total_change(found: Review, known: Known) -> Iterator[Finding]:
    """Many children more or fewer than in the last return, unless a class has to explain it already."""
    if not known.compare_with_last or not known.last:
        return
    before = sum(row.children for row in known.last.values() if row.grade != "nursery")
    now = found.enrolled_children
    if now is None or abs(now - before) < UNUSUAL_TOTAL_CHANGE:
        return
    if any(one.code == "class_change" for row in found.classes for one in row.warnings):
        return
    yield found_by(
        "total_change",
        since=known.since,
        word=more_or_less(now - before),
        difference=abs(now - before),
        before=before,
        children=now,
    )


def more_or_less(difference: int) -> str:
    return "多" if difference > 0 else "少"
