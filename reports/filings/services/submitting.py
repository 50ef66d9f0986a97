"""Submitting a return as a version, and taking it back while nobody has accepted it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from kindergartens import policies
from kindergartens.models import (
    ClassCount,
    FilingEvent,
    FilingExplanation,
    FilingVersion,
    MonthlyFiling,
)
from reports.filings import checks, drafts, submitted, unchanged
from reports.filings.reviewing import review_draft
from reports.filings.services import steps
from reports.filings.storing import count_incidents, write_parts


class NotSubmittable(Exception):
    """The return has fields to mend first; they are in the review."""

    def __init__(self, review: checks.Review) -> None:
        self.review = review
        super().__init__(f"还有{len(review.problems)}处要处理")


@transaction.atomic
def submit(*, filing_id: int, revision: int, by: User, now: dt.datetime) -> FilingVersion:
    """Submit the saved draft as a new version.

    Raises NotSubmittable with everything to mend, StaleRevision, or NotAllowedNow (already
    submitted, locked, closed).
    """
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    steps.check_owes(filing)
    if filing.revision != revision:
        raise steps.StaleRevision(filing)
    review = review_draft(filing, now)
    if not review.may_be_submitted:
        raise NotSubmittable(review)
    version = FilingVersion.objects.create(
        filing=filing,
        version=filing.version + 1,
        days_open=review.days_open.number,
        incidents=count_incidents(review.parts),
        remarks=review.remarks,
        unchanged=_confirmed(filing),
        submitted_at=now,
        submitted_as=post,
    )
    _write_rows(version, review)
    filing.version = version.version
    filing.state = MonthlyFiling.State.SUBMITTED
    filing.first_submitted_at = filing.first_submitted_at or now
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["version", "state", "first_submitted_at", "revision", "updated_at"])
    drafts.forget(filing)
    steps.record(filing, FilingEvent.Action.SUBMITTED, post, now)
    steps.ask_for_figures(filing, now)
    return version


def _confirmed(filing: MonthlyFiling) -> dict[str, dict[str, Any]]:
    """The ticks that hold still: last month's return may have been corrected since."""
    ticks = unchanged.ticks(filing.draft)
    if any(ticks.values()):
        ticks = unchanged.ticks(unchanged.settled(filing.draft, submitted.draft_to_compare(filing)))
    stamps = {section: unchanged.Stamp.read(tick) for section, tick in ticks.items()}
    return {
        section: {"at": stamp.at.isoformat(), "post": stamp.post}
        for section, stamp in stamps.items()
        if stamp is not None
    }


def _write_rows(version: FilingVersion, review: checks.Review) -> None:
    ClassCount.objects.bulk_create(
        ClassCount(
            filing_version=version,
            position=position,
            name=row.name,
            grade=row.grade,
            was=row.was if row.was == row.name_in_last else "",
            **{column: cell.number for column, cell in row.cells.items()},
        )
        for position, row in enumerate(review.classes)
    )
    FilingExplanation.objects.bulk_create(
        FilingExplanation(
            version=version,
            code=finding.code,
            place=finding.place,
            says=finding.sentence,
            figures=finding.figures,
            text=text,
        )
        for finding, text in review.explained
    )
    write_parts(version, review.parts)


@transaction.atomic
def withdraw(*, filing_id: int, by: User, now: dt.datetime) -> MonthlyFiling:
    """Take a submitted return back to mend it, while nobody has accepted it."""
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_may_withdraw(filing, now)
    filing.state = MonthlyFiling.State.DRAFT
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["state", "revision", "updated_at"])
    steps.record(filing, FilingEvent.Action.WITHDRAWN, post, now)
    steps.ask_for_figures(filing, now)
    return filing
