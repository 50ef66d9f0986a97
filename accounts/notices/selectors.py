"""Reads for messages: what an organisation was sent, and what a person has not read yet."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Notice, NoticeMailbox, NoticeReading, User

ONES_OWN = "whether the person reading has read a message that is theirs to see"


def notices_of(user: User) -> QuerySet[Any]:
    """The person's messages, newest first, with `read_at` of this person (None: not read)."""
    own = NoticeReading.objects.unscoped(ONES_OWN).filter(notice=OuterRef("pk"), user=user.pk)
    return (
        Notice.objects.visible_to(user)
        .annotate(read_at=Subquery(own.values("read_at")[:1]))
        .select_related("sent_as__user", "sent_as__organisation")
    )


def unread(user: User) -> QuerySet[Any]:
    """Those the person has not read. What was sent before their post began was their predecessor's."""
    assert user.acting is not None  # noqa: S101 - asked for people in a post alone
    own = NoticeReading.objects.unscoped(ONES_OWN).filter(notice=OuterRef("pk"), user=user.pk)
    return (
        Notice.objects.visible_to(user)
        .filter(~Exists(own), sent_at__date__gte=user.acting.valid_from)
        .order_by()
    )


def mailbox_of(user: User) -> str:
    """The own organisation's mailbox; "" without one."""
    return NoticeMailbox.objects.visible_to(user).values_list("address", flat=True).first() or ""
