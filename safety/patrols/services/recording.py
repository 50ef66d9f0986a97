"""Recording what a patrol saw, and taking back a patrol that was recorded wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.posts import acting_with
from accounts.formatting import zhdatetime
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from safety.hazards.rules import WITHDRAWN
from safety.hazards.services import (
    Found,
    HazardRefused,
    report_hazard,
    stamp,
    withdraw_hazard,
)
from safety.models import (
    DeviceFault,
    Hazard,
    PatrolFinding,
    PatrolLook,
    VideoDevice,
    VideoPatrol,
)
from safety.patrols.finding_kinds import OTHER, finding_list
from safety.patrols.services.refusal import PatrolRefused

# A patrol from further back is a slip of the date.
LATEST = dt.timedelta(days=90)
# Keys of hazards are made of their findings', so that none is reported twice.
HAZARDS = UUID("5b0a3a1e-6c0e-4c1c-9f0e-7a5d0a8f2c41")


@dataclass(frozen=True)
class Look:
    """What a patrol saw of one kindergarten: only what was not as it should be.

    `faults`: a state of DeviceFault by camera; `findings`: a note (may be empty) by kind.
    """

    faults: Mapping[int, str] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)


def check_may_patrol(by: User) -> Membership:
    """Whoever supervises, not the kindergartens themselves. PermissionDenied."""
    post = acting_with(by, Permission.KEEP_SAFETY)
    if post.is_of_kindergarten:
        raise PermissionDenied("视频巡查由教育局、责任督学和乡镇街道登记。")
    return post


@transaction.atomic
def record_patrol(
    *, at: dt.datetime, looks: Mapping[int, Look], by: User, now: dt.datetime
) -> VideoPatrol:
    """One patrol with every kindergarten it looked at, by key; whoever is not in it was not looked at.

    Raises PatrolRefused for a moment to come, for one that is recorded, without a kindergarten, and
    for a camera that was not in service that day.
    """
    post = check_may_patrol(by)
    if at > now:
        raise PatrolRefused("巡查时间还没有到，请核对。", "at")
    if at < now - LATEST:
        raise PatrolRefused(f"超过{LATEST.days}天的巡查不再补登，请核对日期。", "at")
    if not looks:
        raise PatrolRefused("请勾选看过的幼儿园。没有看的不要勾，不算正常。")
    visible = Kindergarten.objects.visible_to(by).filter(pk__in=looks.keys())
    if visible.count() != len(looks):
        raise PermissionDenied("有的幼儿园不在您的工作范围内。")
    _check_devices(looks, timezone.localdate(at))
    _check_findings(looks)
    try:
        with transaction.atomic(), because("登记视频巡查"):
            patrol = VideoPatrol.objects.create(patrolled_at=at, patrolled_as=post, entered_at=now)
    except IntegrityError:
        raise PatrolRefused(
            f"您{zhdatetime(at)}的巡查已经登记过。同一时间只登记一次；登记错的先撤销。", "at"
        ) from None
    made = {key: PatrolLook(patrol=patrol, kindergarten_id=key) for key in sorted(looks)}
    PatrolLook.objects.bulk_create(made.values())
    DeviceFault.objects.bulk_create(
        DeviceFault(look=made[key], device_id=device, state=state)
        for key, look in looks.items()
        for device, state in look.faults.items()
    )
    kinds = finding_list().kinds
    PatrolFinding.objects.bulk_create(
        PatrolFinding(look=made[key], kind=kind, severity=kinds[kind].severity, note=note)
        for key, look in looks.items()
        for kind, note in look.findings.items()
    )
    return patrol


@transaction.atomic
def withdraw_patrol(*, patrol_id: int, reason: str, by: User, now: dt.datetime) -> VideoPatrol:
    """Take back a patrol of the own office that was recorded wrongly: it counts nowhere.

    So does what was made a hazard of, while nobody else acted on it. Circulars that were issued keep
    what they said. PatrolRefused where it is withdrawn already, and with the number of a hazard that
    somebody acted on.
    """
    post = check_may_patrol(by)
    rows = VideoPatrol.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    patrol = rows.select_related("patrolled_as").get(pk=patrol_id)
    if patrol.patrolled_as.organisation_id != post.organisation_id:
        raise PermissionDenied("这次巡查是别的单位登记的，请由他们撤销。")
    if patrol.withdrawn_at is not None:
        raise PatrolRefused("这次巡查已经撤销，不用再办。")
    _withdraw_hazards(patrol, reason, by, now)
    patrol.withdrawn_at, patrol.withdrawn_reason = now, reason
    with because(reason):
        patrol.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return patrol


@transaction.atomic
def open_hazard(
    *, finding_id: int, values: Mapping[str, Any], by: User, now: dt.datetime
) -> Hazard:
    """Report a hazard of what a patrol found, once: a second time finds the first one's.

    `values`: place, field, description, deadline, requirement. Raises HazardRefused with the field
    that is wrong, PatrolRefused for a patrol that is withdrawn.
    """
    check_may_patrol(by)
    # The patrol too: it may not be withdrawn meanwhile, without its hazard.
    rows = PatrolFinding.objects.visible_to(by).select_for_update(
        of=("self", "look__patrol"), no_key=True
    )
    finding = rows.select_related(
        "hazard", "look__patrol", "look__kindergarten__organisation__region__county"
    ).get(pk=finding_id)
    if finding.hazard is not None:
        return finding.hazard
    if finding.look.patrol.withdrawn_at is not None:
        raise PatrolRefused("这次巡查已经撤销，不能再登记隐患。")
    finding.hazard = report_hazard(
        client_id=uuid5(HAZARDS, str(finding.pk)),
        kindergarten=finding.look.kindergarten,
        found=Found(
            source="patrol", found_on=timezone.localdate(finding.look.patrol.patrolled_at), **values
        ),
        by=by,
        now=now,
    )
    with because(f"登记为隐患{finding.hazard.number}"):
        finding.save(update_fields=["hazard"])
    return finding.hazard


def _withdraw_hazards(patrol: VideoPatrol, reason: str, by: User, now: dt.datetime) -> None:
    """Those made of the findings of a patrol in hand; all of them, or PatrolRefused."""
    made = Hazard.objects.visible_to(by).filter(patrol_finding__look__patrol=patrol)
    for hazard in made.exclude(state=WITHDRAWN).order_by("pk"):
        try:
            withdraw_hazard(hazard_id=hazard.pk, reason=reason, seen=stamp(hazard), by=by, now=now)
        except HazardRefused as refusal:
            raise PatrolRefused(
                f"这次巡查的发现已登记为隐患{hazard.number}，不能撤销：{refusal}"
            ) from refusal


def _check_devices(looks: Mapping[int, Look], day: dt.date) -> None:
    keys = [device for look in looks.values() for device in look.faults]
    devices = VideoDevice.objects.unscoped("of kindergartens found to be visible").in_bulk(keys)
    for kindergarten, look in looks.items():
        for key in look.faults:
            device = devices.get(key)
            if device is None or device.kindergarten_id != kindergarten:
                raise PatrolRefused("有的设备已不在名单里，请刷新页面再登记。")
            if not device.is_in_service(day):
                raise PatrolRefused(
                    f"{device}在巡查那天没有启用，请去掉，或核对巡查时间。",
                    f"kindergarten-{kindergarten}",
                )


def _check_findings(looks: Mapping[int, Look]) -> None:
    for kindergarten, look in looks.items():
        if OTHER in look.findings and not look.findings[OTHER]:
            raise PatrolRefused(
                "选了“其他”，请在说明里写明看到什么。", f"kindergarten-{kindergarten}"
            )
