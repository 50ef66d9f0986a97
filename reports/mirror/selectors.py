"""What a director sees of the own kindergarten (本园对照): standing, trend, and what is open.

Composes what returns, registry and procedures each know; nothing is computed here that another
page computes as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from accounts.models import User
from fees.models import ScheduleFiling
from indicators.catalogue import INDICATORS
from indicators.models import KindergartenFacts
from indicators.rules import counts_of, value_of
from indicators.selectors.kindergarten import kindergarten_counts
from kindergartens.calendar.rules import add_months
from kindergartens.models import Kindergarten, MonthlyFiling, Procedure, ReportingPeriod
from kindergartens.procedures import owed as of_the_registry
from kindergartens.procedures.owed import Owed
from kindergartens.procedures.selectors import waiting_for
from reports.dashboards.classes_and_staff import CLASSES_AND_STAFF
from reports.filings.own_months import MonthLine, own_months
from reports.filings.pre_reviews import with_waiting
from staffing import owed as of_the_staff
from staffing.papers.rules import Span
from staffing.papers.selectors import due_counts, posts_asked

# A median of fewer comes too near to what single kindergartens reported. Less than the checks of a
# return want (reports.filings.peer_figures): there a spread is judged by, here a middle is shown.
PEERS_AT_LEAST = 5
MONTHS = 12
OF_THE_KIND = "medians of a kind of kindergarten in a county; whose figures they are is not told"


def newest_facts(kindergarten: Kindergarten) -> KindergartenFacts | None:
    """The frozen return of the latest month in which the kindergarten was accepted."""
    facts = KindergartenFacts.objects.unscoped("of the own kindergarten").current()
    return (
        facts.filter(kindergarten=kindergarten)
        .select_related("kindergarten", "county", "filing_version__filing__period")
        .order_by("-month")
        .first()
    )


@dataclass(frozen=True)
class Peers:
    """The others of the kind (KindergartenFactsQuerySet.of_a_kind) in the same month.

    `medians` by indicator, unrounded; without those that too few others can be computed for.
    """

    number: int
    medians: Mapping[str, Decimal]


def peers_of(facts: KindergartenFacts) -> Peers:
    """One query, however many there are."""
    others = (
        KindergartenFacts.objects.unscoped(OF_THE_KIND)
        .of_a_kind(
            county=facts.county_id,
            ownership=facts.ownership,
            half_day=facts.half_day,
            without=facts.kindergarten_id,
        )
        .filter(month=facts.month)
    )
    sums: list[Mapping[str, int | None]] = [dict(kindergarten_counts(row)) for row in others]
    medians = {}
    for indicator in (INDICATORS[code] for code in CLASSES_AND_STAFF):
        found = (value_of(indicator, counts_of(indicator, row)) for row in sums)
        values = [value for value in found if value is not None]
        if len(values) >= PEERS_AT_LEAST:
            medians[indicator.code] = median(values)
    return Peers(len(sums), medians)


@dataclass(frozen=True)
class MonthPoint:
    """Children in one month; None where no return was accepted. `asked` for: not a holiday month."""

    month: dt.date
    children: int | None
    asked: bool


def children_by_month(kindergarten: Kindergarten, last: dt.date) -> list[MonthPoint]:
    """The last twelve months, oldest first."""
    span = [add_months(last, -back) for back in range(MONTHS - 1, -1, -1)]
    counted = dict(
        KindergartenFacts.objects.unscoped("of the own kindergarten")
        .current()
        .filter(kindergarten=kindergarten, month__in=span)
        .values_list("month", "enrolled_children")
    )
    counties = kindergarten.statuses.values("town__county")
    asked = set(
        ReportingPeriod.objects.unscoped("of the counties the kindergarten itself was in")
        .filter(county__in=counties, month__in=span)
        .values_list("month", flat=True)
    )
    return [MonthPoint(month, counted.get(month), month in asked) for month in span]


@dataclass(frozen=True)
class OpenThings:
    """What waits for the kindergarten, and what of it waits for the bureau."""

    months: list[MonthLine]
    owed: list[Owed]
    # By kind of paper and span, how many people's papers are due or missing.
    papers: Mapping[str, Mapping[Span, int]]
    returned: list[Procedure]
    # With `waits_for_town`, a column that exists only in the query.
    in_review: list[Any]
    with_bureau: list[Procedure]
    schedule_filings: list[ScheduleFiling]
    proposals: int


def open_things(
    kindergarten: Kindergarten, *, by: User, now: dt.datetime, today: dt.date
) -> OpenThings:
    own = Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk)
    owed = [
        row
        for listed in (*of_the_registry.LISTS.values(), *of_the_staff.LISTS.values())
        for row in listed.rows(own, by=by, today=today)
    ]
    procedures = Procedure.objects.visible_to(by).filter(kindergarten=kindergarten)
    waiting = procedures.filter(state__in=(Procedure.State.ASKED, Procedure.State.CHECKED))
    return OpenThings(
        months=[line for line in own_months(kindergarten, now=now) if line.may_be_filled_in(now)],
        owed=sorted(owed, key=lambda row: row.due_on),
        papers=due_counts(by, posts_asked(by, today).filter(kindergarten=kindergarten), today),
        returned=list(waiting_for(by).filter(kindergarten=kindergarten)),
        in_review=list(
            with_waiting(
                MonthlyFiling.objects.visible_to(by)
                .filter(kindergarten=kindergarten, state=MonthlyFiling.State.SUBMITTED)
                .select_related("period")
            )
        ),
        with_bureau=list(waiting.order_by("asked_at")),
        schedule_filings=list(
            ScheduleFiling.objects.visible_to(by).open().filter(kindergarten=kindergarten)
        ),
        proposals=kindergarten.record_proposals.filter(state="waiting").count(),
    )
