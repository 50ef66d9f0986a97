"""The months of one kindergarten, as its director sees them: what is owed, begun, due, urged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from kindergartens.calendar.selectors import extensions_in_force, latest_requests
from kindergartens.models import (
    ExtensionRequest,
    FilingExtension,
    FilingUrge,
    Kindergarten,
    MonthlyFiling,
    ReportingPeriod,
)
from reports.filings.pre_reviews import with_waiting
from reports.filings.selectors import with_counts


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
        for filing in with_waiting(
            with_counts(kindergarten.filings.filter(period__in=periods)).select_related("period")
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
