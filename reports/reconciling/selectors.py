"""A county's month beside its annual statistics and published lists: a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Max, Q

from accounts.access.scope import home_region, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.models import Region, User
from indicators.models import KindergartenFacts
from kindergartens.models import (
    AnnualStatistics,
    FormerName,
    Kindergarten,
    KindergartenStatus,
    PublishedKindergarten,
    ReportingPeriod,
)
from kindergartens.rules import school_year
from reports.filings.board.selectors import owed_in_area
from reports.reconciling.models import DifferenceNote, ListNote
from reports.reconciling.rules import (
    FIGURES,
    Explained,
    ListDifference,
    ListStanding,
    OnList,
    Pair,
    Registered,
    Standing,
    list_differences,
    list_standing,
    standing,
)

IN_THE_AREA = "who is registered by the status in a town of the person's region"
OF_LINES_FOUND = "of kindergartens whose lines were found for the person"
ANY_IMPORTED = "for which dates a county has imported statistics and lists, never whose"


@dataclass(frozen=True)
class Line:
    """One kindergarten's papers. `kindergarten` None: the portal does not know the code.

    `name` and `status` are those on the statistical date, the status None where it has none in the
    county. `notes` is the last explanation of each figure, for these numbers or earlier ones.
    """

    code: str
    name: str
    kindergarten: Kindergarten | None
    town: Region | None
    owes: bool
    facts: KindergartenFacts | None
    statistics: AnnualStatistics | None
    imported: bool
    status: KindergartenStatus | None = None
    notes: Mapping[str, DifferenceNote] = field(default_factory=dict)
    # Its lines on the published lists, by the kind of list; which kinds its county has.
    published: Mapping[str, PublishedKindergarten] = field(default_factory=dict)
    kinds: Collection[str] = ()
    # The last explanation by ListDifference.key.
    list_notes: Mapping[str, ListNote] = field(default_factory=dict)

    @property
    def names(self) -> str:
        """Then and now, for finding it."""
        now = "" if self.kindergarten is None else self.kindergarten.name
        return f"{self.name}\n{now}"

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        facts = self.facts
        told: dict[str, int | None] = dict.fromkeys(FIGURES)
        if facts is not None:
            told = {
                "children": facts.enrolled_children,
                "classes": facts.classes,
                "staff": facts.staff,
                "teachers": facts.full_time_teachers,
                "certified": facts.certified_principals_and_teachers,
            }
        return tuple(
            Pair(
                figure,
                told[figure],
                None if self.statistics is None else getattr(self.statistics, figure),
            )
            for figure in FIGURES
        )

    @cached_property
    def standing(self) -> Standing:
        return standing(
            self.pairs,
            {figure: Explained(note.returned, note.stated) for figure, note in self.notes.items()},
            owes=self.owes,
            counted=self.facts is not None,
            stated=self.statistics is not None,
            imported=self.imported,
        )

    def pair(self, figure: str) -> Pair:
        return self.pairs[FIGURES.index(figure)]

    @cached_property
    def list_differences(self) -> list[ListDifference]:
        status = self.status
        state = KindergartenStatus.OperatingState
        registered = (
            None
            if status is None
            else Registered(
                name=self.name,
                state=status.get_operating_state_display(),
                ownership=status.get_ownership_display(),
                is_operating=status.operating_state == state.OPERATING,
                is_closed=status.operating_state == state.CLOSED,
                is_inclusive=status.counts_inclusive,
            )
        )
        return list_differences(
            registered,
            {
                kind: OnList(row.name, row.get_ownership_display())
                for kind, row in self.published.items()
            },
            imported=self.kinds,
            inclusive_list=PublishedKindergarten.Kind.INCLUSIVE,
        )

    @cached_property
    def list_standing(self) -> ListStanding:
        return list_standing(
            self.list_differences,
            {key: Explained(one.registered, one.published) for key, one in self.list_notes.items()},
            is_listed=bool(self.published),
            imported=self.kinds,
        )

    @property
    def may_be_explained(self) -> bool:
        """Whether anything differs here: a figure, or a list and the registry."""
        return bool(self.list_differences) or (
            self.owes and any(pair.differs for pair in self.pairs)
        )

    @property
    def waits_for_words(self) -> bool:
        """Whether a difference has no explanation yet."""
        return self.standing == Standing.DIFFERS or (
            bool(self.list_differences) and self.list_standing != ListStanding.EXPLAINED
        )


@dataclass(frozen=True)
class Reconciled:
    """`stated_on` is the newest reference date of the school year's statistics; None without any.

    `lists` is the newest whole publication of each kind of list that the county has.
    """

    period: ReportingPeriod
    stated_on: dt.date | None
    lines: list[Line]
    lists: Mapping[str, dt.date] = field(default_factory=dict)

    @cached_property
    def stated_dates(self) -> list[tuple[dt.date, int]]:
        """The reference dates of the lines' statistics and of how many, the usual one first."""
        dates = Counter(one.statistics.reference_date for one in self.lines if one.statistics)
        return sorted(dates.items(), key=lambda each: (-each[1], -each[0].toordinal()))

    @property
    def stated_usually(self) -> dt.date | None:
        return self.stated_dates[0][0] if self.stated_dates else self.stated_on

    def documents(self, kind: str) -> list[str]:
        """The papers of a list's lines, that of the most lines first."""
        rows = (one.published.get(kind) for one in self.lines)
        return [name for name, _ in Counter(row.document for row in rows if row).most_common()]

    def line(self, code: str) -> Line | None:
        return next((one for one in self.lines if one.code == code), None)


def reconcile(user: User, period: ReportingPeriod, *, now: dt.datetime) -> Reconciled:
    """Who owes the month's return in the person's part of the county, and who is in other papers.

    Of the annual statistics each kindergarten's newest row on or before the month's statistical
    date counts, within the school year of that date: last year's say nothing about this one, and a
    table with some of them does not take the others away. Lists are those in force on that date,
    and so are the names. Returns count in the version that was accepted.
    """
    owed = {
        row.kindergarten_id: row
        for row in owed_in_area(user, period.month, now=now, where=Q(town__county=period.county_id))
    }
    registered = list(
        KindergartenStatus.objects.unscoped(IN_THE_AREA)
        .filter(region_scope(user, "town"), town__county=period.county_id)
        .on(period.reference_date)
        .select_related("kindergarten", "town")
        .order_by("town__code", "kindergarten__code")
    )
    facts = {
        row.kindergarten_id: row
        for row in KindergartenFacts.objects.visible_to(user)
        .current()
        .filter(month=period.month, kindergarten__in=owed)
        .select_related("filing_version")
    }
    codes = [row.kindergarten.code for row in registered]
    stated_on, stated = _statistics(user, period, codes)
    lists, published = _published(user, period, codes)
    names = _names_then([row.kindergarten_id for row in registered], period.reference_date)
    notes = _last_notes(list(owed), period)
    list_notes = _last_list_notes([*codes, *published], period)

    def line(status: KindergartenStatus) -> Line:
        one, row = status.kindergarten, owed.get(status.kindergarten_id)
        return Line(
            code=one.code,
            name=names.get(one.pk, one.name),
            kindergarten=one,
            town=status.town,
            owes=row is not None,
            facts=facts.get(one.pk) if row is not None else None,
            statistics=stated.pop(one.code, None),
            imported=stated_on is not None,
            status=status,
            notes=notes.get(one.pk, {}),
            published=published.pop(one.code, {}),
            kinds=lists,
            list_notes=list_notes.get(one.code, {}),
        )

    lines = [line(status) for status in registered]
    lines = [
        one for one in lines if one.owes or one.statistics or one.published or one.list_differences
    ]
    rest = sorted({*stated, *published})
    known = {one.code: one for one in Kindergarten.objects.visible_to(user).filter(code__in=rest)}
    lines += [
        Line(
            code=code,
            name=_name_elsewhere(stated.get(code), published.get(code, {})),
            kindergarten=known.get(code),
            town=None,
            owes=False,
            facts=None,
            statistics=stated.get(code),
            imported=stated_on is not None,
            published=published.get(code, {}),
            kinds=lists,
            list_notes=list_notes.get(code, {}),
        )
        for code in rest
    ]
    return Reconciled(period, stated_on, lines, lists)


def _names_then(kindergarten_ids: Collection[int], day: dt.date) -> dict[int, str]:
    """What those were called on a day that have another name now."""
    return dict(
        FormerName.objects.unscoped(OF_LINES_FOUND)
        .filter(kindergarten__in=kindergarten_ids, valid_from__lte=day, valid_to__gt=day)
        .values_list("kindergarten", "name")
    )


def _name_elsewhere(
    stated: AnnualStatistics | None, published: Mapping[str, PublishedKindergarten]
) -> str:
    rows = [stated, *published.values()]
    return next((row.name for row in rows if row is not None), "")


def _of_lines(
    model: type[AnnualStatistics | PublishedKindergarten], user: User, codes: Collection[str]
) -> ScopedQuerySet[Any]:
    """Rows of a paper that is kept by school code: of the lines found, and the county's others.

    A town reads those of the kindergartens that were its on the statistical date, and no other.
    """
    home = home_region(user)
    if home is not None and home.level == Region.Level.TOWN:
        rows: ScopedQuerySet[Any] = model.objects.unscoped(OF_LINES_FOUND).filter(code__in=codes)
        return rows
    return model.objects.visible_to(user)


def _statistics(
    user: User, period: ReportingPeriod, codes: Collection[str]
) -> tuple[dt.date | None, dict[str, AnnualStatistics]]:
    day = period.reference_date
    of_the_year = Q(
        county=period.county_id, reference_date__range=(dt.date(school_year(day), 9, 1), day)
    )
    newest = (
        AnnualStatistics.objects.unscoped(ANY_IMPORTED)
        .filter(of_the_year)
        .aggregate(newest=Max("reference_date"))["newest"]
    )
    if newest is None:
        return None, {}
    rows = (
        _of_lines(AnnualStatistics, user, codes)
        .filter(of_the_year)
        .order_by("code", "-reference_date")
        .distinct("code")
    )
    return newest, {row.code: row for row in rows}


def _published(
    user: User, period: ReportingPeriod, codes: Collection[str]
) -> tuple[dict[str, dt.date], dict[str, dict[str, PublishedKindergarten]]]:
    """The newest whole publication of each kind of list, and each code's lines by kind."""
    lists = dict(
        PublishedKindergarten.objects.unscoped(ANY_IMPORTED)
        .filter(county=period.county_id, published_on__lte=period.reference_date)
        .values("kind")
        .annotate(whole=Max("published_on", filter=Q(supplements=False)))
        .filter(whole__isnull=False)
        .order_by("kind")
        .values_list("kind", "whole")
    )
    found: dict[str, dict[str, PublishedKindergarten]] = {}
    if lists:
        rows = _of_lines(PublishedKindergarten, user, codes)
        for row in rows.in_force(period.county_id, period.reference_date):  # type: ignore[attr-defined]
            found.setdefault(row.code, {})[row.kind] = row
    return lists, found


def _last_notes(
    kindergarten_ids: Collection[int], period: ReportingPeriod
) -> dict[int, dict[str, DifferenceNote]]:
    """By kindergarten and figure the last explanation up to the month.

    Whoever sees the line sees its explanation, also one of before it moved here from another town:
    else a difference would stand explained for the county and unexplained for the town.
    """
    rows = (
        DifferenceNote.objects.unscoped(OF_LINES_FOUND)
        .filter(
            kindergarten__in=kindergarten_ids,
            town__county=period.county_id,
            month__lte=period.month,
        )
        .select_related("written_as__user", "written_as__organisation")
        .order_by("kindergarten_id", "figure", "-month", "-pk")
        .distinct("kindergarten_id", "figure")
    )
    found: dict[int, dict[str, DifferenceNote]] = {}
    for row in rows:
        found.setdefault(row.kindergarten_id, {})[row.figure] = row
    return found


def _last_list_notes(
    codes: Collection[str], period: ReportingPeriod
) -> dict[str, dict[str, ListNote]]:
    """By code and ListDifference.key the last explanation up to the month."""
    rows = (
        ListNote.objects.unscoped(OF_LINES_FOUND)
        .filter(county=period.county_id, code__in=codes, month__lte=period.month)
        .select_related("written_as__user", "written_as__organisation")
        .order_by("code", "kind", "aspect", "-month", "-pk")
        .distinct("code", "kind", "aspect")
    )
    found: dict[str, dict[str, ListNote]] = {}
    for row in rows:
        found.setdefault(row.code, {})[f"{row.kind}-{row.aspect}"] = row
    return found
