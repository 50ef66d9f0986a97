"""Hazards (安全隐患): found, graded, mended, re-checked, closed; major ones under 挂牌督办."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment
from safety.hazards import rules

if TYPE_CHECKING:
    from accounts.models import User


def overdue_on(today: dt.date) -> Q:
    """The same rule as rules.is_overdue."""
    return Q(state__in=rules.TO_MEND, deadline__lt=today)


class HazardQuerySet(ScopedQuerySet["Hazard"]):
    def visible_to(self, user: User) -> HazardQuerySet:
        """Of the own kindergarten, or of those in the person's region."""
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))

    def open(self) -> HazardQuerySet:
        return self.exclude(state__in=rules.OVER)

    def overdue(self, today: dt.date) -> HazardQuerySet:
        return self.filter(overdue_on(today))


@tracked()
class Hazard(models.Model):
    """One hazard of one kindergarten, under a number that is never used again.

    `client_id` is made by whoever reports it: sent twice, it is the same hazard. A closed one never
    opens again; a relapse is a new one that points to it (`earlier`). Who says that it is mended does
    not close it. One entered by mistake is withdrawn and counts nowhere. `deadline` is the one that
    holds, also under a plate.
    """

    number = models.CharField("编号", max_length=20, unique=True)
    client_id = models.UUIDField("登记标识", unique=True)
    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, verbose_name="幼儿园", related_name="hazards"
    )
    place = models.CharField("位置", max_length=100)
    field = models.CharField("领域", max_length=12, choices=list(rules.FIELDS.items()))
    # The line of the self-check or of the campaign it was found by.
    item = models.CharField("检查项目", max_length=100, blank=True)
    description = models.CharField("隐患情况", max_length=300)
    grade = models.CharField("等级", max_length=8, choices=list(rules.GRADES.items()))
    criterion = models.CharField("判定依据", max_length=40, blank=True)
    source = models.CharField("发现途径", max_length=12, choices=list(rules.SOURCES.items()))
    found_on = models.DateField("发现日期")
    fixed_on_spot = models.BooleanField("当场整改")
    deadline = models.DateField("整改期限", null=True)
    requirement = models.CharField("整改要求", max_length=300, blank=True)
    responsible = models.CharField("责任岗位", max_length=60, blank=True)
    stop_use = models.BooleanField("停止使用")
    stop_lifted_reason = models.CharField("恢复使用的理由", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(rules.STATES.items()))
    earlier = models.ForeignKey(
        "self", models.PROTECT, null=True, verbose_name="以前的隐患", related_name="later"
    )
    reported_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人岗位", related_name="+"
    )
    reported_at = models.DateTimeField("登记时间")
    mended_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, verbose_name="申请复查的岗位",
        related_name="+",
    )  # fmt: skip
    mended_at = models.DateTimeField("申请复查的时间", null=True)
    closed_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, verbose_name="复查人岗位",
        related_name="+",
    )  # fmt: skip
    closed_at = models.DateTimeField("销号时间", null=True)
    withdrawn_reason = models.CharField("撤销理由", max_length=300, blank=True)

    objects = HazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "安全隐患"
        ordering = ["-found_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(place="") & ~Q(description=""), name="hazard_says_where_and_what"
            ),
            models.CheckConstraint(
                condition=Q(fixed_on_spot=True, deadline__isnull=True)
                | Q(fixed_on_spot=False, deadline__gte=F("found_on")),
                name="hazard_dated_or_fixed_on_spot",
            ),
            models.CheckConstraint(
                condition=~Q(grade="major", fixed_on_spot=True), name="major_hazard_is_dated"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reported", "mending", "withdrawn"])
                | Q(mended_as__isnull=False, mended_at__isnull=False),
                name="hazard_mended_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_as__isnull=False, closed_at__isnull=False)
                | ~Q(state="closed") & Q(closed_as__isnull=True, closed_at__isnull=True),
                name="hazard_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn") & ~Q(withdrawn_reason="")
                | ~Q(state="withdrawn") & Q(withdrawn_reason=""),
                name="hazard_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(closed_as__isnull=True) | ~Q(closed_as=F("mended_as")),
                name="who_mends_does_not_close",
            ),
            models.CheckConstraint(
                condition=Q(stop_lifted_reason="") | Q(stop_use=False),
                name="hazard_stop_lifted_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(earlier__isnull=True) | ~Q(earlier=F("id")),
                name="hazard_is_not_its_own_earlier",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "deadline"], name="hazards_by_deadline"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_major(self) -> bool:
        return self.grade == rules.MAJOR

    @property
    def is_open(self) -> bool:
        return self.state not in rules.OVER


class OfHazardQuerySet(ScopedQuerySet[Any]):
    """Parts of a hazard, seen by whoever sees it."""

    def visible_to(self, user: User) -> OfHazardQuerySet:
        path = "hazard__kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@sealed()
class HazardEvent(models.Model):
    """What was done about a hazard, by whom, when and why. Never changed afterwards.

    `deadline` is the day that held from then on, where an act set one.
    """

    class Action(models.TextChoices):
        REPORTED = "reported", "登记"
        GRADED = "graded", "定级"
        EXTENDED = "extended", "延期"
        HUNG = "hung", "挂牌督办"
        MENDED = "mended", "申请复查"
        SENT_BACK = "sent_back", "复查不合格，退回整改"
        PASSED = "passed", "复查合格"
        DELISTED = "delisted", "摘牌"
        STOPPED = "stopped", "停止使用"
        RESUMED = "resumed", "恢复使用"
        WITHDRAWN = "withdrawn", "撤销登记"

    hazard = models.ForeignKey(Hazard, models.PROTECT, verbose_name="隐患", related_name="events")
    action = models.CharField("办理", max_length=10, choices=Action.choices)
    at = models.DateTimeField("时间")
    done_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="办理人岗位", related_name="+"
    )
    reason = models.CharField("说明", max_length=300, blank=True)
    deadline = models.DateField("整改期限", null=True)

    objects = OfHazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隐患办理记录"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.hazard} {self.get_action_display()}"


@sealed()
class HazardPhoto(Attachment):
    """What was found, or how it is mended: a photo, for the latter also a document."""

    class Shows(models.TextChoices):
        FOUND = "found", "发现时"
        MENDED = "mended", "改好后"

    hazard = models.ForeignKey(Hazard, models.PROTECT, verbose_name="隐患", related_name="photos")
    shows = models.CharField("拍的是", max_length=6, choices=Shows.choices)

    objects = OfHazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隐患照片和佐证"
        ordering = ["hazard", "added_at", "pk"]


@tracked()
class HazardPlate(models.Model):
    """挂牌督办 of a major hazard: five points settled on the day it was hung, and how it came down.

    Only the delisting is written later. `deadline` is the one of that day; extensions are events of
    the hazard.
    """

    hazard = models.OneToOneField(Hazard, models.PROTECT, verbose_name="隐患", related_name="plate")
    document_number = models.CharField("督办文号", max_length=60, blank=True)
    supervisor = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="督办单位", related_name="+"
    )
    measures = models.CharField("整改措施", max_length=400)
    responsibility = models.CharField("整改责任", max_length=200)
    funding = models.CharField("整改资金", max_length=200)
    deadline = models.DateField("整改时限")
    plan = models.CharField("应急预案", max_length=400)
    hung_on = models.DateField("挂牌日期")
    hung_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="挂牌人岗位", related_name="+"
    )
    delisted_on = models.DateField("摘牌日期", null=True)
    delisted_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, verbose_name="摘牌人岗位",
        related_name="+",
    )  # fmt: skip
    decision_number = models.CharField("摘牌文号", max_length=60, blank=True)
    decision = models.CharField("摘牌决定", max_length=400, blank=True)

    objects = OfHazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "挂牌督办"
        ordering = ["-hung_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(measures="") & ~Q(responsibility="") & ~Q(funding="") & ~Q(plan=""),
                name="plate_with_five_points",
            ),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("hung_on")), name="plate_deadline_after_hanging"
            ),
            models.CheckConstraint(
                condition=Q(delisted_on__isnull=True, delisted_as__isnull=True, decision="")
                | Q(delisted_on__gte=F("hung_on"), delisted_as__isnull=False) & ~Q(decision=""),
                name="plate_delisted_by_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hazard}挂牌督办"
