"""Ceilings of the care and education fee (保教费) that a document sets."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from fees.catalogue.rules import KINDS, NON_PROFIT_GUIDED_FROM, Kind


class FeeCeilingQuerySet(models.QuerySet["FeeCeiling"]):
    def in_force(self, day: dt.date) -> FeeCeilingQuerySet:
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


@tracked()
class FeeCeiling(models.Model):
    """The most that kindergartens of one class may charge a child a month, in yuan.

    Non-profit ones that are not recognised have one from 2026-01-01 on; those for profit never.
    """

    class Scope(models.TextChoices):
        PUBLIC = "public", "公办园"
        INCLUSIVE_A = "inclusive_a", "普惠性民办园A类"
        INCLUSIVE_B = "inclusive_b", "普惠性民办园B类"
        NON_PROFIT = "non_profit", KINDS[Kind.NON_PROFIT]

    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="fee_ceilings")
    scope = models.CharField("适用", max_length=16, choices=Scope.choices)
    yuan_per_month = models.DecimalField("元/月/生", max_digits=8, decimal_places=2)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = FeeCeilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保教费上限"
        constraints = [
            no_overlap("one_fee_ceiling_at_a_time", "region", "scope"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="fee_ceiling_dates_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(scope="non_profit") | Q(valid_from__gte=NON_PROFIT_GUIDED_FROM),
                name="fee_ceiling_of_non_profit_since_guided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.get_scope_display()} {self.yuan_per_month}"
