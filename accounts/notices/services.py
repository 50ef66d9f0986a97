"""Sending messages inside the portal, and reading them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.models import (
    Membership,
    Notice,
    NoticeMailbox,
    NoticeReading,
    Organisation,
    User,
)
from accounts.notices import selectors


@dataclass(frozen=True)
class Message:
    """What one organisation is told; `link` is a path of this portal."""

    organisation: Organisation
    kind: Notice.Kind
    title: str
    text: str
    link: str


def send(messages: Sequence[Message], *, post: Membership, now: dt.datetime) -> list[Notice]:
    """Write messages in the caller's transaction, in their order. One query.

    They are there for everybody who acts for the organisation once that commits.
    """
    return Notice.objects.bulk_create(
        Notice(
            organisation=message.organisation,
            kind=message.kind,
            title=message.title,
            text=message.text,
            link=message.link,
            sent_as=post,
            sent_at=now,
        )
        for message in messages
    )


@transaction.atomic
def mark_read(*, by: User, now: dt.datetime, notice: Notice | None = None) -> int:
    """Keep that the person has read one message, or all that are unread to them.

    How many messages that were: the one that is given counts even where it was read before, and
    keeps the time at which it was.
    """
    if by.acting is None:
        return 0
    waiting = selectors.unread(by) if notice is None else [notice]
    made = [NoticeReading(notice=one, user=by, read_as=by.acting, read_at=now) for one in waiting]
    NoticeReading.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


@transaction.atomic
def set_mailbox(*, address: str, by: User) -> None:
    """Keep the mailbox of the person's own organisation; "" sends no e-mail any more."""
    post = by.acting
    if post is None or not by.can(Permission.READ_NOTICES):
        raise PermissionDenied("您现在的岗位不能设置本单位的邮箱。")
    NoticeMailbox.objects.visible_to(by).update_or_create(
        organisation=post.organisation, defaults={"address": address, "set_as": post}
    )
