"""What each place's documents demand, as dated rows with document and clause."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast

from accounts.access.scope import home_region
from accounts.history.tracking import tracked
from accounts.models import Region
from indicators.targets.rules import Demand

if TYPE_CHECKING:
    from accounts.models import User


class Ended(models.Model):
    """A row that is never deleted, for it judged something.

    `ended_on` is the first day on which it holds no longer; what was entered by mistake is
    withdrawn, and judges no day at all. Either says why.
    """

    ended_on = models.DateField("废止日期（不含）", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    ended_reason = models.CharField("废止或撤销原因", max_length=300, blank=True)
    # What the packaged file said when it was last loaded; empty of what people entered.
    loaded_stamp = models.CharField("载入内容摘要", max_length=20, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, withdrawn_at__isnull=True, ended_reason="")
                | ~Q(ended_on__isnull=True, withdrawn_at__isnull=True) & ~Q(ended_reason=""),
                name="%(class)s_ends_with_its_reason",
            )
        ]


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
class Policy(Ended):
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
            *Ended.Meta.constraints,
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="policy_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["document_number", "region"],
                condition=~Q(document_number="") & Q(withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="one_policy_of_a_number_and_place",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def begins_on(self) -> dt.date | None:
        """First day in force; the day of issue where the document names none."""
        return self.valid_from or self.issued_on


class TargetQuerySet(models.QuerySet["Target"]):
    def standing(self) -> TargetQuerySet:
        """Without what was entered by mistake, and what a withdrawn document said."""
        return self.filter(withdrawn_at__isnull=True, policy__withdrawn_at__isnull=True)

    def in_force(self, day: dt.date) -> TargetQuerySet:
        """Targets that judge a day: begun by it, and neither ended nor withdrawn.

        One stays after its by-date and its document's last day: what had to be reached then must
        be kept until a newer document says otherwise (`is_replaced_by`), or it is ended.
        """
        issued = Q(policy__issued_on__isnull=True) | Q(policy__issued_on__lte=day)
        begun = self.standing().filter(
            Q(policy__valid_from__lte=day) | Q(policy__valid_from__isnull=True) & issued,
            Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        )
        for ends in ("policy__ended_on", "ended_on"):
            begun = begun.filter(Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": day}))
        return begun


@tracked()
class Target(Ended):
    """One demand: an indicator, an operator, a value, at which levels, by when, in which clause.

    It judges from its document's first day on, or from `valid_from` where it begins later: a value
    that changes from a day on is a new row, and a month answers to the row of its own day.
    """

    class Operator(models.TextChoices):
        AT_LEAST = ">=", "不低于"
        AT_MOST = "<=", "不高于"

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="targets")
    indicator = models.CharField("指标", max_length=60)
    operator = models.CharField("比较", max_length=2, choices=Operator.choices)
    value = models.DecimalField("目标值", max_digits=16, decimal_places=6)
    levels = models.JSONField("适用级别")  # of LEVELS in indicators.targets.rules, in its order
    valid_from = models.DateField("起始日期", null=True, blank=True)
    by_date = models.DateField("达到时限", null=True, blank=True)
    clause = models.CharField("条款", max_length=60, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标"
        ordering = ["policy", "pk"]
        constraints = [
            *Ended.Meta.constraints,
            ExclusionConstraint(
                name="one_target_of_a_kind_at_a_time",
                expressions=[
                    ("policy", RangeOperators.EQUAL),
                    ("indicator", RangeOperators.EQUAL),
                    ("operator", RangeOperators.EQUAL),
                    (Cast("levels", models.TextField()), RangeOperators.EQUAL),
                    (
                        models.Func(
                            F("valid_from"), F("ended_on"), RangeBoundary(),
                            function="DATERANGE", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(ended_on__gt=F("valid_from")),
                name="target_dates_in_order",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.indicator} {self.operator} {self.value}"

    @property
    def begins_on(self) -> dt.date | None:
        """Its own first day, or its document's; None where neither is known."""
        return max(filter(None, (self.valid_from, self.policy.begins_on)), default=None)

    def holds_on(self, day: dt.date) -> bool:
        """Whether it has begun and not ended by a day, as `in_force` asks the database."""
        begins, ends = (
            (self.valid_from, self.policy.begins_on),
            (self.ended_on, self.policy.ended_on),
        )
        return all(one is None or one <= day for one in begins) and all(
            one is None or one > day for one in ends
        )

    @property
    def demand(self) -> Demand:
        """As the rules against contradictions take it."""
        return Demand(self.operator, self.value, tuple(self.levels), self.valid_from, self.ended_on)

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
