"""Filling a return in: open, save, and put two windows together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Membership, User
from kindergartens import policies
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod, UploadedWorkbook
from reports.filings import drafts, merging, selectors, submitted, unchanged, uploads
from reports.filings.checks import reads_alike
from reports.filings.fee_schedules import schedule_of, with_charges
from reports.filings.incident_cases import with_cases
from reports.filings.self_checks import with_self_checks
from reports.filings.services import steps

MOST_TEXT_IN_A_DRAFT = 200_000


class Conflicting(steps.StaleRevision):
    """Both sides changed the same cells; nothing was saved. `merged.draft` has all the rest.

    `revision` is the one this side began with; `upload_id` the workbook it came with, 0 for none.
    """

    def __init__(
        self,
        filing: MonthlyFiling,
        merged: merging.Merged,
        savers: Mapping[str, drafts.Saved],
        revision: int,
        upload_id: int,
    ) -> None:
        self.merged, self.savers, self.revision = merged, savers, revision
        self.upload_id = upload_id
        super().__init__(filing)


@dataclass(frozen=True)
class Together:
    """A draft saved with what another window had changed meanwhile; who that was, by field key."""

    filing: MonthlyFiling
    merged: merging.Merged
    savers: Mapping[str, drafts.Saved]


class TooMuchText(Exception):
    """The draft is far longer than any return; it was not saved."""


@transaction.atomic
def open_filing(
    *, kindergarten: Kindergarten, period: ReportingPeriod, by: User, now: dt.datetime
) -> MonthlyFiling:
    """Begin a month's return, pre-filled from last month and from the registers of safety; opening
    twice gives the same return.

    Raises NotAllowedNow before it opens, after it locks, and for a kindergarten that owes none.
    """
    steps.filer(by, kindergarten)
    existing = kindergarten.filings.filter(month=period.month).first()
    if existing is not None:
        return existing
    policies.check_period_open(period, now, kindergarten_id=kindergarten.pk)
    status = selectors.status_on(kindergarten, period.reference_date)
    policies.check_owes_return(status, period)
    assert status is not None  # noqa: S101 - checked just above
    filing, _ = kindergarten.filings.get_or_create(
        month=period.month,
        defaults={
            "period": period,
            "town": status.town,
            "draft": _begun(kindergarten, period),
            "updated_at": now,
        },
    )
    return filing


def _begun(kindergarten: Kindergarten, period: ReportingPeriod) -> dict[str, Any]:
    """What a month begins with: the last return, the fee schedule, and what the registers know."""
    month = period.month
    last = submitted.last_submitted(kindergarten, month)
    schedule = schedule_of(kindergarten, period.reference_date)
    draft = with_charges(submitted.prefilled(last, month), last, schedule)
    draft = with_cases(draft, kindergarten, month)
    return with_self_checks(draft, kindergarten, month)


@transaction.atomic
def save_draft(
    *, filing_id: int, draft: Mapping[str, Any], revision: int, by: User, now: dt.datetime
) -> MonthlyFiling:
    """Keep what was typed, right or wrong, early or late.

    After the lock too: whoever had the form open loses nothing, and it counts for nothing until it
    is submitted. Raises StaleRevision when the return was saved elsewhere since this page was
    opened, and NotAllowedNow when it is under review or accepted; TooMuchText for a flood.
    """
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_being_filled_in(filing)
    draft = unchanged.stamped(draft, [filing.draft], unchanged.Stamp(now, post.pk))
    if filing.revision != revision:
        if _as_kept(filing, draft) == _as_kept(filing, filing.draft):
            return filing  # saved before, and only the answer was lost
        raise steps.StaleRevision(filing)
    return _save(filing, draft, post, now)


def _save(
    filing: MonthlyFiling, draft: Mapping[str, Any], post: Membership, now: dt.datetime
) -> MonthlyFiling:
    if len(str(draft)) > MOST_TEXT_IN_A_DRAFT:
        raise TooMuchText("内容太长，没有保存。请删去多余的文字后再试。")
    drafts.keep(filing, post=post, now=now)
    filing.draft = _as_kept(filing, draft)
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["draft", "revision", "updated_at"])
    return filing


def _as_kept(filing: MonthlyFiling, draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with those ticks of 与上月相同 that still hold; without any tick as it is."""
    if not any(unchanged.ticks(draft).values()):
        return unchanged.without_ticks(draft)
    return unchanged.settled(draft, submitted.draft_to_compare(filing))


@transaction.atomic
def merge_draft(
    *,
    filing_id: int,
    draft: Mapping[str, Any],
    revision: int,
    picks: Mapping[str, str],
    by: User,
    now: dt.datetime,
    upload_id: int = 0,
) -> Together:
    """Save what was typed in a window that opened at an earlier revision, cell by cell.

    What only one side changed is taken over as it is. Raises Conflicting with the cells that both
    changed, unless `picks` says for each which to keep (merging.Conflict.choice); then nothing is
    saved. Else refuses as save_draft does. `upload_id`: the draft came with that workbook, and
    begins with what the same workbook said when it was uploaded before.
    """
    filing = steps.locked(filing_id)
    post = steps.filer(by, filing.kindergarten)
    policies.check_being_filled_in(filing)
    upload = uploads.waiting(filing, upload_id, post) if upload_id else None
    earlier = None if upload is None else uploads.before(filing, upload.workbook, post)
    base, since = _beginning(filing, revision, earlier)
    draft = unchanged.stamped(draft, [filing.draft, base], unchanged.Stamp(now, post.pk))
    touched = drafts.touched(filing, since=since) if base is not None else ()
    merged = merging.merge(
        None if base is None else unchanged.with_every_tick(base),
        unchanged.with_every_tick(filing.draft),
        draft,
        picks,
        touched,
        alike=reads_alike,
    )
    keys = [*merged.taken, *(conflict.key for conflict in merged.conflicts)]
    savers = drafts.savers(filing, keys, since=revision)
    if merged.conflicts:
        raise Conflicting(filing, merged, savers, revision, 0 if upload is None else upload.pk)
    if _as_kept(filing, merged.draft) != filing.draft:
        filing = _save(filing, merged.draft, post, now)
    if upload is not None:
        uploads.settle(upload, filing)
    return Together(filing, merged, savers)


def _beginning(
    filing: MonthlyFiling, revision: int, earlier: UploadedWorkbook | None
) -> tuple[Mapping[str, Any] | None, int]:
    """The draft that a side began with, and since which save it has not seen the other's."""
    if earlier is None or earlier.revision is None:
        return drafts.at_revision(filing, revision), revision
    said: Mapping[str, Any] = earlier.said
    return said, earlier.revision
