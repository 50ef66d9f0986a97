"""演练、安全培训、校方责任险、食堂许可: what a kindergarten keeps up beside its self-checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from safety.upkeep.rules import DRILLS, OPEN_KITCHEN

if TYPE_CHECKING:
    from accounts.models import User


class UpkeepQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: User) -> UpkeepQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> UpkeepQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


class Upkeep(models.Model):
    """A row that is never deleted: withdrawn with a reason, it counts nowhere."""

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="%(class)ss"
    )
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="%(class)s_withdrawn_with_reason",
            ),
        ]


@tracked()
class Drill(Upkeep):
    """A drill (演练): `people` of the kindergarten took part, for so many minutes."""

    kind = models.CharField("演练", max_length=12, choices=list(DRILLS.items()))
    held_on = models.DateField("日期")
    people = models.PositiveSmallIntegerField("参加人数")
    minutes = models.PositiveSmallIntegerField("用时（分钟）")
    found = models.CharField("发现的问题", max_length=300, blank=True)

    objects = UpkeepQuerySet.as_manager()

    class Meta(Upkeep.Meta):
        verbose_name = verbose_name_plural = "演练"
        ordering = ["-held_on", "-pk"]
        constraints = [
            *Upkeep.Meta.constraints,
            models.UniqueConstraint(
                fields=["kindergarten", "kind", "held_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_drill_of_a_kind_a_day",
            ),
            models.CheckConstraint(
                condition=Q(people__gt=0, minutes__gt=0), name="drill_with_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on}{self.get_kind_display()}演练"


@tracked()
class SafetyTraining(Upkeep):
    """Safety training of the staff (教职工安全培训): how many came, nobody by name."""

    held_on = models.DateField("日期")
    subject = models.CharField("内容", max_length=100)
    people = models.PositiveSmallIntegerField("参加人数")

    objects = UpkeepQuerySet.as_manager()

    class Meta(Upkeep.Meta):
        verbose_name = verbose_name_plural = "安全培训"
        ordering = ["-held_on", "-pk"]
        constraints = [
            *Upkeep.Meta.constraints,
            models.UniqueConstraint(
                fields=["kindergarten", "subject", "held_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_training_of_a_subject_a_day",
            ),
            models.CheckConstraint(condition=Q(people__gt=0), name="training_with_people"),
        ]

    def __str__(self) -> str:
        return f"{self.held_on}{self.subject}"


@tracked()
class LiabilityPolicy(Upkeep):
    """校方责任险: both days belong to it; `sum_yuan` is the most it pays in a year, in yuan."""

    insurer = models.CharField("保险公司", max_length=80)
    number = models.CharField("保单号", max_length=60)
    valid_from = models.DateField("生效日")
    valid_until = models.DateField("到期日")
    children = models.PositiveSmallIntegerField("承保幼儿")
    sum_yuan = models.PositiveBigIntegerField("累计赔偿限额（元）")

    objects = UpkeepQuerySet.as_manager()

    class Meta(Upkeep.Meta):
        verbose_name = verbose_name_plural = "校方责任险"
        ordering = ["-valid_until", "-pk"]
        constraints = [
            *Upkeep.Meta.constraints,
            models.UniqueConstraint(
                fields=["kindergarten", "number"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_liability_policy_of_a_number",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="liability_policy_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(children__gt=0, sum_yuan__gt=0), name="liability_policy_covers_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"保单{self.number}"


@tracked()
class KitchenLicence(Upkeep):
    """食品经营许可 of the kitchen, and how its work is seen (明厨亮灶). The newest recorded counts."""

    number = models.CharField("许可证编号", max_length=40)
    valid_from = models.DateField("发证日期")
    valid_until = models.DateField("有效期至")
    open_kitchen = models.CharField("明厨亮灶", max_length=8, choices=list(OPEN_KITCHEN.items()))

    objects = UpkeepQuerySet.as_manager()

    class Meta(Upkeep.Meta):
        verbose_name = verbose_name_plural = "食堂许可"
        ordering = ["-entered_at", "-pk"]
        constraints = [
            *Upkeep.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="kitchen_licence_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"食品经营许可{self.number}"
