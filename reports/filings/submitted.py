"""What was submitted, in plain values, and the draft that a month begins with from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, When

from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import working_days_between
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    MonthlyFiling,
)
from kindergartens.rules import last_day, school_year
from reports.filings.checks import (
    AGES,
    FLOWS,
    MORE,
    PARTS,
    SECTIONS,
    SEXES,
    LastClass,
    Part,
    called,
    compares_with_last,
    missed_since,
)
from reports.filings.promotion import Moved, OneClass, Promotion, ages_later, promote
from reports.filings.storing import ROWS, as_typed, read_parts

COUNT_COLUMNS = SEXES + AGES
CELLS = (*COUNT_COLUMNS, *MORE)
ONE_DAY = dt.timedelta(days=1)
# Among the versions of one return: the one the figures count comes first.
COUNTS_FIRST = Case(When(version=F("filing__accepted_version"), then=0), default=1)


@dataclass(frozen=True)
class Submitted:
    """A submitted version in plain values: classes by name, sections by code as they were typed.

    With a `promotion` the classes are those of the next school year: see `in_school_year_of`.
    """

    version: FilingVersion
    classes: Mapping[str, ClassCount]
    parts: Mapping[str, Part]
    promotion: Promotion | None = None

    @property
    def month(self) -> dt.date:
        """Of the return. Read without a query only where the version came with it."""
        return self.version.filing.month

    def compares_with(self, month: dt.date) -> bool:
        return compares_with_last(month, self.month)

    def is_followed_by(self, month: dt.date) -> bool:
        """Of the month before that month, within one school year."""
        return self.compares_with(month) and missed_since(month, self.month) is None

    def called_in(self, month: dt.date) -> str:
        """How a return of that month calls this one's month: 上月, or 9月 where months lie between."""
        return called(missed_since(month, self.month))

    @property
    def enrolled_children(self) -> int:
        """Children outside nursery classes, as they were reported."""
        if self.promotion is not None:
            return self.promotion.enrolled_before
        return sum(c.children for c in self.classes.values() if c.grade != "nursery")

    @property
    def people(self) -> int:
        return sum(self.staff.values())

    @property
    def staff(self) -> dict[str, int]:
        """People by post."""
        return {post: int(row["people"]) for post, row in self.part("staff").items()}

    def part(self, code: str) -> Part:
        """A declared section as it was typed; empty where nobody was asked for it then."""
        return self.parts.get(code, {})


def read_version(version: FilingVersion) -> Submitted:
    """Read one version with its rows (one query each of storing.ROWS)."""
    return Submitted(
        version,
        {row.name: row for row in version.classes.all()},
        read_parts(version),
    )


def last_submitted(kindergarten: Kindergarten, before: dt.date) -> Submitted | None:
    """What the kindergarten reported for the latest month before this one.

    The version that counts, where one was accepted; else the last that was submitted.
    """
    version = (
        FilingVersion.objects.unscoped("of a kindergarten whose return is in hand")
        .filter(filing__kindergarten=kindergarten, filing__month__lt=before)
        .select_related("filing__period")
        .order_by("-filing__month", COUNTS_FIRST, "-version")
        .first()
    )
    return None if version is None else in_school_year_of(before, read_version(version))


def last_submitted_of(kindergarten_ids: Collection[int], before: dt.date) -> dict[int, Submitted]:
    """`last_submitted` of several kindergartens, by kindergarten: one query, one each of ROWS."""
    versions = (
        FilingVersion.objects.unscoped("of kindergartens whose returns were found for the person")
        .filter(filing__kindergarten__in=kindergarten_ids, filing__month__lt=before)
        .select_related("filing__period")
        .prefetch_related(*ROWS)
        .order_by("filing__kindergarten_id", "-filing__month", COUNTS_FIRST, "-version")
        .distinct("filing__kindergarten_id")
    )
    return {
        version.filing.kindergarten_id: in_school_year_of(before, read_version(version))
        for version in versions
    }


def in_school_year_of(month: dt.date, last: Submitted) -> Submitted:
    """An earlier return as a month sees it: in a new school year its classes have moved up.

    Classes have their new names and grades, children are a year older, graduated classes are gone.
    """
    then, now = school_year(last.month), school_year(month)
    if now <= then:
        return last
    promotion = promote(
        (OneClass(row.name, row.grade, row.children) for row in last.classes.values()),
        since=then,
        to=now,
    )
    classes = {
        one.name: _moved_up(last.classes[one.was.name], one, now - then) for one in promotion.moved
    }
    return replace(last, classes=classes, promotion=promotion)


def _moved_up(row: ClassCount, moved: Moved, years: int) -> ClassCount:
    """The class in the new school year, never saved. None where nobody can know it any more.

    Nursery classes were not asked for ages; 资助 is of a term (学期), and another has begun.
    """
    was_nursery = row.grade == ClassCount.Grade.NURSERY
    ages = [getattr(row, column) for column in AGES]
    later = [None] * len(AGES) if was_nursery else ages_later(ages, years)
    return ClassCount(
        name=moved.name,
        grade=moved.grade,
        boys=row.boys,
        girls=row.girls,
        **dict(zip(AGES, later, strict=True)),
        **{column: getattr(row, column) for column in PARTS if column != "aided"},
    )


def names_before(now: Submitted, last: Submitted | None) -> dict[str, str]:
    """The classes of a version by name, and what each is called in another; new ones are left out.

    As the checks pair them: by which class of last month it says it was, else by its own name,
    unless another class says it was that one. Versions of one return are paired by name.
    """
    if last is None:
        return {}
    is_same_month = now.version.filing_id == last.version.filing_id
    said = {} if is_same_month else {row.name: row.was for row in now.classes.values() if row.was}
    claimed = set(said.values())
    found = {}
    for name in now.classes:
        if said.get(name) in last.classes:
            found[name] = said[name]
        elif name in last.classes and name not in claimed:
            found[name] = name
    return found


def last_classes(last: Submitted | None) -> dict[str, LastClass]:
    """Last month's classes in the form the checks compare with."""
    if last is None:
        return {}
    return {
        name: LastClass(row.grade, {column: getattr(row, column) for column in COUNT_COLUMNS})
        for name, row in last.classes.items()
    }


def flows_add_up(last: Submitted | None, month: dt.date) -> bool:
    """Whether this month's flows must lead from that return's head-counts to this month's.

    Only from the accepted return of the month before. Over the summer the classes have moved up.
    """
    if last is None or last.version.filing.accepted_version is None:
        return False
    return missed_since(month, last.month) is None


def working_days(month: dt.date) -> int | None:
    """Working days of a month; None while the year's holidays are not published."""
    working = working_calendar()
    if month.year not in working.notices:
        return None
    return working_days_between(month - ONE_DAY, last_day(month), working)


def prefilled(last: Submitted | None, month: dt.date) -> dict[str, Any]:
    """The draft a month begins with: the last return's stocks, and this month's days open.

    Flows begin at 0 only where a forgotten one is noticed, because they must add up; attendance
    begins empty. In a new school year `was` says which class of the last return each one is, and
    mixed classes, of which some have gone to school, begin without figures.
    """
    draft = as_draft(last)
    flows = flows_add_up(last, month)
    begins = "0" if flows else ""
    if last is not None:
        draft |= {
            code: one.prefilled(last.part(code), flows=flows) for code, one in SECTIONS.items()
        }
    for row in draft["classes"]:
        row |= dict.fromkeys(FLOWS, begins) | {"attended": ""}
        if last is not None and last.promotion is not None:
            row["was"] = row["name"]
            if row["grade"] == ClassCount.Grade.MIXED:
                row |= dict.fromkeys((*COUNT_COLUMNS, *PARTS), "")
    days = working_days(month)
    return draft | {"days_open": "" if days is None else str(days), "remarks": ""}


def as_draft(version: Submitted | None) -> dict[str, Any]:
    """A version as it was typed, or an empty draft with a class of each grade.

    Explanations and remarks are left out. What was not asked then is empty.
    """
    if version is None:
        return {
            "classes": [
                {"name": name, "grade": grade, **dict.fromkeys(CELLS, ""), "explanations": {}}
                for grade, name in (("small", "小一班"), ("middle", "中一班"), ("large", "大一班"))
            ],
            **{code: one.blank() for code, one in SECTIONS.items()},
            "days_open": "",
            "explanations": {},
            "remarks": "",
        }
    return {
        "classes": [
            {
                "name": row.name,
                "grade": row.grade,
                **{column: as_typed(getattr(row, column)) for column in CELLS},
                "explanations": {},
            }
            for row in version.classes.values()
        ],
        **{code: {**one.blank(), **version.part(code)} for code, one in SECTIONS.items()},
        "days_open": as_typed(version.version.days_open),
        "explanations": {},
        "remarks": "",
    }


def draft_to_compare(filing: MonthlyFiling) -> dict[str, Any] | None:
    """The last return as a draft of this month's would say it; None where there is none."""
    last = last_submitted(filing.kindergarten, filing.month)
    return None if last is None else as_draft(last)


def to_check(version: Submitted) -> dict[str, Any]:
    """A version as the checks read it: as it was typed, and which class of last month each one was.

    No draft begins with that: in another month it would be about other classes.
    """
    draft = as_draft(version)
    for row in draft["classes"]:
        row["was"] = version.classes[row["name"]].was
    return draft
