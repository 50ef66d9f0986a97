"""What public kindergartens of a place charge in the free last year, and which months are paid."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from fees.free_year.rules import MONTHS_RULES
from fees.models.schedule import FeeHours


class FreeYearStandardQuerySet(models.QuerySet["FreeYearStandard"]):
    def in_force(self, day: dt.date) -> FreeYearStandardQuerySet:
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


@tracked()
class FreeYearStandard(models.Model):
    """The public standard (公办园保教费标准) of a place, in yuan a child and month, from a day on.

    So much at most is waived for a child of the last year (国办发〔2025〕27号). `months_rule` says
    which months the place pays for, and `months_document` where that is written.
    """

    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    hours = models.CharField("作息", max_length=10, choices=FeeHours.choices, default=FeeHours.ANY)
    yuan_per_month = models.DecimalField("公办园标准（元/月/生）", max_digits=8, decimal_places=2)
    document = models.CharField("依据文件", max_length=120)
    months_rule = models.CharField("补助月份", max_length=30, choices=MONTHS_RULES.items())
    months_document = models.CharField("补助月份的依据", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = FreeYearStandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "学前一年免保教费标准"
        constraints = [
            no_overlap("one_free_year_standard_at_a_time", "region", "hours"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="free_year_standard_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(yuan_per_month__gt=0), name="free_year_standard_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.get_hours_display()} {self.yuan_per_month}"
