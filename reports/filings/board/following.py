"""Following up (跟进): an officer marks what is odd in a return, and later says what came of it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import MonthlyFiling
from reports.filings.board.models import FollowUp

MOST_TEXT = 300


class FollowUpRefused(Exception):
    """It cannot be opened or closed now; the text says why."""


def _officer(by: User) -> Membership:
    post = by.acting
    if post is None or not by.can(Permission.REVIEW_RETURNS):
        raise PermissionDenied("只有所在区县教育局的经办人可以跟进月报。")
    return post


def _checked(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise FollowUpRefused(f"请写明{what}。")
    if len(text) > MOST_TEXT:
        raise FollowUpRefused(f"写了{len(text)}字，最多{MOST_TEXT}字。请删减。")
    return text


@transaction.atomic
def open_follow_up(*, filing_id: int, note: str, by: User, now: dt.datetime) -> FollowUp:
    """Mark a submitted return for follow-up; whatever its state, it changes nothing in it.

    Raises FollowUpRefused without a note, before anything was submitted, or with one that is open;
    MonthlyFiling.DoesNotExist outside the person's area.
    """
    post = _officer(by)
    note = _checked(note, "要跟进什么")
    filing = MonthlyFiling.objects.visible_to(by).select_for_update(of=("self",)).get(pk=filing_id)
    if not filing.version:
        raise FollowUpRefused("这份月报还没有提交过，没有可以跟进的内容。")
    if FollowUp.objects.visible_to(by).filter(filing=filing, closed_at=None).exists():
        raise FollowUpRefused("这份月报已经在跟进。要补充的，先办结原来的，再提一条。")
    return FollowUp.objects.create(
        filing=filing, version=filing.version, note=note, opened_as=post, opened_at=now
    )


@transaction.atomic
def close_follow_up(*, follow_up_id: int, outcome: str, by: User, now: dt.datetime) -> FollowUp:
    """Say what came of it. Raises FollowUpRefused without words, or when it is closed already."""
    post = _officer(by)
    outcome = _checked(outcome, "跟进的结果")
    found = FollowUp.objects.visible_to(by).select_for_update(of=("self",)).get(pk=follow_up_id)
    if found.closed_at is not None:
        raise FollowUpRefused("这条已经办结，结果不能再改。还有疑问的，再提一条。")
    found.outcome, found.closed_as, found.closed_at = outcome, post, now
    with because(outcome):
        found.save(update_fields=["outcome", "closed_as", "closed_at"])
    return found
