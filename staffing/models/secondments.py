"""Teachers who work for a time in another kindergarten than their own (结对帮扶、轮岗交流)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.history.tracking import tracked
from staffing.models.recorded import Recorded, RecordedQuerySet

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User

DAYS = models.Func(
    F("started_on"),
    F("ended_on"),
    RangeBoundary(),
    function="DATERANGE",
    output_field=DateRangeField(),
)


class SecondmentQuerySet(RecordedQuerySet["Secondment"]):
    def visible_to(self, user: User) -> SecondmentQuerySet:
        """From or to the own kindergarten, or one in the area one looks after."""
        scopes = (
            organisation_scope(user, f"{place}__organisation", f"{place}__organisation__region")
            for place in ("sender", "receiver")
        )
        sent, received = scopes
        return self.filter(sent | received)

    def under_way(self, day: dt.date) -> SecondmentQuerySet:
        return self.standing().filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=day), started_on__lte=day
        )


@tracked()
class Secondment(Recorded):
    """One person sent from the own kindergarten to another; `ended_on` is the first day back.

    The post stays where it is: nobody is counted twice, and the months are derived. One recorded by
    mistake is withdrawn with a reason.
    """

    class Purpose(models.TextChoices):
        PAIRING = "pairing", "结对帮扶"
        ROTATION = "rotation", "轮岗交流"

    person = models.ForeignKey(
        "staffing.StaffMember", models.PROTECT, verbose_name="教职工", related_name="secondments"
    )
    sender = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="派出园",
        related_name="secondments_sent",
    )
    receiver = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="接收园",
        related_name="secondments_received",
    )
    purpose = models.CharField("方式", max_length=8, choices=Purpose.choices)
    started_on = models.DateField("派出日期")
    ended_on = models.DateField("返回日期（不含）", null=True, blank=True)
    document = models.CharField("依据文件", max_length=200, blank=True)

    objects = SecondmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结对和轮岗"
        ordering = ["-started_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            ExclusionConstraint(
                name="one_secondment_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                name="secondment_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(sender=F("receiver")), name="seconded_to_another_kindergarten"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}"

    def is_over(self, day: dt.date) -> bool:
        return self.ended_on is not None and self.ended_on <= day
