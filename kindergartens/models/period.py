"""Reporting periods: a county's month, when its returns open, are due and lock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Max, Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


def _of_counties(user: User) -> Q:
    """What is a county's own order of work: of the person's county, or of those in the region."""
    if user.acting is None or not reads_business_data(user):
        return NOTHING
    return _of_region(user.acting.organisation.region)


def _of_region(region: Region) -> Q:
    """Of the region's county, or of every county in it."""
    if region.level >= Region.Level.COUNTY:
        return Q(county=region.county_id or region.pk)
    field = Region.ANCESTOR_FIELD[Region.Level(region.level)]
    return Q(**{f"county__{field}": region.pk})


class ReportingPeriodQuerySet(ScopedQuerySet["ReportingPeriod"]):
    def visible_to(self, user: User) -> ReportingPeriodQuerySet:
        return self.filter(_of_counties(user))

    def of_region(self, region: Region) -> ReportingPeriodQuerySet:
        """Those of the region's county, or of every county in it."""
        return self.filter(_of_region(region))

    def reference_dates(self) -> dict[dt.date, dt.date]:
        """The statistical date of each month; where counties differ, the latest."""
        dates = self.order_by().values("month").annotate(latest=Max("reference_date"))
        return dict(dates.values_list("month", "latest"))


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


class PeriodRuleQuerySet(ScopedQuerySet["PeriodRule"]):
    def visible_to(self, user: User) -> PeriodRuleQuerySet:
        return self.filter(_of_counties(user))


@tracked()
class PeriodRule(models.Model):
    """How a county sets its months; without a row the portal's defaults hold.

    Days are those of the month reported on (31: its last), the rest are working days. A change is
    for months that are opened afterwards: those that are there keep their dates.
    """

    county = models.OneToOneField("accounts.Region", models.PROTECT, related_name="period_rule")
    reference_day = models.PositiveSmallIntegerField("统计时点（日）")
    opens_day = models.PositiveSmallIntegerField("开放填报（日）")
    due_after = models.PositiveSmallIntegerField("截止（统计时点后第几个工作日）")
    locks_after = models.PositiveSmallIntegerField("锁定（截止后第几个工作日）")

    objects = PeriodRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报送期规则"
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_day__gte=1)
                & Q(opens_day__lte=F("reference_day"))
                & Q(reference_day__lte=31),
                name="period_rule_days_in_order",
            ),
            models.CheckConstraint(
                condition=Q(due_after__gte=1, due_after__lte=20, locks_after__lte=20),
                name="period_rule_within_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county}报送期规则"


class PreReviewRuleQuerySet(ScopedQuerySet["PreReviewRule"]):
    def visible_to(self, user: User) -> PreReviewRuleQuerySet:
        return self.filter(_of_counties(user))

    def for_month(self, month: dt.date) -> PreReviewRuleQuerySet:
        """Those that speak of the month, the one that holds for it first."""
        return self.filter(from_month__lte=month).order_by("-pk")


@tracked()
class PreReviewRule(models.Model):
    """Whether a county's towns look at returns first (乡镇初审), from which month on.

    A decision is a row, never changed: for a month holds the last one that speaks of it. Without
    a row nobody pre-reviews.
    """

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="pre_review_rules")
    from_month = models.DateField("从哪个月起")
    is_on = models.BooleanField("要乡镇初审")
    reason = models.CharField("原因", max_length=300)
    set_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    set_at = models.DateTimeField("设置时间")

    objects = PreReviewRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "乡镇初审设置"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_month__day=1), name="pre_review_from_first_of_month"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pre_review_rule_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.county}乡镇初审"
