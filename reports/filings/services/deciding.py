"""The bureau's decision on a submitted return: accept it, or send it back with reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from accounts.access.duties import separate
from accounts.history.context import because
from accounts.models import Job, User
from indicators.services.freeze import freeze_facts
from kindergartens import policies
from kindergartens.models import FilingEvent, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings.services import steps

MOST_IN_A_REASON = 300


@transaction.atomic
def accept(*, filing_id: int, version_seen: int, by: User, now: dt.datetime) -> Job:
    """Accept the version that was read: freeze its facts and ask for the figures.

    Returns the recomputation's job. Raises NotAllowedNow when it is not waiting for review, has
    a newer version, was submitted by the same person, or the kindergarten was not running.
    """
    filing = accept_without_figures(filing_id=filing_id, version_seen=version_seen, by=by, now=now)
    return steps.ask_for_figures(filing, now)


@transaction.atomic
def accept_without_figures(
    *, filing_id: int, version_seen: int, by: User, now: dt.datetime
) -> MonthlyFiling:
    """`accept`, for whoever accepts several and then asks for their figures once."""
    filing = steps.locked(filing_id)
    post = steps.reviewer(by, filing)
    policies.check_may_review(filing, version_seen)
    steps.check_owes(filing)
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
    steps.record(filing, FilingEvent.Action.ACCEPTED, post, now)
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
    filing = steps.locked(filing_id)
    post = steps.reviewer(by, filing)
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
    steps.ask_for_figures(filing, now)
    return filing
