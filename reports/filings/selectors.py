"""Reads that answer the return pages: what was said before, what changed, what waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from kindergartens.calendar.rules import add_months
from kindergartens.models import (
    ClassCount,
    FilingExplanation,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
)
from reports.filings.checks import (
    GRADE_LABELS,
    MORE,
    PARTS,
    SECTIONS,
    Part,
    Section,
    class_label,
)
from reports.filings.submitted import COUNT_COLUMNS, COUNTS_FIRST, Submitted, names_before

A_LONG_MONTH = dt.timedelta(days=31)


@dataclass(frozen=True)
class Earlier:
    """A reason given before for the same finding, to be offered again."""

    month: dt.date
    text: str


def earlier_explanations(kindergarten: Kindergarten, month: dt.date) -> dict[str, list[Earlier]]:
    """By Finding.key: the latest reason of the year before, and that of the same month last year.

    A text is offered once.
    """
    a_year_ago = add_months(month, -12)
    rows: QuerySet[Any] = (
        FilingExplanation.objects.unscoped("of the kindergarten whose return is in hand")
        .of_versions_that_count()
        .filter(
            version__filing__kindergarten=kindergarten,
            version__filing__month__gte=a_year_ago,
            version__filing__month__lt=month,
        )
        .order_by("-version__filing__month")
        .annotate(month=F("version__filing__month"))
    )
    found: dict[str, list[Earlier]] = {}
    for row in rows:
        there = found.setdefault(row.key, [])
        is_wanted = not there or row.month == a_year_ago
        if is_wanted and all(one.text != row.text for one in there):
            there.append(Earlier(row.month, row.text))
    return found


def status_on(kindergarten: Kindergarten, day: dt.date) -> KindergartenStatus | None:
    """The status in force on a day, with its town and county."""
    return kindergarten.statuses.on(day).select_related("town__county").first()


def with_counts(filings: QuerySet[MonthlyFiling]) -> QuerySet[MonthlyFiling]:
    """Add `children` and `last_children`: enrolled by the latest version here and the month before.

    Of the month before, the version that counts where one was accepted. Each is None where nothing
    was submitted: after a missed month there is no 上月 to compare with, however many came before.
    """
    here = _enrolled(
        Q(filing_version__filing=OuterRef("pk"), filing_version__version=OuterRef("version"))
    )
    previous = (
        FilingVersion.objects.filter(
            filing__kindergarten=OuterRef("kindergarten"),
            filing__month__lt=OuterRef("month"),
            # Of firsts of months only that of the month before is within 31 days.
            filing__month__gte=OuterRef("month") - A_LONG_MONTH,
        )
        .order_by(COUNTS_FIRST, "-version")
        .values("pk")[:1]
    )
    return filings.annotate(children=here, last_version=Subquery(previous)).annotate(
        last_children=_enrolled(Q(filing_version=OuterRef("last_version")))
    )


def _enrolled(condition: Q) -> Subquery:
    return Subquery(
        ClassCount.objects.filter(condition)
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version")
        .annotate(total=Sum("boys") + Sum("girls"))
        .values("total")
    )


@dataclass(frozen=True)
class Change:
    """One value that differs from last month. `key` names the field for a reason.

    Counts, but for the grade of a class: in words.
    """

    key: str
    label: str
    last: int | str | None
    now: int | str | None
    reason: str = ""

    @property
    def is_words(self) -> bool:
        return isinstance(self.last, str) or isinstance(self.now, str)

    @property
    def difference(self) -> int | None:
        if isinstance(self.last, int) and isinstance(self.now, int):
            return self.now - self.last
        return None


def changes(now: Submitted, last: Submitted | None) -> list[Change]:
    """What a version says differently from another, class by class, post by post.

    A class that was renamed is the same class, with the name that it had as one change.

    Flows and attendance are of one month: they are compared between versions of one return only.
    """
    if last is None:
        return []
    is_same_month = now.version.filing_id == last.version.filing_id
    columns = (*COUNT_COLUMNS, *(MORE if is_same_month else PARTS))
    found = []
    earlier = names_before(now, last)
    went = [name for name in last.classes if name not in earlier.values()]
    for name, here, before in [
        *(
            (name, row, last.classes.get(earlier.get(name, "")))
            for name, row in now.classes.items()
        ),
        *((name, None, last.classes[name]) for name in went),
    ]:
        if here is None or before is None:
            # A class that came or went is one change, not one for each of its columns.
            found.append(
                Change(
                    f"class:{name}:name",
                    class_label(name, ""),
                    None if before is None else before.children,
                    None if here is None else here.children,
                )
            )
            continue
        if before.name != name:
            found.append(Change(f"class:{name}:name", f"{name} 班名", before.name, name))
        if here.grade != before.grade:
            # In and out of the nursery classes the children go in and out of the rates.
            grades = (GRADE_LABELS[before.grade], GRADE_LABELS[here.grade])
            found.append(Change(f"class:{name}:grade", class_label(name, "grade"), *grades))
        for column in columns:
            a = getattr(before, column, None)
            b = getattr(here, column, None)
            # What was not asked then, or cannot be known of a class moved up, has not changed.
            if a is not None and a != b:
                found.append(Change(f"class:{name}:{column}", class_label(name, column), a, b))
    for code, section in SECTIONS.items():
        found += [
            Change(key, _label(section, now.part(code), last.part(code), key), a, b)
            for key, a, b in section.differences(
                now.part(code), last.part(code), same_month=is_same_month
            )
        ]
    return found


def _label(section: Section, now: Part, last: Part, key: str) -> str:
    """The words for a cell, its row called as the version says, or as the last one did."""
    row, _, name = key.partition(":")[2].rpartition(":")
    return section.label_in(now if row in now else last, row, name)
