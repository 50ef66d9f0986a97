"""School buses (校车) of kindergartens, and the papers they run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from safety.buses.rules import LAST_CHECKS

if TYPE_CHECKING:
    from accounts.models import User


class SchoolBusQuerySet(ScopedQuerySet["SchoolBus"]):
    def visible_to(self, user: User) -> SchoolBusQuerySet:
        kindergarten = "kindergarten__organisation"
        return self.filter(organisation_scope(user, kindergarten, f"{kindergarten}__region"))

    def running(self) -> SchoolBusQuerySet:
        return self.filter(ended_on__isnull=True)


@tracked()
class SchoolBus(models.Model):
    """One bus that carries children of a kindergarten until it is taken out of use.

    Without a `permit` it runs without 校车使用许可, which is shown, never hidden. Of the driver only
    until when the qualification holds; who drives stands on the roster. `checked_on` and
    `rechecked_on` are 执检 and 复检.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, verbose_name="幼儿园", related_name="buses"
    )
    plate = models.CharField("号牌号码", max_length=10)
    seats = models.PositiveSmallIntegerField("核定人数")
    permit = models.CharField("校车使用许可证号", max_length=40, blank=True)
    permit_until = models.DateField("使用许可有效期止", null=True)
    driver_until = models.DateField("驾驶资格有效期止", null=True)
    last_check = models.CharField(
        "最后一人检查", max_length=8, choices=list(LAST_CHECKS.items()), default="none"
    )
    checked_on = models.DateField("执检日期", null=True)
    rechecked_on = models.DateField("复检日期", null=True)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    ended_on = models.DateField("停用日期", null=True)
    ended_reason = models.CharField("停用原因", max_length=300, blank=True)

    objects = SchoolBusQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "校车"
        ordering = ["kindergarten", "plate", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plate"], condition=Q(ended_on__isnull=True), name="one_bus_of_a_plate"
            ),
            models.CheckConstraint(condition=Q(seats__gt=0), name="bus_has_seats"),
            models.CheckConstraint(
                condition=Q(permit="", permit_until__isnull=True)
                | ~Q(permit="") & Q(permit_until__isnull=False),
                name="bus_permit_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(rechecked_on__isnull=True)
                | Q(checked_on__isnull=False, rechecked_on__gte=F("checked_on")),
                name="bus_rechecked_after_the_check",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_reason="")
                | Q(ended_on__isnull=False) & ~Q(ended_reason=""),
                name="bus_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.plate
