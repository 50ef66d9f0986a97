"""Urging (催报): ask kindergartens for a month's return that is missing or was sent back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.formatting import zhdatetime, zhmonth
from accounts.models import Membership, Notice, User
from accounts.notices.outbox import queue
from accounts.notices.services import Message, send
from kindergartens.models import FilingUrge, Kindergarten
from reports.filings.board import selectors
from reports.filings.board.rules import Urging

MOST_IN_A_NOTE = 120
FOUND_FOR_THE_PERSON = "kindergartens found among those that owe in the person's area"


@dataclass(frozen=True)
class Urged:
    """Who was urged, and who was not and why, each by name."""

    urged: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


class NoteTooLong(Exception):
    """The remark is longer than a message may be; the text says by how much."""


@transaction.atomic
def urge(
    *,
    month: dt.date,
    kindergarten_ids: Collection[int],
    note: str,
    by: User,
    now: dt.datetime,
    origin: str = "",
) -> Urged:
    """Send each kindergarten one message, and keep who urged it.

    Left out, with the reason: who filed meanwhile, who cannot file now, and who was urged today
    already, by whomever. Running it twice sends nothing twice. `origin` (scheme and host) begins the
    addresses in what leaves the portal. Raises PermissionDenied and
    NoteTooLong.
    """
    post = by.acting
    if post is None or not by.can(Permission.URGE_RETURNS):
        raise PermissionDenied("您现在的岗位不能催报。")
    if len(note) > MOST_IN_A_NOTE:
        raise NoteTooLong(f"附言写了{len(note)}字，最多{MOST_IN_A_NOTE}字。请删减。")
    owed = selectors.owed_in_area(by, month, now=now).filter(kindergarten__in=kindergarten_ids)
    keys = sorted(owed.order_by().values_list("kindergarten", flat=True))
    # Whoever urges the same kindergartens at the same moment waits here, and then finds it done.
    locked = Kindergarten.objects.unscoped(FOUND_FOR_THE_PERSON).filter(pk__in=keys)
    list(locked.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    rows = selectors.with_urging(selectors.in_order(owed.all(), "town"), now=now).select_related(
        "kindergarten__organisation"
    )
    today = timezone.localdate(now)
    before = selectors.urged_on(today, keys)
    done = Urged()
    waiting: list[Any] = []
    for row in rows:
        reason = _why_not(row, before)
        if reason:
            done.left_out.append((row.kindergarten.name, reason))
        else:
            waiting.append(row)
    notices = send([_message(row, month, note, now) for row in waiting], post=post, now=now)
    _keep(waiting, notices, post, today, now)
    queue(notices, origin=origin, post=post, now=now)
    done.urged.extend(row.kindergarten.name for row in waiting)
    return done


def _keep(
    rows: list[Any], notices: list[Notice], post: Membership, today: dt.date, now: dt.datetime
) -> None:
    FilingUrge.objects.bulk_create(
        FilingUrge(
            kindergarten=row.kindergarten,
            period_id=row.period_id,
            town=row.town,
            day=today,
            notice=notice,
            urged_as=post,
            urged_at=now,
        )
        for row, notice in zip(rows, notices, strict=True)
    )


def _why_not(row: Any, today: Mapping[int, FilingUrge]) -> str:
    """Why a kindergarten is not urged now; empty when it is. `today` has the day's urges."""
    if row.urging == Urging.FILED:
        return "已经报了"
    if row.urging == Urging.UPCOMING:
        return f"{zhdatetime(row.opens_at)}才开放填报"
    if row.urging == Urging.LOCKED:
        return "已经锁定，不能再报，请先延期"
    if row.urging == Urging.TODAY:
        before = today[row.kindergarten_id]
        return (
            f"今天{timezone.localtime(before.urged_at):%H:%M}已由"
            f"{before.urged_as.organisation.name}{before.urged_as.user.full_name}"
            f"催过{before.period.month.month}月月报，每园一天催一次"
        )
    return ""


def _message(row: Any, month: dt.date, note: str, now: dt.datetime) -> Message:
    name = zhmonth(month)
    if row.progress == "returned":
        text = f"{name}月报已退回，还没有改好再交。请按退回原因修改后提交。"
    elif row.progress == "draft" and row.counts is not None:
        text = f"{name}月报的更正已撤回，还没有再提交，计入的仍是更正前的数。请改好后提交。"
    elif now >= row.locks_at:
        text = f"{name}月报还没有提交，已延期到{zhdatetime(row.extended_until)}。请在这之前提交。"
    elif now > row.due_at:
        text = (
            f"{name}月报还没有提交，{zhdatetime(row.due_at)}已截止。"
            f"请尽快提交，{zhdatetime(row.locks_at)}锁定。"
        )
    else:
        text = f"{name}月报还没有提交，{zhdatetime(row.due_at)}截止。请按时提交。"
    return Message(
        organisation=row.kindergarten.organisation,
        kind=Notice.Kind.URGE,
        title=f"催报：{name}月报",
        text=f"{text}{note}",
        link=reverse("my-filings"),
    )
