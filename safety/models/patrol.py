"""Cameras of kindergartens, and what patrols over them saw (视频巡查)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.formatting import zhdate
from accounts.history.tracking import sealed, tracked
from safety.patrols.finding_kinds import finding_list

if TYPE_CHECKING:
    from accounts.models import User


def _of(user: User, path: str) -> Q:
    organisation = f"{path}__organisation"
    return organisation_scope(user, organisation, f"{organisation}__region")


class VideoDeviceQuerySet(ScopedQuerySet["VideoDevice"]):
    def visible_to(self, user: User) -> VideoDeviceQuerySet:
        return self.filter(_of(user, "kindergarten"))

    def in_service(self, day: dt.date) -> VideoDeviceQuerySet:
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day), installed_on__lte=day)


@tracked()
class VideoDevice(models.Model):
    """One camera (视频设备) of a kindergarten, in service from `installed_on` until before `ended_on`.

    Its number is the kindergarten's own and never given again, not even when the camera is gone.
    """

    class Spot(models.TextChoices):
        GATE = "gate", "大门和门卫室"
        PERIMETER = "perimeter", "围墙周界"
        PLAYGROUND = "playground", "户外活动场地"
        CORRIDOR = "corridor", "走廊、楼梯和出口"
        CLASSROOM = "classroom", "活动室"
        NAP = "nap", "寝室"
        KITCHEN = "kitchen", "厨房和食品库"
        HEALTH = "health", "保健室"
        OTHER = "other", "其他"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        related_name="video_devices",
    )
    number = models.CharField("设备编号", max_length=20)
    place = models.CharField("安装位置", max_length=60)
    spot = models.CharField("覆盖部位", max_length=12, choices=Spot.choices)
    installed_on = models.DateField("安装日期")
    ended_on = models.DateField("停用日期", null=True, blank=True)
    ended_reason = models.CharField("停用原因", max_length=300, blank=True)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")

    objects = VideoDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "视频设备"
        ordering = ["kindergarten", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "number"], name="one_video_device_a_number"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_reason="")
                | Q(ended_on__gte=F("installed_on")) & ~Q(ended_reason=""),
                name="video_device_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}号{self.place}"

    def is_in_service(self, day: dt.date) -> bool:
        return self.installed_on <= day and (self.ended_on is None or self.ended_on > day)


class VideoPatrolQuerySet(ScopedQuerySet["VideoPatrol"]):
    def visible_to(self, user: User) -> VideoPatrolQuerySet:
        """Those that looked at a kindergarten the person sees."""
        return self.filter(pk__in=PatrolLook.objects.visible_to(user).values("patrol"))

    def standing(self) -> VideoPatrolQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class VideoPatrol(models.Model):
    """One patrol (视频巡查): an officer looked through the cameras of some kindergartens.

    What was seen never changes; a patrol recorded wrongly is withdrawn with a reason and recorded
    again.
    """

    patrolled_at = models.DateTimeField("巡查时间")
    patrolled_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="巡查人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = VideoPatrolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "视频巡查"
        ordering = ["-patrolled_at", "-pk"]
        indexes = [models.Index(fields=["patrolled_at"], name="video_patrol_when")]
        constraints = [
            models.UniqueConstraint(
                fields=["patrolled_as", "patrolled_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_video_patrol_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="video_patrol_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{zhdate(self.patrolled_at)}视频巡查"


class PatrolLookQuerySet(ScopedQuerySet["PatrolLook"]):
    def visible_to(self, user: User) -> PatrolLookQuerySet:
        return self.filter(_of(user, "kindergarten"))

    def standing(self) -> PatrolLookQuerySet:
        return self.filter(patrol__withdrawn_at__isnull=True)


@sealed()
class PatrolLook(models.Model):
    """A kindergarten that a patrol did look at. Without a row nobody looked, and nothing is normal.

    Cameras in service that day of which no fault is said were normal.
    """

    patrol = models.ForeignKey(
        VideoPatrol, models.PROTECT, verbose_name="视频巡查", related_name="looks"
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        related_name="patrol_looks",
    )

    objects = PatrolLookQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡查的幼儿园"
        ordering = ["patrol", "kindergarten"]
        constraints = [
            models.UniqueConstraint(fields=["patrol", "kindergarten"], name="one_look_a_patrol")
        ]

    def __str__(self) -> str:
        return f"{self.patrol} {self.kindergarten}"


class DeviceFaultQuerySet(ScopedQuerySet["DeviceFault"]):
    def visible_to(self, user: User) -> DeviceFaultQuerySet:
        return self.filter(_of(user, "look__kindergarten"))

    def standing(self) -> DeviceFaultQuerySet:
        return self.filter(look__patrol__withdrawn_at__isnull=True)


@sealed()
class DeviceFault(models.Model):
    """A camera that a patrol found offline, or online with a picture that shows nothing."""

    class State(models.TextChoices):
        OFFLINE = "offline", "离线"
        ABNORMAL = "abnormal", "画面异常"

    look = models.ForeignKey(
        PatrolLook, models.PROTECT, verbose_name="巡查的幼儿园", related_name="faults"
    )
    device = models.ForeignKey(
        VideoDevice, models.PROTECT, verbose_name="视频设备", related_name="faults"
    )
    state = models.CharField("情况", max_length=10, choices=State.choices)

    objects = DeviceFaultQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "设备异常"
        ordering = ["look", "device"]
        constraints = [models.UniqueConstraint(fields=["look", "device"], name="one_fault_a_look")]

    def __str__(self) -> str:
        return f"{self.device}{self.get_state_display()}"


class PatrolFindingQuerySet(ScopedQuerySet["PatrolFinding"]):
    def visible_to(self, user: User) -> PatrolFindingQuerySet:
        return self.filter(_of(user, "look__kindergarten"))

    def standing(self) -> PatrolFindingQuerySet:
        return self.filter(look__patrol__withdrawn_at__isnull=True)


@tracked()
class PatrolFinding(models.Model):
    """What a patrol saw in a kindergarten: a code of safety/patrols/finding_kinds.py with its severity then."""

    look = models.ForeignKey(
        PatrolLook, models.PROTECT, verbose_name="巡查的幼儿园", related_name="findings"
    )
    kind = models.CharField(
        "发现的问题",
        max_length=20,
        choices=[(one.code, one.label) for one in finding_list().kinds.values()],
    )
    severity = models.CharField(
        "轻重", max_length=8, choices=[("minor", "一般"), ("serious", "较重"), ("grave", "严重")]
    )
    note = models.CharField("说明", max_length=200, blank=True)
    # What was made a hazard of is followed there, once.
    hazard = models.OneToOneField(
        "safety.Hazard", models.PROTECT, verbose_name="隐患", related_name="patrol_finding",
        null=True, blank=True,
    )  # fmt: skip

    objects = PatrolFindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "巡查发现"
        ordering = ["look", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["look", "kind"], name="one_finding_a_kind_and_look"),
            models.CheckConstraint(
                condition=~Q(kind="other") | ~Q(note=""), name="other_finding_says_what"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
