"""Talks about what a month's patrols saw: one is recorded, or taken back when recorded wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.history.context import because
from accounts.models import User
from kindergartens.models import Kindergarten
from safety.models import PatrolTalk
from safety.patrols.services.refusal import PatrolRefused


@transaction.atomic
def record_talk(
    *, kindergarten: Kindergarten, month: dt.date, values: Mapping[str, object], by: User,
    now: dt.datetime,
) -> PatrolTalk:  # fmt: skip
    """By `held_on`, posts of both sides and the result. PatrolRefused for a second one of a month."""
    post = acting_with(by, Permission.DECIDE_SAFETY)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    talk = PatrolTalk(
        kindergarten=kindergarten, month=month, entered_as=post, entered_at=now, **values
    )
    if talk.held_on > timezone.localdate(now):
        raise PatrolRefused("约谈日期还没有到，谈过再登记。", "held_on")
    if talk.held_on < month:
        raise PatrolRefused("约谈的是这个月的巡查情况，日期不能早于当月1日。", "held_on")
    try:
        with transaction.atomic(), because("登记约谈"):
            talk.save()
    except IntegrityError:
        raise PatrolRefused("这个月的约谈已经登记过。登记错的请先撤销那一次。") from None
    return talk


@transaction.atomic
def withdraw_talk(*, talk_id: int, reason: str, by: User, now: dt.datetime) -> PatrolTalk:
    """Take back one that was recorded wrongly; its place is free again. PatrolRefused."""
    acting_with(by, Permission.DECIDE_SAFETY)
    rows = PatrolTalk.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    talk = rows.get(pk=talk_id)
    if talk.withdrawn_at is not None:
        raise PatrolRefused("这次约谈已经撤销，不用再办。")
    talk.withdrawn_at, talk.withdrawn_reason = now, reason
    with because(reason):
        talk.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return talk
