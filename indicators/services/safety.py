"""How a kindergarten stood to the four hundreds (四个100%) of its place on its statistical date.

By the rules of safety.measures and staffing.standards, as the page of measures has it; frozen with the
counts, so that a later test or a guard who left does not move a past month.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q

from indicators.models import KindergartenFacts
from indicators.services.staffing import STAFFED_FIELDS, Staffed
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.record import InstitutionType
from safety.measures.rules import Found, by_evidence, by_guards
from safety.measures.selectors import Evidence, MeasureLists, evidence_among
from safety.models import MeasureEvidence, SafetyMeasure
from staffing.models import Appointment, Duty
from staffing.standards.rules import HeadCount, Need, Post, needs
from staffing.standards.selectors import Rows, Standards, terms_of

THE_PORTAL_ITSELF = "the portal itself judges all of them; nobody is told of one"
# Codes of the list (fixtures/safety) and the columns of the facts that hold their standing.
COLUMN_OF = {"guards": "guards", "alarm": "alarm", "video": "video", "closed-site": "closed_site"}


@dataclass(frozen=True)
class Secured:
    """One kindergarten's counts with what decides who guards it."""

    kindergarten: int
    nursery: int
    boarding: bool | None
    # 附设幼儿班 of a kindergarten: its gate and guards are the host's, so is the answer.
    with_host: bool
    staffed: Staffed

    def head_count(self) -> HeadCount:
        return everybody(self.staffed, nursery=self.nursery, boarding=self.boarding)


def everybody(staffed: Staffed, *, nursery: int, boarding: bool | None) -> HeadCount:
    """Counts as guards are asked for: children, nursery classes and staff together."""
    counts = staffed.head_count()
    together = None if counts.staff is None else staffed.children + nursery + counts.staff
    return replace(counts, everybody=together, boarding_classes=0 if boarding is False else None)


def guards_needed(
    counts: HeadCount, attached: Iterable[int | None], rows: Rows
) -> tuple[Need, int | None]:
    """Guards of a kindergarten with all of its 附设幼儿班, and everybody they are counted by; one
    whose head-count nobody knows leaves all of them unknown.
    """
    together = counts.everybody
    for others in attached:
        together = None if together is None or others is None else together + others
    asked = needs(terms_of(rows), replace(counts, everybody=together))
    return next(need for need in asked if need.post is Post.GUARD), together


def standings(counted: Sequence[Secured]) -> dict[int, dict[str, str]]:
    """By key of the counts: the standing by column; a measure the place does not list has none.

    A few queries for each statistical date, however many kindergartens.
    """
    by_day: dict[dt.date, list[Secured]] = defaultdict(list)
    for one in counted:
        by_day[one.staffed.day].append(one)
    found: dict[int, dict[str, str]] = {}
    standards = Standards()
    for day, those in by_day.items():
        found |= _on(day, [one for one in those if not one.with_host], standards)
    return found


def _on(
    day: dt.date, counted: Sequence[Secured], standards: Standards
) -> dict[int, dict[str, str]]:
    keys = [one.kindergarten for one in counted]
    lists = MeasureLists(day)
    evidence = evidence_among(
        MeasureEvidence.objects.unscoped(THE_PORTAL_ITSELF).filter(kindergarten__in=keys)
    )
    present, attached = _on_roster(keys, day), _attached(keys, day)
    found = {}
    for one in counted:
        listed = {
            COLUMN_OF[row.code]: row
            for row in lists.of(one.staffed.places)
            if row.code in COLUMN_OF
        }
        rows = standards.of(one.staffed.places, day, half_day=one.staffed.half_day)
        counts = replace(one.head_count(), guards=present.get(one.kindergarten))
        need, _ = guards_needed(counts, attached.get(one.kindergarten, ()), rows)
        found[one.staffed.key] = {
            column: str(_found(row, one.kindergarten, evidence, need, day).standing)
            for column, row in listed.items()
        }
    return found


def _found(
    row: SafetyMeasure, kindergarten: int, evidence: Evidence, need: Need, day: dt.date
) -> Found:
    if row.judged_by == SafetyMeasure.JudgedBy.GUARDS:
        return by_guards(need.required, need.present)
    return by_evidence(evidence.get((kindergarten, row.code), ()), day)


def _on_roster(keys: Sequence[int], day: dt.date) -> dict[int, int]:
    return dict(
        Appointment.objects.unscoped(THE_PORTAL_ITSELF)
        .held_on(day)
        .filter(kindergarten__in=keys)
        .order_by()
        .values_list("kindergarten")
        .annotate(guards=Count("person", distinct=True, filter=Q(duty=Duty.GUARD)))
    )


def _attached(keys: Sequence[int], day: dt.date) -> Mapping[int, list[int | None]]:
    """By host, everybody of each of its 附设幼儿班 that run on the day, by the newest return."""
    run = KindergartenStatus.objects.unscoped(THE_PORTAL_ITSELF).on(day)
    classes = dict(
        Kindergarten.objects.unscoped(THE_PORTAL_ITSELF)
        .filter(
            host__in=keys,
            institution_type=InstitutionType.ATTACHED,
            pk__in=run.filter(operating_state="operating").values("kindergarten"),
        )
        .values_list("pk", "host")
    )
    found: dict[int, list[int | None]] = defaultdict(list)
    if not classes:
        return found
    returned = {
        key: everybody(Staffed(*staffed), nursery=nursery, boarding=boarding).everybody
        for key, nursery, boarding, *staffed in (
            KindergartenFacts.objects.unscoped(THE_PORTAL_ITSELF)
            .current()
            .filter(kindergarten__in=list(classes), month__lte=day)
            .order_by("kindergarten", "-month")
            .distinct("kindergarten")
            .values_list(
                "kindergarten", "nursery_children", "kindergarten__boarding", *STAFFED_FIELDS
            )
        )
    }
    for key, host in classes.items():
        if host is not None:
            found[host].append(returned.get(key))
    return found
