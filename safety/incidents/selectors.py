"""Lists of cases with their clocks, counts by kind, and what findings bring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.scope import organisation_scope
from accounts.models import Region, User
from accounts.typed_text import clean
from safety.incidents.rules import FIRST_REPORT, PARENTS, Brought, brought_by
from safety.models import IncidentCase, IncidentFinding, IncidentLimit, IncidentReport
from safety.rules import INCIDENT_KINDS

# Rows with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]
COUNTS_ONLY = "counts by kind of the own area; no case and no account is shown"
STATES: Mapping[str, str] = {
    "": "处置中和已结案",
    "open": "处置中",
    "closed": "已结案",
    "late": "迟报或超时未报",
    "withdrawn": "已撤销",
}
# A step is late from the minute after the one allowed (rules.clock).
MINUTE = dt.timedelta(minutes=1)
NARROWEST_FIRST = ("-region__level", "-kind")


@dataclass(frozen=True)
class CaseFilter:
    """What a person asked the list for. Unknown values are dropped, never an error."""

    text: str = ""
    kind: str = ""
    state: str = ""
    year: int | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> CaseFilter:
        kind, state, year = query.get("kind", ""), query.get("state", ""), query.get("year", "")
        is_year = year.isascii() and year.isdecimal() and len(year) == 4
        return cls(
            text=clean(query.get("q", ""))[:40],
            kind=kind if kind in INCIDENT_KINDS else "",
            state=state if state in STATES else "",
            year=int(year) if is_year else None,
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.kind or self.state or self.year)


def timed(rows: QuerySet[IncidentCase]) -> Rows:
    """With `first_report_minutes` and `parents_minutes` allowed on the day, None where none is set,
    and `has_supplement`: that something turned out otherwise after it was closed.
    """
    supplements = IncidentReport.objects.filter(case=OuterRef("pk"), kind="supplement")
    found: Rows = rows.annotate(
        occurred_on=TruncDate("occurred_at"), has_supplement=Exists(supplements)
    )
    for step in (FIRST_REPORT, PARENTS):
        found = found.annotate(**{f"{step}_minutes": Subquery(_limits(step).values("minutes")[:1])})
    return found


def _limits(step: str) -> QuerySet[IncidentLimit]:
    """Rows of the places a case lies in: the nearest place first, of it the row of the kind."""
    here = Q(region=OuterRef("county")) | Q(region=OuterRef("county__city"))
    return IncidentLimit.objects.filter(
        here | Q(region=OuterRef("county__province")),
        Q(kind="") | Q(kind=OuterRef("kind")),
        Q(valid_to__isnull=True) | Q(valid_to__gt=OuterRef("occurred_on")),
        step=step,
        valid_from__lte=OuterRef("occurred_on"),
    ).order_by(*NARROWEST_FIRST)


def listed(user: User, asked: CaseFilter, now: dt.datetime) -> Rows:
    """Cases a person may read, the newest first; not read yet."""
    rows = timed(IncidentCase.objects.visible_to(user))
    if asked.state == "withdrawn":
        rows = rows.filter(withdrawn_at__isnull=False)
    else:
        rows = rows.filter(withdrawn_at__isnull=True)
    if asked.state in ("open", "closed"):
        rows = rows.filter(closed_at__isnull=asked.state == "open")
    if asked.state == "late":
        due = ExpressionWrapper(
            F("occurred_at")
            + ExpressionWrapper(
                F(f"{FIRST_REPORT}_minutes") * Value(dt.timedelta(minutes=1)),
                output_field=DurationField(),
            ),
            output_field=DateTimeField(),
        )
        rows = rows.annotate(report_due=due).filter(
            Q(reported_at__gte=F("report_due") + MINUTE)
            | Q(reported_at__isnull=True, report_due__lte=now - MINUTE)
        )
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.year:
        rows = rows.filter(occurred_at__year=asked.year)
    if asked.text:
        rows = rows.filter(
            Q(kindergarten__name__icontains=asked.text) | Q(number__icontains=asked.text)
        )
    return rows.select_related("kindergarten__organisation__region__county").order_by(
        "-occurred_at", "-pk"
    )


def years(user: User) -> list[int]:
    """Years that have cases in the person's area, the newest first."""
    rows = _in_area(user).order_by().values_list("occurred_at__year", flat=True).distinct()
    return sorted(rows, reverse=True)


@dataclass(frozen=True)
class KindCount:
    """Cases of one kind in a year; people in sums, never in accounts. `kind` in words."""

    kind: str
    cases: int
    hurt: int
    dead: int


def counts_by_kind(user: User, year: int) -> list[KindCount]:
    """For everybody who reads the register of safety, in the order of the kinds. One query."""
    rows = (
        _in_area(user)
        .filter(occurred_at__year=year)
        .order_by()
        .values("kind")
        .annotate(
            cases=Count("pk"),
            people_hurt=Sum(F("children_hurt") + F("staff_hurt")),
            people_dead=Sum(F("children_dead") + F("staff_dead")),
        )
    )
    of_kind = {row["kind"]: row for row in rows}
    return [
        KindCount(label, found["cases"], found["people_hurt"], found["people_dead"])
        for code, label in INCIDENT_KINDS.items()
        if (found := of_kind.get(code)) is not None
    ]


def _in_area(user: User) -> QuerySet[IncidentCase]:
    rows = IncidentCase.objects.unscoped(COUNTS_ONLY).standing()
    if not user.can(Permission.READ_SAFETY):
        return rows.none()
    here = "kindergarten__organisation"
    return rows.filter(organisation_scope(user, here, f"{here}__region"))


@dataclass(frozen=True)
class Effect:
    """What one finding brings by one clause; `case` is the row it is of."""

    finding: IncidentFinding
    brought: Brought

    @property
    def kindergarten(self) -> Any:
        return self.finding.case.kindergarten


def effects(findings: Iterable[IncidentFinding]) -> list[Effect]:
    """Of findings with their cases, in the order given."""
    return [
        Effect(finding, brought)
        for finding in findings
        for brought in brought_by(
            finding.nature,
            timezone.localdate(finding.case.occurred_at),
            places_of(finding.case.county),
        )
    ]


def places_of(county: Region) -> set[str]:
    """The codes of a county and of the places it lies in."""
    above = (county.city, county.province)
    return {county.code, *(one.code for one in above if one is not None)}


def standing_findings(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what `effects` reads of them."""
    return rows.filter(withdrawn_at__isnull=True).select_related(
        "case__kindergarten", "case__county__city", "case__county__province"
    )


def effects_in_force(user: User, today: dt.date) -> list[Effect]:
    """Of every case the person may read, those that hold today, the longest first. One query."""
    found = effects(standing_findings(IncidentFinding.objects.visible_to(user)))
    holding = [one for one in found if one.brought.holds_on(today)]
    return sorted(holding, key=lambda one: (one.brought.until, one.finding.pk), reverse=True)
