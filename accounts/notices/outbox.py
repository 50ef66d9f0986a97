"""Messages on their way out of the portal: queued with the message, sent by a job, each at most once.

A letter cannot be taken back when a transaction is. So the outbox writes on a connection of its
own, beside the job's transaction: a delivery is marked before it is sent, and a job that is
delivered a second time finds it marked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.jobs.services import enqueue
from accounts.models import Membership, Notice, NoticeDelivery, NoticeMailbox, User
from accounts.notices.channels import Channel, NotDelivered, Outgoing, channels_in_use

JOB_KIND = "send-notices"
# A server that answers slowly takes some seconds a message; a job ends within its time.
DELIVERIES_PER_JOB = 40
OF_ADDRESSEES = "mailboxes of organisations that are being sent a message"
OF_THIS_JOB = "deliveries that this job was queued for"

Progress = Callable[[int, int, str], None]


def queue(
    notices: Sequence[Notice], *, origin: str, post: Membership, now: dt.datetime
) -> list[NoticeDelivery]:
    """Queue messages for every channel in use, in the caller's transaction, and the jobs for them.

    `origin` (scheme and host) begins the addresses in them. Who has no mailbox is sent no e-mail.
    """
    channels = channels_in_use()
    if not channels or not notices:
        return []
    mailboxes = dict(
        NoticeMailbox.objects.unscoped(OF_ADDRESSEES)
        .filter(organisation__in=[notice.organisation_id for notice in notices])
        .exclude(address="")
        .values_list("organisation", "address")
    )
    made = NoticeDelivery.objects.bulk_create(
        NoticeDelivery(
            notice=notice,
            channel=channel.code,
            address=mailboxes.get(notice.organisation_id, "") if channel.needs_address else "",
            queued_at=now,
        )
        for notice in notices
        for channel in channels
        if not channel.needs_address or notice.organisation_id in mailboxes
    )
    _ask([one.pk for one in made], origin=origin, post=post, now=now)
    return made


def _ask(keys: list[int], *, origin: str, post: Membership, now: dt.datetime) -> None:
    for start in range(0, len(keys), DELIVERIES_PER_JOB):
        some = keys[start : start + DELIVERIES_PER_JOB]
        enqueue(
            kind=JOB_KIND,
            key=f"{JOB_KIND}:{some[0]}-{some[-1]}",
            title=f"发送站外通知{len(some)}条",
            arguments={"deliveries": some, "origin": origin},
            requested_as=post,
            now=now,
        )


@transaction.atomic
def queue_again(*, by: User, origin: str, now: dt.datetime, keys: Sequence[int]) -> int:
    """Queue what has failed once more; how many. Only one's own office's messages."""
    if by.acting is None:
        return 0
    failed = (
        NoticeDelivery.objects.visible_to(by)
        .filter(
            pk__in=keys,
            state=NoticeDelivery.State.FAILED,
            notice__sent_as__organisation=by.acting.organisation_id,
        )
        .select_for_update(of=("self",))
    )
    found = list(failed.order_by("pk").values_list("pk", flat=True))
    NoticeDelivery.objects.visible_to(by).filter(pk__in=found).update(
        state=NoticeDelivery.State.QUEUED, reason="", ended_at=None, queued_at=now
    )
    _ask(found, origin=origin, post=by.acting, now=now)
    return len(found)


def send_each(
    *, keys: Sequence[int], origin: str, clock: Callable[[], dt.datetime], progress: Progress
) -> None:
    """Send each delivery that is queued; one that was begun before is left as it is."""
    channels = {channel.code: channel for channel in channels_in_use()}
    rows = (
        NoticeDelivery.objects.unscoped(OF_THIS_JOB)
        .filter(pk__in=keys)
        .select_related("notice__organisation")
        .order_by("pk")
    )
    sent = failed = 0
    with _beside_the_job() as beside:
        for number, row in enumerate(rows):
            progress(number, len(keys), f"发给{row.notice.organisation.name}")
            if not _begin(beside, row.pk):
                continue
            reason = _send(channels.get(row.channel), row, origin)
            _end(beside, row.pk, reason, clock())
            sent, failed = sent + (not reason), failed + bool(reason)
    progress(len(keys), len(keys), f"已发出{sent}条" + (f"，没有发出{failed}条" if failed else ""))


def _send(channel: Channel | None, row: NoticeDelivery, origin: str) -> str:
    """Why it did not go out; empty when it did."""
    if channel is None:
        return "这个渠道已经停用"
    try:
        channel.send(
            Outgoing(
                key=str(row.pk),
                organisation=row.notice.organisation.name,
                organisation_key=row.notice.organisation_id,
                address=row.address,
                title=row.notice.title,
                text=row.notice.text,
                link=f"{origin}{row.notice.link}",
            )
        )
    except NotDelivered as failure:
        return str(failure)[:200]
    return ""


@contextmanager
def _beside_the_job() -> Iterator[BaseDatabaseWrapper]:
    connection = connections.create_connection("default")
    try:
        yield connection
    finally:
        connection.close()


def _begin(connection: BaseDatabaseWrapper, key: int) -> bool:
    """Take a queued delivery, for good: False where somebody has taken it already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_noticedelivery SET state = 'sending', attempts = attempts + 1"
            " WHERE id = %s AND state = 'queued'",
            [key],
        )
        return bool(cursor.rowcount)


def _end(connection: BaseDatabaseWrapper, key: int, reason: str, now: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_noticedelivery SET state = %s, reason = %s, ended_at = %s"
            " WHERE id = %s AND state = 'sending'",
            ["failed" if reason else "sent", reason, now, key],
        )
