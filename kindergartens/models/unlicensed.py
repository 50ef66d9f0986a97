"""无证花名册: places that run without a licence, and what is done about each.

They have no record in the registry of kindergartens and enter no rate. Children are only counted,
never named. What was found, decided and arranged is dated and stays.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment
from kindergartens.unlicensed.rules import bar_ends_on

if TYPE_CHECKING:
    from accounts.models import User


def _seen(user: User, path: str) -> Q:
    """Places in the person's region. A kindergarten's people see none."""
    if user.acting is None or user.acting.is_of_kindergarten:
        return NOTHING
    return region_scope(user, path)


class UnlicensedKindergartenQuerySet(ScopedQuerySet["UnlicensedKindergarten"]):
    def visible_to(self, user: User) -> UnlicensedKindergartenQuerySet:
        return self.filter(_seen(user, "town"))


@tracked()
class UnlicensedKindergarten(models.Model):
    """One place that was found. Found running again after closing, it is a new one (`earlier`).

    `closed_on` is the day of the outcome whatever it is; the operator's bar ends `barred_years`
    after it.
    """

    class Outcome(models.TextChoices):
        LICENSED = "licensed", "取得办园许可"
        CLOSED = "closed", "关停"
        CHILDCARE = "childcare", "转为托育"

    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    name = models.CharField("名称", max_length=120)
    address = models.CharField("地址", max_length=200)
    # Of the person it is served on and who is barred; nothing else about the person is kept.
    head_name = models.CharField("负责人", max_length=40, blank=True)
    premises = models.CharField("场所情况", max_length=300, blank=True)
    found_on = models.DateField("发现日期")
    found_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人岗位", related_name="+"
    )
    is_example = models.BooleanField("示例", default=False)
    earlier = models.OneToOneField(
        "self", models.PROTECT, null=True, verbose_name="以前的登记", related_name="later"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, blank=True)
    closed_on = models.DateField("办结日期", null=True)
    licensed_as = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        verbose_name="登记为幼儿园",
        related_name="+",
    )
    barred_years = models.PositiveSmallIntegerField("不受理申请的年限", null=True)
    bar_reason = models.CharField("年限的理由", max_length=300, blank=True)

    objects = UnlicensedKindergartenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "无证园"
        ordering = ["town", "found_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["town", "name"],
                condition=Q(closed_on__isnull=True),
                name="unlicensed_once_while_open",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_on__isnull=True)
                | ~Q(outcome="") & Q(closed_on__isnull=False),
                name="unlicensed_outcome_has_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("found_on")),
                name="unlicensed_closed_after_found",
            ),
            models.CheckConstraint(
                condition=Q(outcome="licensed", licensed_as__isnull=False)
                | ~Q(outcome="licensed") & Q(licensed_as__isnull=True),
                name="unlicensed_licensed_is_registered",
            ),
            models.CheckConstraint(
                condition=Q(barred_years__isnull=True, bar_reason="")
                | Q(outcome="closed", barred_years__gte=5, barred_years__lte=10)
                & ~Q(bar_reason=""),
                name="unlicensed_bar_of_5_to_10_years",
            ),
            models.CheckConstraint(
                condition=Q(earlier__isnull=True) | ~Q(earlier=F("id")),
                name="unlicensed_is_not_its_own_earlier",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def barred_until(self) -> dt.date | None:
        """The first day on which the operator may apply again; None without a bar."""
        if self.closed_on is None or self.barred_years is None:
            return None
        return bar_ends_on(self.closed_on, self.barred_years)


class OfUnlicensedQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: User) -> OfUnlicensedQuerySet:
        return self.filter(_seen(user, "place__town"))


class OfUnlicensed(models.Model):
    """A dated row of one place."""

    place = models.ForeignKey(
        UnlicensedKindergarten, models.PROTECT, verbose_name="无证园", related_name="%(class)ss"
    )
    made_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人岗位", related_name="+"
    )
    made_at = models.DateTimeField("登记时间")

    objects = OfUnlicensedQuerySet.as_manager()

    class Meta:
        abstract = True


@tracked()
class UnlicensedCheck(OfUnlicensed):
    """What was found on a day. A count that was not taken is missing, not 0.

    A check entered wrongly is withdrawn with its reason: it does not count, and stays to be read.
    """

    day = models.DateField("查看日期")
    running = models.BooleanField("在办", default=True)
    children = models.PositiveIntegerField("幼儿", null=True)
    staff = models.PositiveIntegerField("教职工", null=True)
    note = models.CharField("情况", max_length=300, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "无证园查看"
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(running=True)
                | (Q(children__isnull=True) | Q(children=0)) & (Q(staff__isnull=True) | Q(staff=0)),
                name="unlicensed_not_running_has_nobody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.day}"


@sealed()
class UnlicensedPlan(OfUnlicensed):
    """Which way a place goes, who leads and until when; the newest one holds."""

    class Route(models.TextChoices):
        LICENSE = "license", "准入"
        RECTIFY = "rectify", "整改"
        BAN = "ban", "取缔"
        CHILDCARE = "childcare", "转托育"

    decided_on = models.DateField("确定日期")
    route = models.CharField("处置方式", max_length=10, choices=Route.choices)
    lead = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="牵头单位", related_name="+"
    )
    deadline = models.DateField("期限")
    reason = models.CharField("原因", max_length=300)

    class Meta:
        verbose_name = verbose_name_plural = "无证园处置方式"
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="unlicensed_plan_has_reason"),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("decided_on")), name="unlicensed_deadline_after_plan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_route_display()}"


@tracked()
class UnlicensedPlacement(OfUnlicensed):
    """Where some of the children went: a number, never a name. A withdrawn row does not count."""

    class Destination(models.TextChoices):
        KINDERGARTEN = "kindergarten", "到幼儿园"
        HOME = "home", "回家照护"
        ELSEWHERE = "elsewhere", "去外地"
        CHILDCARE = "childcare", "三岁以下留在托育"

    day = models.DateField("安置日期")
    destination = models.CharField("去向", max_length=12, choices=Destination.choices)
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        verbose_name="接收的幼儿园",
        related_name="+",
    )
    children = models.PositiveIntegerField("幼儿")
    note = models.CharField("说明", max_length=300, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "无证园幼儿安置"
        ordering = ["day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(children__gt=0), name="unlicensed_placement_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(destination="kindergarten", kindergarten__isnull=False)
                | ~Q(destination="kindergarten") & Q(kindergarten__isnull=True) & ~Q(note=""),
                name="unlicensed_placement_says_where",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_destination_display()}"


class UnlicensedDocumentQuerySet(ScopedQuerySet["UnlicensedDocument"]):
    def visible_to(self, user: User) -> UnlicensedDocumentQuerySet:
        return self.filter(_seen(user, "place__town"))


@sealed()
class UnlicensedDocument(Attachment):
    """The paper an outcome rests on (行政处罚决定书、办园许可证、托育备案)."""

    place = models.ForeignKey(UnlicensedKindergarten, models.PROTECT, related_name="documents")

    objects = UnlicensedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "无证园办结文件"
        ordering = ["place", "added_at", "pk"]

    def __str__(self) -> str:
        return self.name
