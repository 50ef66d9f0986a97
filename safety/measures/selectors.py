"""Which list of measures holds where, and the evidence of kindergartens."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import Region, User
from kindergartens.models import Kindergarten
from kindergartens.models.demand import ancestors
from kindergartens.models.record import InstitutionType
from safety.measures.rules import Given
from safety.models import MeasureEvidence, SafetyMeasure

# By kindergarten and the code of a measure.
Evidence = dict[tuple[int, str], list[Given]]


class MeasureLists:
    """The lists in force on a day, read once; the nearest place that has one gives it, whole.

    A city's four and a province's are not mixed: its own county's, the city's, the province's, the
    nation's.
    """

    def __init__(self, day: dt.date) -> None:
        self.day = day
        self._of: dict[int | None, list[SafetyMeasure]] = defaultdict(list)
        # Clauses of published documents: the same for everybody.
        rows: Any = SafetyMeasure.objects.in_force(day).select_related("region")
        for row in rows.order_by("position", "pk"):
            self._of[row.region_id].append(row)

    def of(self, places: Sequence[int]) -> list[SafetyMeasure]:
        """`places` are keys of regions, the nearest first (kindergartens.models.demand.ancestors)."""
        for place in (*places, None):
            if place in self._of:
                return self._of[place]
        return []

    def in_region(self, region: Region) -> list[SafetyMeasure]:
        return self.of(ancestors(region))


def answers_with_host(kindergarten: Kindergarten) -> bool:
    """附设幼儿班 of a kindergarten: its gate, guards and cameras are the host's, so is the answer."""
    return (
        kindergarten.institution_type == InstitutionType.ATTACHED
        and kindergarten.host_id is not None
    )


def evidence_of(user: User, kindergartens: Iterable[int] | QuerySet[Any]) -> Evidence:
    """What was handed in of many kindergartens, the newest first. One query."""
    return evidence_among(
        MeasureEvidence.objects.visible_to(user).filter(kindergarten__in=kindergartens)
    )


def evidence_among(handed_in: QuerySet[MeasureEvidence]) -> Evidence:
    """The same of rows that were chosen already."""
    rows = (
        handed_in.exclude(state=MeasureEvidence.State.WITHDRAWN)
        .order_by("-entered_at", "-pk")
        .values_list(
            "kindergarten", "measure__code", "pk", "state", "valid_from", "valid_until", "ended_on",
            "note", "ended_reason",
        )
    )  # fmt: skip
    found: Evidence = defaultdict(list)
    for place, code, pk, state, valid_from, valid_until, ended_on, note, ended_reason in rows:
        found[place, code].append(
            Given(pk, state, valid_from, valid_until, ended_on, note or ended_reason)
        )
    return found


def waiting(user: User, region: Region) -> QuerySet[MeasureEvidence]:
    """Evidence of a region that nobody has decided yet, the oldest first."""
    within = Region.objects.within(region).values("pk")
    return (
        MeasureEvidence.objects.visible_to(user)
        .waiting()
        .filter(kindergarten__organisation__region__in=within)
        .select_related(
            "kindergarten__organisation__region", "measure", "entered_as__user",
            "entered_as__organisation",
        )
        .order_by("entered_at", "pk")
    )  # fmt: skip


def all_evidence(user: User, kindergarten: Kindergarten) -> QuerySet[MeasureEvidence]:
    """Of one kindergarten with its files, withdrawn ones too, the newest first."""
    return (
        MeasureEvidence.objects.visible_to(user)
        .filter(kindergarten=kindergarten)
        .select_related(
            "measure", "entered_as__user", "entered_as__organisation", "decided_as__user"
        )
        .prefetch_related("documents__file")
        .order_by("-entered_at", "-pk")
    )  # fmt: skip
