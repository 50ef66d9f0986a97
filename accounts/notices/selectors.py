"""Reads for messages: what an organisation was sent, and what a person has not read yet."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from accounts.models import Notice, NoticeMailbox, NoticeReading, User

ONES_OWN = "whether the person reading has read a message that is theirs to see"


def _readings(user: User) -> QuerySet[NoticeReading]:
    return NoticeReading.objects.unscoped(ONES_OWN).filter(notice=OuterRef("pk"), user=user.pk)


def _is_unread(user: User) -> Q:
    """Not read by the person. What was sent before their post began was their predecessor's."""
    assert user.acting is not None  # noqa: S101 - asked for people in a post alone
    return Q(~Exists(_readings(user)), sent_at__date__gte=user.acting.valid_from)


def notices_of(user: User) -> QuerySet[Any]:
    """The person's messages, newest first.

    With `read_at` of this person (None: not read) and `is_unread`, which the predecessor's are not.
    """
    return (
        Notice.objects.visible_to(user)
        .annotate(
            read_at=Subquery(_readings(user).values("read_at")[:1]),
            is_unread=ExpressionWrapper(_is_unread(user), output_field=BooleanField()),
        )
        .select_related("sent_as__user", "sent_as__organisation")
    )


def unread(user: User) -> QuerySet[Any]:
    """Those that are unread to the person, in no order."""
    return Notice.objects.visible_to(user).filter(_is_unread(user)).order_by()


def mailbox_of(user: User) -> str:
    """The own organisation's mailbox; "" without one."""
    return NoticeMailbox.objects.visible_to(user).values_list("address", flat=True).first() or ""
