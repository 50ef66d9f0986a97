"""The register of school buses: enter one, put it right, take it out of use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.history.context import because
from accounts.models import User
from kindergartens.dated.services import RowRefused
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from safety.buses.rules import bus_problem, plain_plate
from safety.models import SchoolBus

TYPED = (
    "plate", "seats", "permit", "permit_until", "driver_until", "last_check", "checked_on",
    "rechecked_on",
)  # fmt: skip
CHECKED = ("plate", "permit", "permit_until", "driver_until", "checked_on", "rechecked_on")
TAKEN = "这个号牌的校车已经登记在用，一辆车同时只登记一次。请核对号牌，或先在原来的幼儿园停用。"


@transaction.atomic
def register_bus(
    *, kindergarten: Kindergarten, values: Mapping[str, Any], by: User, now: dt.datetime,
    today: dt.date,
) -> SchoolBus:  # fmt: skip
    """Raises RowRefused with the field for what cannot be, and for a plate that is in use."""
    post = acting_with(by, Permission.KEEP_SAFETY)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    bus = SchoolBus(kindergarten=kindergarten, entered_as=post, entered_at=now)
    return _saved(bus, values, "登记校车", today)


@transaction.atomic
def correct_bus(
    *, bus_id: int, values: Mapping[str, Any], reason: str, seen: str, by: User, today: dt.date
) -> SchoolBus:
    """New papers, or what was typed wrongly; history keeps what stood.

    `seen` is the stamp of TYPED the person started from. Raises RowRefused, also where it is stale.
    """
    bus = _running(bus_id, by)
    if seen != stamp_of(bus, TYPED):
        raise RowRefused(CHANGED_SINCE)
    return _saved(bus, values, reason, today)


@transaction.atomic
def end_bus(*, bus_id: int, on: dt.date, reason: str, by: User, today: dt.date) -> SchoolBus:
    """From `on` it carries no children; the row stays. RowRefused for a day to come."""
    bus = _running(bus_id, by)
    if on > today:
        raise RowRefused("停用日期还没到，请填今天或以前的日期。", "on")
    bus.ended_on, bus.ended_reason = on, reason
    with because(reason):
        bus.save(update_fields=["ended_on", "ended_reason"])
    return bus


def _running(bus_id: int, by: User) -> SchoolBus:
    acting_with(by, Permission.KEEP_SAFETY)
    rows = SchoolBus.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    bus = rows.get(pk=bus_id)
    if bus.ended_on is not None:
        raise RowRefused("这辆校车已经停用，不能再改。重新使用的，请另行登记。")
    return bus


def _saved(bus: SchoolBus, values: Mapping[str, Any], reason: str, today: dt.date) -> SchoolBus:
    typed = dict(values) | {"plate": plain_plate(values["plate"])}
    problem = bus_problem(
        **{name: typed[name] for name in CHECKED}, today=today
    )  # fmt: skip
    if problem is not None:
        raise RowRefused(problem[1], problem[0])
    for name in TYPED:
        setattr(bus, name, typed[name])
    try:
        with transaction.atomic(), because(reason):
            bus.save()
    except IntegrityError:
        raise RowRefused(TAKEN, "plate") from None
    return bus
