"""What people do with a monthly return: open, save, submit, withdraw, accept, send back.

Each is one transaction that checks the state, writes the change and its record together, and
asks for the recomputation where figures move. Every function locks the return's row first, so
that two tabs or two people act one after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.duties import separate
from accounts.access.permissions import Permission
from accounts.files import store
from accounts.files.intake import Accepted
from accounts.history.context import because
from accounts.history.recording import Action, record_access
from accounts.models import Job, Membership, User
from indicators.services.freeze import freeze_facts
from kindergartens import policies
from kindergartens.models import (
    ClassCount,
    FilingAttachment,
    FilingEvent,
    FilingExplanation,
    FilingVersion,
    Kindergarten,
    MonthlyFiling,
    ReportingPeriod,
)
from kindergartens.policies import NotAllowedNow
from kindergartens.recompute import ask_for_figures
from kindergartens.rules import CLASS_SIZE_LIMITS
from reports.filings import checks, drafts, merging, selectors
from reports.filings.peer_figures import peers_of_filing
from reports.filings.room import check_room
from staffing.models import StaffCount

MOST_TEXT_IN_A_DRAFT = 200_000
MOST_IN_A_REASON = 300


class StaleRevision(Exception):
    """Someone saved this return since the page was opened."""

    def __init__(self, filing: MonthlyFiling) -> None:
        self.filing = filing
        super().__init__("这份月报在别处改过了")


class Conflicting(StaleRevision):
    """Both sides changed the same cells; nothing was saved. `merged.draft` has all the rest."""

    def __init__(
        self,
        filing: MonthlyFiling,
        merged: merging.Merged,
        savers: Mapping[str, drafts.Saved],
    ) -> None:
        self.merged, self.savers = merged, savers
        super().__init__(filing)


@dataclass(frozen=True)
class Together:
    """A draft saved with what another window had changed meanwhile; who that was, by field key."""

    filing: MonthlyFiling
    merged: merging.Merged
    savers: Mapping[str, drafts.Saved]


class TooMuchText(Exception):
    """The draft is far longer than any return; it was not saved."""


class NotSubmittable(Exception):
    """The return has fields to mend first; they are in the review."""

    def __init__(self, review: checks.Review) -> None:
        self.review = review
        super().__init__(f"还有{len(review.problems)}处要处理")


def _filer(by: User, kindergarten: Kindergarten) -> Membership:
    """The post in which a person may file this kindergarten's returns."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.FILE_RETURN)
        or post.organisation_id != kindergarten.organisation_id
    ):
        raise PermissionDenied("只有本园的园长和资料员可以填报本园月报。")
    return post


def _reviewer(by: User, filing: MonthlyFiling) -> Membership:
    """The post in which a person may review this return."""
    post = by.acting
    if (
        post is None
        or not by.can(Permission.REVIEW_RETURNS)
        or not MonthlyFiling.objects.visible_to(by).filter(pk=filing.pk).exists()
    ):
        raise PermissionDenied("只有所在区县教育局的经办人可以审核这份月报。")
    return post


def _check_owes(filing: MonthlyFiling) -> None:
    """Raise NotAllowedNow when the kindergarten does not owe this return (any more)."""
    day = filing.period.reference_date
    policies.check_owes_return(selectors.status_on(filing.kindergarten, day), filing.period)


def _locked(filing_id: int) -> MonthlyFiling:
    return (
        MonthlyFiling.objects.unscoped("rights are checked on the row once it is locked")
        .select_for_update(of=("self",))
        .select_related("period__county", "kindergarten__organisation")
        .get(pk=filing_id)
    )


def review_draft(filing: MonthlyFiling, draft: Mapping[str, Any] | None = None) -> checks.Review:
    """Check a draft (the saved one unless another is given) against last month's return."""
    return review_beside(
        selectors.last_submitted(filing.kindergarten, filing.month),
        filing.month,
        filing.draft if draft is None else draft,
        peers=peers_of_filing(filing),
    )


def review_beside(
    last: selectors.Submitted | None,
    month: dt.date,
    draft: Mapping[str, Any],
    *,
    peers: Mapping[str, checks.Peers],
) -> checks.Review:
    """Check a draft of a month against what is in hand already; asks nothing of the database."""
    return checks.review(
        draft,
        selectors.last_classes(last),
        {str(grade): limit for grade, limit in CLASS_SIZE_LIMITS.items()},
        compare_with_last=last is not None and last.compares_with(month),
        missed_since=None if last is None else checks.missed_since(month, last.month),
        flows=selectors.flows_add_up(last, month),
        working_days=selectors.working_days(month),
        peers=peers,
    )


@transaction.atomic
def open_filing(
    *, kindergarten: Kindergarten, period: ReportingPeriod, by: User, now: dt.datetime
) -> MonthlyFiling:
    """Begin a month's return, pre-filled from last month; opening twice gives the same return.

    Raises NotAllowedNow before it opens, after it locks, and for a kindergarten that owes none.
    """
    _filer(by, kindergarten)
    existing = kindergarten.filings.filter(month=period.month).first()
    if existing is not None:
        return existing
    policies.check_period_open(period, now, kindergarten_id=kindergarten.pk)
    status = selectors.status_on(kindergarten, period.reference_date)
    policies.check_owes_return(status, period)
    assert status is not None  # noqa: S101 - checked just above
    last = selectors.last_submitted(kindergarten, period.month)
    filing, _ = kindergarten.filings.get_or_create(
        month=period.month,
        defaults={
            "period": period,
            "town": status.town,
            "draft": selectors.prefilled(last, period.month),
            "updated_at": now,
        },
    )
    return filing


@transaction.atomic
def save_draft(
    *, filing_id: int, draft: Mapping[str, Any], revision: int, by: User, now: dt.datetime
) -> MonthlyFiling:
    """Keep what was typed, right or wrong, early or late.

    After the lock too: whoever had the form open loses nothing, and it counts for nothing until it
    is submitted. Raises StaleRevision when the return was saved elsewhere since this page was
    opened, and NotAllowedNow when it is under review or accepted; TooMuchText for a flood.
    """
    filing = _locked(filing_id)
    post = _filer(by, filing.kindergarten)
    policies.check_being_filled_in(filing)
    if filing.revision != revision:
        if filing.draft == dict(draft):
            return filing  # saved before, and only the answer was lost
        raise StaleRevision(filing)
    return _save(filing, draft, post, now)


def _save(
    filing: MonthlyFiling, draft: Mapping[str, Any], post: Membership, now: dt.datetime
) -> MonthlyFiling:
    if len(str(draft)) > MOST_TEXT_IN_A_DRAFT:
        raise TooMuchText("内容太长，没有保存。请删去多余的文字后再试。")
    drafts.keep(filing, post=post, now=now)
    filing.draft = dict(draft)
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["draft", "revision", "updated_at"])
    return filing


@transaction.atomic
def merge_draft(
    *,
    filing_id: int,
    draft: Mapping[str, Any],
    revision: int,
    picks: Mapping[str, str],
    by: User,
    now: dt.datetime,
) -> Together:
    """Save what was typed in a window that opened at an earlier revision, cell by cell.

    What only one side changed is taken over as it is. Raises Conflicting with the cells that both
    changed, unless `picks` says for each which to keep (merging.Conflict.choice); then nothing is
    saved. Else refuses as save_draft does.
    """
    filing = _locked(filing_id)
    post = _filer(by, filing.kindergarten)
    policies.check_being_filled_in(filing)
    merged = merging.merge(drafts.at_revision(filing, revision), filing.draft, draft, picks)
    keys = [*merged.taken, *(conflict.key for conflict in merged.conflicts)]
    savers = drafts.savers(filing, keys, since=revision)
    if merged.conflicts:
        raise Conflicting(filing, merged, savers)
    if merged.draft != filing.draft:
        filing = _save(filing, merged.draft, post, now)
    return Together(filing, merged, savers)


@transaction.atomic
def attach(*, filing_id: int, accepted: Accepted, by: User, now: dt.datetime) -> FilingAttachment:
    """Add a supporting document to the return being filled in: part of the next version.

    Raises NotAllowedNow when the return may not be changed, has enough attachments, or has this
    very file already; FileRefused for a virus.
    """
    filing = _locked(filing_id)
    post = _filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    there = filing.attachments.filter(until_version__isnull=True)
    check_room(filing, len(accepted.content))
    stored = store.keep(accepted, post=post, now=now)
    same = there.filter(file=stored).first()
    if same is not None:
        raise NotAllowedNow(f"这个文件已经在附件里（{same.name}），不用再传。")
    attachment = FilingAttachment.objects.create(
        filing=filing,
        file=stored,
        name=accepted.name,
        from_version=filing.version + 1,
        added_as=post,
        added_at=now,
    )
    record_access(Action.UPLOAD, by=by, at=now, target=attachment)
    return attachment


@transaction.atomic
def detach(*, filing_id: int, attachment_id: UUID, by: User, now: dt.datetime) -> None:
    """Take an attachment away from the next version on; versions already submitted keep it.

    Taking away what is not there (any more) does nothing. Raises NotAllowedNow.
    """
    filing = _locked(filing_id)
    _filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    there = filing.attachments.filter(pk=attachment_id, until_version__isnull=True)
    there.filter(from_version__gt=filing.version).delete()
    there.filter(from_version__lte=filing.version).update(until_version=filing.version + 1)


@transaction.atomic
def submit(*, filing_id: int, revision: int, by: User, now: dt.datetime) -> FilingVersion:
    """Submit the saved draft as a new version.

    Raises NotSubmittable with everything to mend, StaleRevision, or NotAllowedNow (already
    submitted, locked, closed).
    """
    filing = _locked(filing_id)
    post = _filer(by, filing.kindergarten)
    policies.check_may_edit(filing, now)
    _check_owes(filing)
    if filing.revision != revision:
        raise StaleRevision(filing)
    review = review_draft(filing)
    if not review.may_be_submitted:
        raise NotSubmittable(review)
    version = FilingVersion.objects.create(
        filing=filing,
        version=filing.version + 1,
        days_open=review.days_open.number,
        remarks=review.remarks,
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
    _record(filing, FilingEvent.Action.SUBMITTED, post, now)
    _ask_for_figures(filing, now)
    return version


def _write_rows(version: FilingVersion, review: checks.Review) -> None:
    ClassCount.objects.bulk_create(
        ClassCount(
            filing_version=version,
            position=position,
            name=row.name,
            grade=row.grade,
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
    StaffCount.objects.bulk_create(
        StaffCount(
            filing_version=version,
            post=row.post,
            people=row.people.number,
            certified=None if row.certified is None else row.certified.number,
        )
        for row in review.staff
    )


@transaction.atomic
def withdraw(*, filing_id: int, by: User, now: dt.datetime) -> MonthlyFiling:
    """Take a submitted return back to mend it, while nobody has accepted it."""
    filing = _locked(filing_id)
    post = _filer(by, filing.kindergarten)
    policies.check_may_withdraw(filing, now)
    filing.state = MonthlyFiling.State.DRAFT
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["state", "revision", "updated_at"])
    _record(filing, FilingEvent.Action.WITHDRAWN, post, now)
    _ask_for_figures(filing, now)
    return filing


@transaction.atomic
def accept(*, filing_id: int, version_seen: int, by: User, now: dt.datetime) -> Job:
    """Accept the version that was read: freeze its facts and ask for the figures.

    Returns the recomputation's job. Raises NotAllowedNow when it is not waiting for review, has
    a newer version, was submitted by the same person, or the kindergarten was not running.
    """
    filing = accept_without_figures(filing_id=filing_id, version_seen=version_seen, by=by, now=now)
    return _ask_for_figures(filing, now)


@transaction.atomic
def accept_without_figures(
    *, filing_id: int, version_seen: int, by: User, now: dt.datetime
) -> MonthlyFiling:
    """`accept`, for whoever accepts several and then asks for their figures once."""
    filing = _locked(filing_id)
    post = _reviewer(by, filing)
    policies.check_may_review(filing, version_seen)
    _check_owes(filing)
    version = filing.versions.select_related("submitted_as__deputises_for").get(
        version=version_seen
    )
    if not separate(version.submitted_as.actor, post.actor):
        raise NotAllowedNow("这份月报是您自己提交的，或是您代办的人提交的，要由另一位经办人审核。")
    filing.state = MonthlyFiling.State.ACCEPTED
    filing.accepted_version = version.version
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["state", "accepted_version", "revision", "updated_at"])
    _record(filing, FilingEvent.Action.ACCEPTED, post, now)
    freeze_facts(version_ids=[version.pk], accepted_at=now)
    return filing


@transaction.atomic
def send_back(
    *,
    filing_id: int,
    version_seen: int,
    field_reasons: Mapping[str, str],
    reason: str,
    by: User,
    now: dt.datetime,
    reopen: bool = True,
) -> MonthlyFiling:
    """Return a submitted (or already accepted) return with a reason per field.

    At least one reason is needed. An accepted return keeps counting until its correction is
    accepted. `reopen` False: the page that was read showed it as waiting, so one that a colleague
    accepted meanwhile stays accepted. Raises NotAllowedNow.
    """
    filing = _locked(filing_id)
    post = _reviewer(by, filing)
    if not reopen:
        policies.check_may_review(filing, version_seen)
    policies.check_may_send_back(filing, version_seen, now)
    reason = reason.strip()
    reasons = {key: text.strip() for key, text in field_reasons.items() if text.strip()}
    if not reasons and not reason:
        raise NotAllowedNow("请至少写一条退回原因，园所才知道改哪里。")
    for text in (reason, *reasons.values()):
        if len(text) > MOST_IN_A_REASON:
            raise NotAllowedNow(
                f"“{text[:10]}…”写了{len(text)}字，每条原因最多{MOST_IN_A_REASON}字。请删减。"
            )
    reopened = filing.state == MonthlyFiling.State.ACCEPTED
    filing.state = MonthlyFiling.State.RETURNED
    filing.revision += 1
    filing.updated_at = now
    with because(reason or "；".join(reasons.values())):
        filing.save(update_fields=["state", "revision", "updated_at"])
    FilingEvent.objects.create(
        filing=filing,
        action=FilingEvent.Action.REOPENED if reopened else FilingEvent.Action.RETURNED,
        version=filing.version,
        at=now,
        done_as=post,
        reason=reason,
        field_reasons=reasons,
    )
    _ask_for_figures(filing, now)
    return filing


def _record(
    filing: MonthlyFiling, action: FilingEvent.Action, post: Membership, now: dt.datetime
) -> None:
    FilingEvent.objects.create(
        filing=filing, action=action, version=filing.version, at=now, done_as=post
    )


def _ask_for_figures(filing: MonthlyFiling, now: dt.datetime) -> Job:
    """Coverage moves at every step and figures at acceptance, so each step asks anew."""
    return ask_for_figures(county=filing.period.county, month=filing.month, now=now)
