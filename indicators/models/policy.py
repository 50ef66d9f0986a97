"""What each place's documents demand, as dated rows with document and clause."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import home_region
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, user: User) -> PolicyQuerySet:
        """Documents that hold where the person works: of the nation, of places above and below."""
        region = home_region(user)
        if region is None:
            return self.none()
        above = [region.pk, region.county_id, region.city_id, region.province_id]
        within = Region.objects.within(region).values("pk")
        return self.filter(Q(region=None) | Q(region__in=above) | Q(region__in=within))


@tracked()
class Policy(models.Model):
    """A document that sets targets. Without a region it is the national floor."""

    slug = models.SlugField("标识", max_length=80, unique=True)
    title = models.CharField("文件", max_length=200)
    document_number = models.CharField("文号", max_length=80, blank=True)
    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, null=True, blank=True, related_name="policies"
    )
    issued_on = models.DateField("印发日期", null=True, blank=True)
    # In force; a document with a planning period is in force for those years.
    valid_from = models.DateField("起始日期", null=True, blank=True)
    valid_to = models.DateField("截止日期（含）", null=True, blank=True)
    # What the document says besides targets (gaps, groups, ledger items), kept as read.
    facts = models.JSONField("其他内容", default=dict)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策文件"
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="policy_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def begins_on(self) -> dt.date | None:
        """First day in force; the day of issue where the document names none."""
        return self.valid_from or self.issued_on


class TargetQuerySet(models.QuerySet["Target"]):
    def in_force(self, day: dt.date) -> TargetQuerySet:
        """Targets whose document has begun by a day.

        One stays after its by-date and its document's last day: what had to be reached then must
        be kept until a newer document says otherwise (`is_replaced_by`).
        """
        return self.filter(Q(policy__valid_from__isnull=True) | Q(policy__valid_from__lte=day))


@tracked()
class Target(models.Model):
    """One demand: an indicator, an operator, a value, at which levels, by when, in which clause."""

    class Operator(models.TextChoices):
        AT_LEAST = ">=", "不低于"
        AT_MOST = "<=", "不高于"

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="targets")
    indicator = models.CharField("指标", max_length=60)
    operator = models.CharField("比较", max_length=2, choices=Operator.choices)
    value = models.DecimalField("目标值", max_digits=16, decimal_places=6)
    levels = models.JSONField("适用级别")  # a list of: kindergarten, town, county, city
    by_date = models.DateField("达到时限", null=True, blank=True)
    clause = models.CharField("条款", max_length=60, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标"
        ordering = ["policy", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "indicator", "operator", "levels"], name="target_unique_in_policy"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.operator} {self.value}"

    def is_replaced_by(self, other: Target, day: dt.date) -> bool:
        """Whether this document's period is over on a day and a newer one of the same place
        judges the same indicator. Both must have begun and name the level in question.
        """
        ends, begins = self.policy.valid_to, other.policy.begins_on
        return (
            ends is not None
            and ends < day
            and begins is not None
            and begins > (self.policy.begins_on or dt.date.min)
            and other.policy.region_id == self.policy.region_id
            and other.indicator == self.indicator
        )
