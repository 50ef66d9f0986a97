"""Reporting periods: a county's month, when its returns open, are due and lock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class ReportingPeriodQuerySet(ScopedQuerySet["ReportingPeriod"]):
    def visible_to(self, user: User) -> ReportingPeriodQuerySet:
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        region = user.acting.organisation.region
        if region.level >= Region.Level.COUNTY:
            return self.filter(county=region.county_id or region.pk)
        field = Region.ANCESTOR_FIELD[Region.Level(region.level)]
        return self.filter(**{f"county__{field}": region.pk})


@tracked()
class ReportingPeriod(models.Model):
    """One county's month of returns. `month` is the first day of the month reported on."""

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="periods")
    month = models.DateField("月份")
    reference_date = models.DateField("统计时点")
    opens_at = models.DateTimeField("开放填报")
    due_at = models.DateTimeField("报送截止")
    locks_at = models.DateTimeField("锁定时间")

    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送期"
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["county", "month"], name="period_unique_in_county"),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("due_at")) & Q(due_at__lte=F("locks_at")),
                name="period_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="period_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.month:%Y年%-m月}"

    def is_open(self, now: dt.datetime) -> bool:
        return self.opens_at <= now < self.locks_at
