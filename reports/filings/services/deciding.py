"""The bureau's decision on a submitted return: accept it, or send it back with reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from accounts.history.context import because
from accounts.models import Job, Membership, User
from indicators.services.freeze import freeze_facts
from kindergartens import policies
from kindergartens.models import FilingEvent, MonthlyFiling
from kindergartens.policies import NotAllowedNow
from reports.filings import pre_reviews
from reports.filings.services import steps


@transaction.atomic
def accept(
    *, filing_id: int, version_seen: int, by: User, now: dt.datetime, not_waiting: str = ""
) -> Job:
    """Accept the version that was read: freeze its facts and ask for the figures.

    `not_waiting` is why it is accepted although its town has not looked at it. Returns the
    recomputation's job. Raises NotAllowedNow when it is not waiting for review, waits for its town
    and no reason is given, has a newer version, was submitted or passed on by the same
    person, or the kindergarten was not running.
    """
    filing = accept_without_figures(
        filing_id=filing_id, version_seen=version_seen, by=by, now=now, not_waiting=not_waiting
    )
    return steps.ask_for_figures(filing, now)


@transaction.atomic
def accept_without_figures(
    *, filing_id: int, version_seen: int, by: User, now: dt.datetime, not_waiting: str = ""
) -> MonthlyFiling:
    """`accept`, for whoever accepts several and then asks for their figures once."""
    filing = steps.locked(filing_id)
    post = steps.reviewer(by, filing)
    policies.check_may_review(filing, version_seen)
    steps.check_owes(filing)
    version = filing.versions.get(version=version_seen)
    steps.check_other_person(filing, version_seen, post, "另一位经办人审核")
    steps.check_not_pre_reviewer(filing, version_seen, post)
    not_waiting = steps.checked_length(not_waiting)
    # A reason stands only where it was needed: the town may have passed it on meanwhile.
    early = pre_reviews.waits(filing)
    if early and not not_waiting:
        raise NotAllowedNow(
            "这份月报还没有乡镇初审。请等乡镇街道初审通过；不等初审就接收的，请写明理由。"
        )
    filing.state = MonthlyFiling.State.ACCEPTED
    filing.accepted_version = version.version
    filing.revision += 1
    filing.updated_at = now
    filing.save(update_fields=["state", "accepted_version", "revision", "updated_at"])
    steps.record(filing, FilingEvent.Action.ACCEPTED, post, now, not_waiting if early else "")
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
    return _send_back(filing, field_reasons, reason, post, now)


@transaction.atomic
def pass_on(
    *, filing_id: int, version_seen: int, note: str, by: User, now: dt.datetime
) -> MonthlyFiling:
    """The town has looked at the version and passes it on to the bureau, with words or without.

    Raises NotAllowedNow when it does not wait for its town (any more), has a newer version, or was
    submitted by the same person.
    """
    filing = steps.locked(filing_id)
    post = steps.pre_reviewer(by, filing)
    _check_waits_for_town(filing, version_seen)
    steps.check_other_person(filing, version_seen, post, "另一位经办人初审")
    steps.record(filing, FilingEvent.Action.PASSED_ON, post, now, steps.checked_length(note))
    return filing


@transaction.atomic
def send_back_from_town(
    *,
    filing_id: int,
    version_seen: int,
    field_reasons: Mapping[str, str],
    reason: str,
    by: User,
    now: dt.datetime,
) -> MonthlyFiling:
    """The town returns what waits for it, as `send_back` does. Raises NotAllowedNow."""
    filing = steps.locked(filing_id)
    post = steps.pre_reviewer(by, filing)
    _check_waits_for_town(filing, version_seen)
    steps.check_other_person(filing, version_seen, post, "另一位经办人初审")
    policies.check_may_send_back(filing, version_seen, now)
    return _send_back(filing, field_reasons, reason, post, now)


def _check_waits_for_town(filing: MonthlyFiling, version_seen: int) -> None:
    policies.check_may_review(filing, version_seen)
    if not pre_reviews.waits(filing):
        raise NotAllowedNow(
            "这份月报不用再初审：已经初审通过，或者这个月没有设乡镇初审。请刷新页面看最新状态。"
        )


def _send_back(
    filing: MonthlyFiling,
    field_reasons: Mapping[str, str],
    reason: str,
    post: Membership,
    now: dt.datetime,
) -> MonthlyFiling:
    reason = steps.checked_length(reason)
    reasons = {
        key: text for key, typed in field_reasons.items() if (text := steps.checked_length(typed))
    }
    if not reasons and not reason:
        raise NotAllowedNow("请至少写一条退回原因，园所才知道改哪里。")
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
