"""Cameras: one is registered, corrected, taken out of service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.stamps import CHANGED_SINCE, stamp_of
from safety.models import DeviceFault, VideoDevice
from safety.models.patrol import DeviceFaultQuerySet
from safety.patrols.rules import plain_number
from safety.patrols.selectors import seen as seen_by_patrols
from safety.patrols.selectors import start_of
from safety.patrols.services.refusal import PatrolRefused

FACTS = ("number", "place", "spot", "installed_on")
SEEN_AT = "look__patrol__patrolled_at"


@transaction.atomic
def register_device(
    *,
    kindergarten: Kindergarten,
    values: Mapping[str, Any],
    by: User,
    now: dt.datetime,
    reason: str = "登记视频设备",
) -> VideoDevice:
    """A camera of a kindergarten in the person's area, by FACTS.

    Raises PatrolRefused where the number is another camera's, or the day is still to come.
    """
    device = VideoDevice(
        kindergarten=kindergarten, entered_as=_post(by, kindergarten), entered_at=now, **values
    )
    _check_day(device.installed_on, now)
    return _save(device, reason)


@transaction.atomic
def correct_device(
    *, device_id: int, values: Mapping[str, Any], seen: str, reason: str, by: User, now: dt.datetime
) -> VideoDevice:
    """Put FACTS right; history keeps what stood.

    PatrolRefused where the stamp `seen` is stale, and for a day of installation after one on which a
    patrol saw the camera.
    """
    device = _locked(device_id, by)
    if seen != stamp_of(device, FACTS):
        raise PatrolRefused(CHANGED_SINCE)
    for name in FACTS:
        setattr(device, name, values[name])
    _check_day(device.installed_on, now)
    if device.ended_on is not None and device.installed_on > device.ended_on:
        raise PatrolRefused(
            f"这台设备{zhdate(device.ended_on)}已停用，安装日期不能更晚。", "installed_on"
        )
    if _faults(device).filter(**{f"{SEEN_AT}__lt": start_of(device.installed_on)}).exists():
        raise PatrolRefused(
            "这一天以前的巡查登记过这台设备的情况。请核对安装日期；巡查登记错的，先撤销那次巡查。",
            "installed_on",
        )
    return _save(device, reason)


@transaction.atomic
def end_device(
    *, device_id: int, on: dt.date, reason: str, by: User, now: dt.datetime
) -> VideoDevice:
    """From `on` the camera is out of service and on no patrol's list.

    PatrolRefused; also for the kindergarten itself while the camera is offline: that would end the
    days that count against it.
    """
    post, device = acting_with(by, Permission.KEEP_SAFETY), _locked(device_id, by)
    if device.ended_on is not None:
        raise PatrolRefused(f"这台设备{zhdate(device.ended_on)}已经停用，不用再办。")
    if on < device.installed_on:
        raise PatrolRefused(f"不能早于安装日期{zhdate(device.installed_on)}。", "on")
    _check_day(on, now, "on")
    if _faults(device).filter(**{f"{SEEN_AT}__gte": start_of(on)}).exists():
        raise PatrolRefused(
            "这一天或以后的巡查还登记过这台设备的情况。请改停用日期，或先撤销那次巡查。", "on"
        )
    spans = seen_by_patrols([device.kindergarten_id], timezone.localdate(now)).spans
    if post.is_of_kindergarten and any(one.is_open(on) for one in spans.get(device.pk, [])):
        raise PatrolRefused(
            f"巡查看到这台设备{zhdate(on)}离线，还没有恢复。请教育局核实后停用，或恢复后再办。"
        )
    device.ended_on, device.ended_reason = on, reason
    with because(reason):
        device.save(update_fields=["ended_on", "ended_reason"])
    return device


def _post(by: User, kindergarten: Kindergarten) -> Membership:
    post = acting_with(by, Permission.KEEP_SAFETY)
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten.pk).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return post


def _locked(device_id: int, by: User) -> VideoDevice:
    acting_with(by, Permission.KEEP_SAFETY)
    rows = VideoDevice.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    return rows.get(pk=device_id)


def _faults(device: VideoDevice) -> DeviceFaultQuerySet:
    faults = DeviceFault.objects.unscoped("of a camera in hand").standing()
    return faults.filter(device=device)


def _check_day(day: dt.date, now: dt.datetime, field: str = "installed_on") -> None:
    if day > timezone.localdate(now):
        raise PatrolRefused("这一天还没有到，请核对日期。", field)


def _save(device: VideoDevice, reason: str) -> VideoDevice:
    """Under the database's own constraint: two who register the same number meet there.

    Written otherwise (01 and 1, ａ1 and A1) it is the same number, too.
    """
    others = VideoDevice.objects.unscoped("of a kindergarten in hand").filter(
        kindergarten=device.kindergarten_id
    )
    plain = plain_number(device.number)
    for other in others.exclude(pk=device.pk).exclude(number=device.number):
        if plain_number(other.number) == plain:
            raise PatrolRefused(_said(other), "number")
    try:
        with transaction.atomic(), because(reason):
            device.save()
    except IntegrityError:
        raise PatrolRefused(taken(device), "number") from None
    return device


def taken(device: VideoDevice) -> str:
    """Who has the number already; the other camera is of the same kindergarten."""
    others = VideoDevice.objects.unscoped("of a kindergarten in hand").filter(
        kindergarten=device.kindergarten_id, number=device.number
    )
    return _said(others.exclude(pk=device.pk).get())


def _said(other: VideoDevice) -> str:
    gone = f"，{zhdate(other.ended_on)}已停用，编号不再用" if other.ended_on else ""
    return (
        f"本园已有{other.number}号设备：{other.place}（{other.get_spot_display()}{gone}）。"
        "请换一个编号，或去更正那一台。"
    )
