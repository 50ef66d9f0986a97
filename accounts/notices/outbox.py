"""Messages on their way out of the portal: queued with the message, sent by a job, each at most once.

A letter cannot be taken back when a transaction is. So the outbox writes on a connection of its
own, beside the job's transaction: a delivery is marked before it is sent, and a job that is
delivered a second time finds it marked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.jobs.services import enqueue
from accounts.models import Job, Membership, Notice, NoticeDelivery, NoticeMailbox, User
from accounts.notices.channels import (
    Channel,
    NotDelivered,
    Outgoing,
    Unconfirmed,
    channels_in_use,
)

JOB_KIND = "send-notices"
DELIVERIES_PER_JOB = 10
# A mail server may take its ten seconds (EMAIL_TIMEOUT) for each of a dozen answers to one letter.
# So no message is begun later than this in a job: the last one still ends before the job is cut off
# (tasks.py), and what is left goes to a job of its own.
BEGIN_WITHIN = dt.timedelta(seconds=90)
OF_ADDRESSEES = "mailboxes of organisations that are being sent a message"
OF_THIS_JOB = "deliveries that this job was queued for"
OF_ANYBODY = "whether some job still holds a delivery, whoever asked for it"
State = NoticeDelivery.State

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


def _ask(keys: list[int], *, origin: str, post: Membership | None, now: dt.datetime) -> None:
    for start in range(0, len(keys), DELIVERIES_PER_JOB):
        some = keys[start : start + DELIVERIES_PER_JOB]
        # By every key: two lists may begin and end alike, and only the same list is the same job.
        digest = hashlib.sha256(repr(some).encode()).hexdigest()[:16]
        enqueue(
            kind=JOB_KIND,
            key=f"{JOB_KIND}:{digest}",
            title=f"发送站外通知{len(some)}条",
            arguments={"deliveries": some, "origin": origin},
            requested_as=post,
            now=now,
        )


@transaction.atomic
def queue_again(*, by: User, origin: str, now: dt.datetime, keys: Sequence[int]) -> int:
    """Queue once more what has failed, and what waits though no job will send it; how many.

    Only one's own office's messages.
    """
    if by.acting is None:
        return 0
    open_ones = (
        NoticeDelivery.objects.visible_to(by)
        .filter(
            pk__in=keys,
            state__in=[State.FAILED, State.QUEUED],
            notice__sent_as__organisation=by.acting.organisation_id,
        )
        .select_for_update(of=("self",))
    )
    locked = dict(open_ones.order_by("pk").values_list("pk", "state"))
    # Asked after the rows are locked: whoever queued them in between has committed the job.
    waiting = {key for key, state in locked.items() if state == State.QUEUED}
    stranded = left_behind(waiting)
    found = [key for key in locked if key not in waiting or key in stranded]
    NoticeDelivery.objects.visible_to(by).filter(pk__in=found).update(
        state=State.QUEUED, reason="", ended_at=None, queued_at=now
    )
    _ask(found, origin=origin, post=by.acting, now=now)
    return len(found)


def left_behind(queued: Collection[int]) -> set[int]:
    """Those of the queued deliveries that no waiting or running job holds: its job was given up.

    One query; none where nothing is queued.
    """
    if not queued:
        return set()
    at_work = (
        Job.objects.unscoped(OF_ANYBODY)
        .filter(kind=JOB_KIND, state__in=[Job.State.QUEUED, Job.State.RUNNING])
        .values_list("arguments", flat=True)
    )
    return set(queued) - {key for arguments in at_work for key in arguments["deliveries"]}


def send_each(
    *,
    keys: Sequence[int],
    origin: str,
    post: Membership | None,
    clock: Callable[[], dt.datetime],
    progress: Progress,
) -> None:
    """Send each delivery that is queued; one that was begun before is left as it is.

    What is not begun in time is queued for another job of the same `post`, in the caller's
    transaction.
    """
    channels = {channel.code: channel for channel in channels_in_use()}
    rows = list(
        NoticeDelivery.objects.unscoped(OF_THIS_JOB)
        .filter(pk__in=keys, state=State.QUEUED)
        .select_related("notice__organisation")
        .order_by("pk")
    )
    began, ended, left = clock(), Counter[str](), list[int]()
    with _beside_the_job() as beside:
        for number, row in enumerate(rows):
            if clock() - began > BEGIN_WITHIN:
                left = [one.pk for one in rows[number:]]
                break
            progress(number, len(rows), f"发给{row.notice.organisation.name}")
            if not _begin(beside, row.pk):
                continue
            state, reason = _send(channels.get(row.channel), row, origin)
            _end(beside, row.pk, state, reason, clock())
            ended[state] += 1
    _ask(left, origin=origin, post=post, now=clock())
    progress(len(rows) - len(left), len(rows), _said(ended, len(left)))


def _said(ended: Counter[str], left: int) -> str:
    words = [f"已发出{ended[State.SENT]}条"]
    if ended[State.FAILED]:
        words.append(f"没有发出{ended[State.FAILED]}条")
    if ended[State.SENDING]:
        words.append(f"{ended[State.SENDING]}条不能确定是否发出")
    if left:
        words.append(f"其余{left}条另排队发送")
    return "，".join(words)


def _send(channel: Channel | None, row: NoticeDelivery, origin: str) -> tuple[State, str]:
    """The state it is left in, and why where it did not go out or nobody can tell."""
    if channel is None:
        return State.FAILED, "这个渠道已经停用"
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
        return State.FAILED, str(failure)[:200]
    except Unconfirmed as doubt:
        return State.SENDING, str(doubt)[:200]
    return State.SENT, ""


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


def _end(
    connection: BaseDatabaseWrapper, key: int, state: State, reason: str, now: dt.datetime
) -> None:
    """Keep what became of it. What nobody can tell has no end, and stays in sending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_noticedelivery SET state = %s, reason = %s, ended_at = %s"
            " WHERE id = %s AND state = 'sending'",
            [state, reason, None if state == State.SENDING else now, key],
        )
