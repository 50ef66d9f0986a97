"""A draft checked against last month's return, its kind and the annual statistics. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils import timezone

from kindergartens.models import MonthlyFiling
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings import checks, submitted, unchanged
from reports.filings.checks.schedule import ScheduledLine
from reports.filings.fee_schedules import listed_for_filing, schedule_of_filing, with_offered
from reports.filings.peer_figures import peers_of_filing
from reports.filings.stated_figures import stated_for_filing


def review_draft(filing: MonthlyFiling, now: dt.datetime) -> checks.Review:
    """Check the saved draft as it is about to be submitted, ticks of 与上月相同 included.

    A line of the fee schedule that the draft does not have is asked for too: it may have been
    recorded since the draft was saved.
    """
    schedule = schedule_of_filing(filing)
    draft = with_offered(filing.draft, schedule)
    last = submitted.last_submitted(filing.kindergarten, filing.month)
    found = review_beside(
        last,
        filing.month,
        draft,
        peers=peers_of_filing(filing),
        stated=stated_for_filing(filing),
        schedule=schedule,
        listed=listed_for_filing(filing),
        reference_date=filing.period.reference_date,
        now=now,
    )
    found.errors += [
        checks.same_unconfirmed(one, unchanged.SECTIONS[one], last.called_in(filing.month))
        for one in to_confirm(last, draft)
        if last is not None
    ]
    return found


def to_confirm(last: submitted.Submitted | None, draft: Mapping[str, Any]) -> list[str]:
    """The sections that are as in the last return and wait for their tick."""
    if last is None:
        return []
    moved_up = last.promotion is not None
    return unchanged.unconfirmed(draft, submitted.as_draft(last), moved_up=moved_up)


def review_beside(
    last: submitted.Submitted | None,
    month: dt.date,
    draft: Mapping[str, Any],
    *,
    peers: Mapping[str, checks.Peers],
    stated: Mapping[str, checks.Stated] | None = None,
    schedule: Sequence[ScheduledLine] | None = None,
    listed: Collection[str] | None = None,
    reference_date: dt.date | None = None,
    now: dt.datetime | None = None,
) -> checks.Review:
    """Check a draft of a month against what is in hand already; asks nothing of the database.

    Without a `schedule` nothing is said of what was charged beside it, nor without the names `listed`
    by the county of what is banned: of a submitted version that was found, and explained, when it
    was submitted. Nor is anything said of days to come without
    `now`, nor of the statistical day without a `reference_date`.
    """
    return checks.review(
        draft,
        submitted.last_classes(last),
        {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        compare_with_last=last is not None and last.compares_with(month),
        missed_since=None if last is None else checks.missed_since(month, last.month),
        flows=submitted.flows_add_up(last, month),
        working_days=submitted.working_days(month),
        peers=peers,
        stated=stated,
        graduates=0 if last is None or last.promotion is None else last.promotion.graduates,
        moved_up_once=last is not None and checks.moves_up_once(month, last.month),
        last_staff=None if last is None else last.staff,
        month=month,
        reference_date=reference_date,
        now=None if now is None else timezone.localtime(now).replace(tzinfo=None),
        schedule=schedule,
        listed=listed,
    )
