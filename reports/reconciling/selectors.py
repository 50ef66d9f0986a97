"""A county's month beside its last annual statistics: six queries, whatever the number of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Max, Q

from accounts.models import Region, User
from indicators.models import KindergartenFacts
from kindergartens.models import AnnualStatistics, Kindergarten, ReportingPeriod
from reports.filings.board.selectors import owed_in_area
from reports.reconciling.models import DifferenceNote
from reports.reconciling.rules import FIGURES, Explained, Pair, Standing, standing

OF_LINES_FOUND = "of kindergartens whose lines were found for the person"
ANY_IMPORTED = "for which date a county has imported statistics, never whose"


@dataclass(frozen=True)
class Line:
    """One kindergarten's two papers. `kindergarten` None: the portal does not know the code.

    `notes` is the last explanation of each figure, for these numbers or earlier ones.
    """

    code: str
    name: str
    kindergarten: Kindergarten | None
    town: Region | None
    owes: bool
    facts: KindergartenFacts | None
    filing_id: int | None
    statistics: AnnualStatistics | None
    imported: bool
    notes: Mapping[str, DifferenceNote] = field(default_factory=dict)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        facts = self.facts
        told: dict[str, int | None] = dict.fromkeys(FIGURES)
        if facts is not None:
            told = {
                "children": facts.enrolled_children,
                "classes": facts.classes,
                "staff": facts.principals
                + facts.full_time_teachers
                + facts.childcare_workers
                + facts.health_staff
                + facts.other_staff,
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


@dataclass(frozen=True)
class Reconciled:
    """`stated_on` is the reference date of the statistics; None where none were imported."""

    period: ReportingPeriod
    stated_on: dt.date | None
    lines: list[Line]


def reconcile(user: User, period: ReportingPeriod, *, now: dt.datetime) -> Reconciled:
    """Who owes the month's return in the person's part of the county, and who is in the statistics.

    The statistics are the last of the county on or before the month's statistical date. Returns
    count in the version that was accepted.
    """
    owed = list(
        owed_in_area(user, period.month, now=now, where=Q(town__county=period.county_id))
        .select_related("kindergarten", "town")
        .order_by("town__code", "kindergarten__code")
    )
    facts = {
        row.kindergarten_id: row
        for row in KindergartenFacts.objects.visible_to(user)
        .current()
        .filter(month=period.month, kindergarten__in=[row.kindergarten_id for row in owed])
    }
    stated_on = (
        AnnualStatistics.objects.unscoped(ANY_IMPORTED)
        .filter(county=period.county_id, reference_date__lte=period.reference_date)
        .aggregate(newest=Max("reference_date"))["newest"]
    )
    stated = {
        row.code: row
        for row in AnnualStatistics.objects.visible_to(user).filter(
            county=period.county_id, reference_date=stated_on
        )
    }
    notes = _last_notes([row.kindergarten_id for row in owed], period)
    lines = [
        Line(
            code=row.kindergarten.code,
            name=row.kindergarten.name,
            kindergarten=row.kindergarten,
            town=row.town,
            owes=True,
            facts=facts.get(row.kindergarten_id),
            filing_id=row.filing_id,
            statistics=stated.pop(row.kindergarten.code, None),
            imported=stated_on is not None,
            notes=notes.get(row.kindergarten_id, {}),
        )
        for row in owed
    ]
    known = {one.code: one for one in Kindergarten.objects.visible_to(user).filter(code__in=stated)}
    lines += [
        Line(
            code=row.code,
            name=row.name,
            kindergarten=known.get(row.code),
            town=None,
            owes=False,
            facts=None,
            filing_id=None,
            statistics=row,
            imported=True,
        )
        for row in sorted(stated.values(), key=lambda row: row.code)
    ]
    return Reconciled(period, stated_on, lines)


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
