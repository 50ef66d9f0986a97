"""Reads that answer the return pages: what to pre-fill, what changed, what waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, When

from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import add_months, working_days_between
from kindergartens.calendar.selectors import extensions_in_force, latest_requests
from kindergartens.models import (
    ClassCount,
    ExtensionRequest,
    FilingExplanation,
    FilingExtension,
    FilingUrge,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)
from kindergartens.rules import last_day, school_year
from reports.filings.checks import (
    AGES,
    FLOWS,
    GRADE_LABELS,
    MORE,
    PARTS,
    POST_LABELS,
    SEXES,
    LastClass,
    called,
    class_label,
    compares_with_last,
    missed_since,
    post_label,
)
from reports.filings.promotion import Moved, OneClass, Promotion, ages_later, promote
from staffing.models import StaffCount

COUNT_COLUMNS = SEXES + AGES
CELLS = (*COUNT_COLUMNS, *MORE)
ONE_DAY = dt.timedelta(days=1)
# Among the versions of one return: the one the figures count comes first.
COUNTS_FIRST = Case(When(version=F("filing__accepted_version"), then=0), default=1)


@dataclass(frozen=True)
class Submitted:
    """A submitted version in plain values: classes by name, staff by post.

    With a `promotion` the classes are those of the next school year: see `in_school_year_of`.
    """

    version: FilingVersion
    classes: Mapping[str, ClassCount]
    staff: Mapping[str, StaffCount]
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
        return sum(row.people for row in self.staff.values())


def submitted(version: FilingVersion) -> Submitted:
    """Read one version with its rows (two queries)."""
    return Submitted(
        version,
        {row.name: row for row in version.classes.all()},
        {row.post: row for row in version.staff_counts.all()},
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
    return None if version is None else in_school_year_of(before, submitted(version))


def last_submitted_of(kindergarten_ids: Collection[int], before: dt.date) -> dict[int, Submitted]:
    """`last_submitted` of several kindergartens, by kindergarten. Three queries."""
    versions = (
        FilingVersion.objects.unscoped("of kindergartens whose returns were found for the person")
        .filter(filing__kindergarten__in=kindergarten_ids, filing__month__lt=before)
        .select_related("filing__period")
        .prefetch_related("classes", "staff_counts")
        .order_by("filing__kindergarten_id", "-filing__month", COUNTS_FIRST, "-version")
        .distinct("filing__kindergarten_id")
    )
    return {
        version.filing.kindergarten_id: in_school_year_of(before, submitted(version))
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
    begins = "0" if flows_add_up(last, month) else ""
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
            "staff": {post: {"people": "", "certified": ""} for post in POST_LABELS},
            "days_open": "",
            "explanations": {},
            "remarks": "",
        }
    return {
        "classes": [
            {
                "name": row.name,
                "grade": row.grade,
                **{column: _typed(getattr(row, column)) for column in CELLS},
                "explanations": {},
            }
            for row in version.classes.values()
        ],
        "staff": {
            post: {
                "people": str(version.staff[post].people) if post in version.staff else "",
                "certified": _typed(version.staff[post].certified) if post in version.staff else "",
            }
            for post in POST_LABELS
        },
        "days_open": _typed(version.version.days_open),
        "explanations": {},
        "remarks": "",
    }


def _typed(count: int | None) -> str:
    return "" if count is None else str(count)


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


def periods_of(kindergarten: Kindergarten) -> QuerySet[ReportingPeriod]:
    """Any county's it was in: one that moved still owes its old county the months before."""
    counties = kindergarten.statuses.values("town__county")
    every = ReportingPeriod.objects.unscoped("of the counties the kindergarten itself was in")
    return every.filter(county__in=counties).select_related("county")


@dataclass(frozen=True)
class MonthLine:
    """One month on the director's page: the period, what became of the return, a longer time."""

    period: ReportingPeriod
    filing: MonthlyFiling | None
    children: int | None
    owes: bool
    extension: FilingExtension | None
    # What was asked last about a longer time, with its answer.
    request: ExtensionRequest | None = None

    def may_ask_for_longer(self, now: dt.datetime) -> bool:
        """Locked and not filed; what was accepted is asked about from its own page."""
        waits = self.request is not None and self.request.is_waiting
        filed = self.filing is not None and self.filing.state in {"submitted", "accepted"}
        locked = now >= self.period.locks_at and self.extension is None
        return self.owes and locked and not waits and not filed

    @property
    def until(self) -> dt.datetime:
        """When it is due, or the end of the longer time it was given."""
        return self.period.due_at if self.extension is None else self.extension.until

    def may_be_filled_in(self, now: dt.datetime) -> bool:
        """Owed, not filed yet or sent back, and open: by its dates or by the extension in force."""
        waits = self.filing is None or self.filing.state in {"draft", "returned"}
        is_open = self.period.is_open(now) or self.extension is not None
        return self.owes and waits and is_open


def own_months(
    kindergarten: Kindergarten, *, now: dt.datetime, months: int = 14
) -> list[MonthLine]:
    """The kindergarten's latest months, newest first, whether begun or not.

    A month's period is that of the county the kindergarten was in on the statistical date.
    """
    statuses = list(kindergarten.statuses.select_related("town"))
    counties = {status.town.county_id for status in statuses}
    periods = list(periods_of(kindergarten)[: months * max(1, len(counties))])
    filings = {
        filing.period_id: filing
        for filing in with_counts(kindergarten.filings.filter(period__in=periods)).select_related(
            "period"
        )
    }
    extended = extensions_in_force(kindergarten, now)
    asked = latest_requests(kindergarten)
    lines = []
    for period in periods:
        day = period.reference_date
        status = next((row for row in statuses if row.is_in_force(day)), None)
        filing = filings.get(period.pk)
        here = status is not None and status.town.county_id == period.county_id
        if filing is not None or here or len(counties) == 1:
            owes = here and status is not None and status.owes_return
            children = getattr(filing, "children", None)
            lines.append(
                MonthLine(
                    period, filing, children, owes, extended.get(period.pk), asked.get(period.pk)
                )
            )
    return lines[:months]


def urges_by_period(kindergarten: Kindergarten) -> dict[int, list[FilingUrge]]:
    """Who urged the kindergarten for which period, the newest first. One query."""
    found: dict[int, list[FilingUrge]] = {}
    rows = kindergarten.urges.select_related(
        "notice", "urged_as__user", "urged_as__organisation"
    ).order_by("-urged_at")
    for urge in rows:
        found.setdefault(urge.period_id, []).append(urge)
    return found


def with_counts(filings: QuerySet[MonthlyFiling]) -> QuerySet[MonthlyFiling]:
    """Add `children` and `last_children`: enrolled by the latest version here and the month before.

    Both are None where nothing was submitted.
    """
    here = _enrolled(
        Q(filing_version__filing=OuterRef("pk"), filing_version__version=OuterRef("version"))
    )
    previous = (
        FilingVersion.objects.filter(
            filing__kindergarten=OuterRef("kindergarten"),
            filing__month__lt=OuterRef("month"),
        )
        .order_by("-filing__month", COUNTS_FIRST, "-version")
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

    Flows and attendance are of one month: they are compared between versions of one return only.
    """
    if last is None:
        return []
    is_same_month = now.version.filing_id == last.version.filing_id
    columns = (*COUNT_COLUMNS, *(MORE if is_same_month else PARTS))
    found = []
    for name in [*now.classes, *(n for n in last.classes if n not in now.classes)]:
        here, before = now.classes.get(name), last.classes.get(name)
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
    for post in POST_LABELS:
        for column in ("people", "certified"):
            a = getattr(last.staff.get(post), column, None)
            b = getattr(now.staff.get(post), column, None)
            if a != b:
                found.append(Change(f"staff:{post}:{column}", post_label(post, column), a, b))
    return found
