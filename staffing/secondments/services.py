"""What the county records of people who are sent to another kindergarten."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE
from staffing.models import Appointment, Secondment
from staffing.roster.services import RosterRefused
from staffing.secondments.rules import SentFacts, date_problem

OF_THE_PERSON = "where the person in hand is sent besides: never to two places at once"


def _county(by: User) -> Membership:
    """Two kindergartens are concerned, so neither of them records it."""
    if by.acting is None or not (
        by.can(Permission.KEEP_STAFF) and by.can(Permission.MANAGE_REGISTRY)
    ):
        raise PermissionDenied("结对和轮岗由区县教育局登记，您现在的岗位没有这项权限。")
    return by.acting


@transaction.atomic
def send(
    *,
    appointment: Appointment,
    receiver: Kindergarten,
    facts: SentFacts,
    by: User,
    now: dt.datetime,
) -> Secondment:
    """Send whoever holds a post there to another kindergarten from a day on.

    Raises RosterRefused, with the field, for days without the post, the own kindergarten, and where
    the person is elsewhere already.
    """
    keeper = _county(by)
    post = Appointment.objects.visible_to(by).select_related("person", "kindergarten").get(
        pk=appointment.pk
    )  # fmt: skip
    if not Kindergarten.objects.visible_to(by).filter(pk=receiver.pk).exists():
        raise PermissionDenied("接收园不在您的工作范围内。")
    if receiver.pk == post.kindergarten_id:
        raise RosterRefused("接收园就是派出园，请另选一所。", "receiver")
    field, why = date_problem(facts)
    if why:
        raise RosterRefused(why, field)
    if not post.is_held_on(facts.started_on):
        raise RosterRefused(
            f"{zhdate(facts.started_on)}这个人不在{post.kindergarten.name}任职，请核对日期。",
            "started_on",
        )
    try:
        with transaction.atomic():
            return Secondment.objects.create(
                person=post.person, sender=post.kindergarten, receiver=receiver,
                entered_as=keeper, entered_at=now, **vars(facts),
            )  # fmt: skip
    except IntegrityError:
        other = (
            Secondment.objects.unscoped(OF_THE_PERSON)
            .standing()
            .filter(person=post.person)
            .order_by("-started_on")
            .first()
        )
        until = zhdate(other.ended_on) + "返回" if other and other.ended_on else "还没有返回"
        raise RosterRefused(
            f"这段时间已经派出过（{until}），先登记返回，或核对日期。", "started_on"
        ) from None


@transaction.atomic
def bring_back(*, secondment: Secondment, on: dt.date, seen: str, by: User) -> Secondment:
    """`on` is the first day back. `seen` is the end that the person was shown.

    Raises RosterRefused.
    """
    _county(by)
    row = _locked(secondment, by)
    if seen != str(row.ended_on or ""):
        raise RosterRefused(CHANGED_SINCE)
    if on <= row.started_on:
        raise RosterRefused("要在派出日期以后；没有去成的，撤销这条。", "on")
    row.ended_on = on
    try:
        with because("登记返回"), transaction.atomic():
            row.save(update_fields=["ended_on"])
    except IntegrityError:
        raise RosterRefused("返回以前又派出过一次，请核对日期。", "on") from None
    return row


@transaction.atomic
def withdraw(*, secondment: Secondment, reason: str, by: User, now: dt.datetime) -> Secondment:
    """Take back one recorded by mistake: it counts nowhere. Raises RosterRefused."""
    _county(by)
    row = _locked(secondment, by)
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


def _locked(secondment: Secondment, by: User) -> Secondment:
    row = (
        Secondment.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .get(pk=secondment.pk)
    )
    if row.withdrawn_at is not None:
        raise RosterRefused("这条已经撤销，请返回看现在的名单。")
    return row
