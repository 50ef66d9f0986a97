"""Pre-review by the towns (乡镇初审): which returns wait for it, and who said what.

Where a county has decided so (PreReviewRule), a submitted version waits until its town has passed
it on. That is an event of the return and of the version: a resubmission waits anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from kindergartens.calendar.waiting import waits_for_town
from kindergartens.models import FilingEvent, MonthlyFiling, PreReviewRule

OF_RETURNS_FOUND = "of returns that were found for the person"
# Rows with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]


def is_on_for(county_id: int, month: dt.date) -> bool:
    """Whether the towns of a county look at the returns of a month first."""
    return is_on_in([county_id], month)


def is_on_in(county_ids: Collection[int], month: dt.date) -> bool:
    """Whether the towns of any of these counties do. One query."""
    rows = PreReviewRule.objects.unscoped(OF_RETURNS_FOUND).for_month(month)
    holding = rows.filter(county__in=county_ids).order_by("county_id", "-pk").distinct("county_id")
    return any(holding.values_list("is_on", flat=True))


def with_waiting(filings: QuerySet[MonthlyFiling]) -> Rows:
    """Returns with `waits_for_town`: submitted, and not looked at by the town that has to."""
    return filings.annotate(waits_for_town=waits_for_town())


def waits(filing: MonthlyFiling) -> bool:
    """Whether this return waits for its town now."""
    found = MonthlyFiling.objects.unscoped(OF_RETURNS_FOUND).filter(pk=filing.pk)
    return with_waiting(found).filter(waits_for_town=True).exists()


@dataclass(frozen=True)
class PreReviewed:
    """Who passed the version on, when and in which words (may be empty)."""

    office: str
    person: str
    at: dt.datetime
    note: str


def pre_reviewed(filing_ids: Collection[int]) -> dict[int, PreReviewed]:
    """Of the latest version of each return, by key; absent where no town passed it on. One query.

    Absent too for a return that was taken back: what its director types now nobody has looked at.
    """
    rows = (
        FilingEvent.objects.unscoped(OF_RETURNS_FOUND)
        .filter(
            filing__in=filing_ids,
            action=FilingEvent.Action.PASSED_ON,
            version=F("filing__version"),
        )
        .exclude(filing__state=MonthlyFiling.State.DRAFT)
        .select_related("done_as__organisation", "done_as__user")
    )
    return {
        row.filing_id: PreReviewed(
            row.done_as.organisation.name, row.done_as.user.full_name, row.at, row.reason
        )
        for row in rows
    }
