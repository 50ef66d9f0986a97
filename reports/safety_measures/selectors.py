"""How kindergartens stand to the measures of their place (安全防范): evidence, roster and return joined.

Derived on every page from rows that hold on the day; nothing of it is stored. However many
kindergartens, evidence, roster, returns and lists are one query each.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Region, User
from indicators.models import KindergartenFacts
from indicators.services.safety import everybody, guards_needed
from indicators.services.staffing import STAFFED_FIELDS, Staffed
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.demand import ancestors
from kindergartens.models.record import InstitutionType
from kindergartens.premises.selectors import running
from safety.measures.rules import Beside, Found, Standing, beside, by_evidence, by_guards, said
from safety.measures.selectors import Evidence, MeasureLists, evidence_of
from safety.models import SafetyAnswer, SafetyMeasure
from staffing.models import Appointment, Duty
from staffing.standards.rules import HeadCount, Lack
from staffing.standards.selectors import Standards
from staffing.standards.terms import Demand


@dataclass(frozen=True)
class Guards:
    """Guards of one kindergarten: `required` by the head-count of its newest accepted return (`month`)
    and the standard in force on the day, `present` on the roster that day. None: nobody can say;
    a roster on which nobody is says nothing of guards.
    """

    required: int | None = None
    present: int | None = None
    everybody: int | None = None
    month: dt.date | None = None
    lacks: tuple[Lack, ...] = ()
    basis: str = ""

    @property
    def short(self) -> int | None:
        if self.required is None or self.present is None:
            return None
        return max(0, self.required - self.present)


@dataclass(frozen=True)
class Line:
    """One measure of one kindergarten. `answer`: what the newest accepted return says of it."""

    measure: SafetyMeasure
    found: Found
    answer: str
    beside: Beside


@dataclass(frozen=True)
class OfOne:
    kindergarten: Kindergarten
    status: KindergartenStatus
    lines: Sequence[Line]
    guards: Guards

    @property
    def all_four(self) -> Standing | None:
        """四项都达标; None where the list has no such four."""
        found = [line.found.standing for line in self.lines if line.measure.one_of_four]
        if not found:
            return None
        if Standing.UNMET in found:
            return Standing.UNMET
        return Standing.NO_RECORD if Standing.NO_RECORD in found else Standing.MET


def of_area(user: User, region: Region, day: dt.date) -> list[OfOne]:
    """Every kindergarten that is registered and runs there on the day, by town and code.

    附设幼儿班 of a kindergarten are in their host's line.
    """
    return of_kindergartens(user, list(_answering(user, region, day)), day)


def number_in(user: User, region: Region, day: dt.date) -> int:
    """How many lines `of_area` has. One query."""
    return _answering(user, region, day).count()


def evidence_in(user: User, region: Region, day: dt.date) -> list[OfOne]:
    """As `of_area`, with the measures that are judged by evidence alone: no roster, no return is read."""
    kindergartens = list(_answering(user, region, day))
    evidence, lists = evidence_of(user, [one.pk for one in kindergartens]), MeasureLists(day)
    return [
        OfOne(
            one,
            one.current,
            [
                Line(row, by_evidence(evidence.get((one.pk, row.code), ()), day), "", Beside.AGREES)
                for row in lists.of(ancestors(one.current.town))
                if row.judged_by == SafetyMeasure.JudgedBy.EVIDENCE
            ],
            Guards(),
        )
        for one in kindergartens
    ]


def guards_in(user: User, region: Region, day: dt.date) -> list[OfOne]:
    """As `of_area`, with guards alone: no evidence and no answer is read."""
    kindergartens = list(_answering(user, region, day))
    returned = _newest_returns(user, [one.pk for one in kindergartens], day)
    guards = _guards(user, kindergartens, returned, day)
    return [OfOne(one, one.current, (), guards[one.pk]) for one in kindergartens]


def _answering(user: User, region: Region, day: dt.date) -> QuerySet[Any]:
    """Who has a line of its own (safety.measures.selectors.answers_with_host)."""
    rows = running(user, region, day).select_related("current__town__city")
    return rows.exclude(institution_type=InstitutionType.ATTACHED, host__isnull=False)


def of_kindergartens(user: User, kindergartens: Sequence[Any], day: dt.date) -> list[OfOne]:
    """Of each; `current` is its status on the day, with its town."""
    keys = [one.pk for one in kindergartens]
    evidence, lists = evidence_of(user, keys), MeasureLists(day)
    returned = _newest_returns(user, keys, day)
    guards = _guards(user, kindergartens, returned, day)
    answers = _answers(user, returned)
    return [
        OfOne(
            one,
            one.current,
            [
                _line(row, one.pk, evidence, guards[one.pk], answers.get(one.pk, {}), day)
                for row in lists.of(ancestors(one.current.town))
            ],
            guards[one.pk],
        )
        for one in kindergartens
    ]


def _line(
    measure: SafetyMeasure,
    kindergarten: int,
    evidence: Evidence,
    guards: Guards,
    answers: Mapping[str, str],
    day: dt.date,
) -> Line:
    if measure.judged_by == SafetyMeasure.JudgedBy.GUARDS:
        found = by_guards(guards.required, guards.present)
    else:
        found = by_evidence(evidence.get((kindergarten, measure.code), ()), day)
    answer = said(answers.get(item) for item in measure.answers)
    return Line(measure, found, answer, beside(found, answer))


@dataclass(frozen=True)
class Returned:
    """The newest accepted return of a kindergarten, as guards and statements need it."""

    month: dt.date
    version: int
    nursery: int
    boarding: bool | None
    staffed: Staffed

    def head_count(self) -> HeadCount:
        return everybody(self.staffed, nursery=self.nursery, boarding=self.boarding)


def _newest_returns(user: User, keys: Sequence[int], day: dt.date) -> dict[int, Returned]:
    rows = (
        KindergartenFacts.objects.visible_to(user)
        .current()
        .filter(kindergarten__in=keys, month__lte=day)
        .order_by("kindergarten", "-month")
        .distinct("kindergarten")
        .values_list(
            "kindergarten", "month", "filing_version", "nursery_children", "kindergarten__boarding",
            *STAFFED_FIELDS,
        )
    )  # fmt: skip
    return {
        key: Returned(month, version, nursery, boarding, Staffed(*staffed))
        for key, month, version, nursery, boarding, *staffed in rows
    }


def _guards(
    user: User, kindergartens: Sequence[Any], returned: Mapping[int, Returned], day: dt.date
) -> dict[int, Guards]:
    keys = [one.pk for one in kindergartens]
    on_roster = (
        Appointment.objects.visible_to(user)
        .held_on(day)
        .filter(kindergarten__in=keys)
        .order_by()
        .values_list("kindergarten")
        .annotate(guards=Count("person", distinct=True, filter=Q(duty=Duty.GUARD)))
    )
    present = dict(on_roster)
    attached = _attached(user, keys, day)
    standards = Standards()
    return {
        one.pk: _guards_of(
            one,
            returned.get(one.pk),
            attached.get(one.pk, []),
            present.get(one.pk),
            standards,
            day,
        )
        for one in kindergartens
    }


def _guards_of(
    kindergarten: Any,
    own: Returned | None,
    attached: Sequence[int | None],
    present: int | None,
    standards: Standards,
    day: dt.date,
) -> Guards:
    if own is None:
        return Guards(present=present)
    counts = replace(own.head_count(), guards=present)
    rows = standards.of(
        ancestors(kindergarten.current.town), day, half_day=kindergarten.current.half_day
    )
    row = rows.get(Demand.GUARD)
    need, together = guards_needed(counts, attached, rows)
    return Guards(
        need.required, present, together, own.month, need.lacks, row.basis if row else ""
    )  # fmt: skip


def _attached(user: User, keys: Sequence[int], day: dt.date) -> dict[int, list[int | None]]:
    """By host, everybody of each of its 附设幼儿班 that run on the day; None of one whose head-count
    nobody knows.
    """
    run = (
        KindergartenStatus.objects.visible_to(user)
        .on(day)
        .filter(operating_state=KindergartenStatus.OperatingState.OPERATING)
    )
    classes: dict[int, Any] = dict(
        Kindergarten.objects.visible_to(user)
        .filter(
            host__in=keys,
            institution_type=InstitutionType.ATTACHED,
            pk__in=run.values("kindergarten"),
        )
        .values_list("pk", "host")
    )
    found: dict[int, list[int | None]] = defaultdict(list)
    if classes:
        returned = _newest_returns(user, list(classes), day)
        for key, host in classes.items():
            own = returned.get(key)
            found[host].append(own.head_count().everybody if own else None)
    return found


def _answers(user: User, returned: Mapping[int, Returned]) -> dict[int, dict[str, str]]:
    """By kindergarten, what its newest accepted return answers, by item."""
    places = {one.version: key for key, one in returned.items()}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = SafetyAnswer.objects.visible_to(user).filter(filing_version__in=list(places))
    for version, item, answer in rows.order_by().values_list("filing_version", "item", "answer"):
        found[places[version]][item] = answer
    return found
