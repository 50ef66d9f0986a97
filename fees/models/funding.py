"""Public money for kindergartens: what a place sets a child and year, what was paid, and aid in counts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    from accounts.models import User

PLACE = "kindergarten__organisation"
TOWN = f"{PLACE}__region"


class FundingStandardQuerySet(models.QuerySet["FundingStandard"]):
    def in_force(self, day: dt.date) -> FundingStandardQuerySet:
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


@tracked()
class FundingStandard(models.Model):
    """Yuan that a place's document gives a child and calendar year (学前教育法 Art 63).

    The row in force on 1 January holds for the whole year. Children are those of the accepted
    return of `counted_month`, of the year before where `counted_year_before`.
    """

    class Scope(models.TextChoices):
        PUBLIC = "public", "公办园生均公用经费"
        INCLUSIVE = "inclusive", "普惠性民办园生均补助"

    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="funding_standards")
    scope = models.CharField("类别", max_length=10, choices=Scope.choices)
    yuan_per_year = models.DecimalField("元/年/生", max_digits=8, decimal_places=2)
    # Null: the document sets none of their own.
    disabled_yuan_per_year = models.DecimalField(
        "残疾儿童（元/年/生）", max_digits=8, decimal_places=2, null=True, blank=True
    )
    counted_year_before = models.BooleanField("按上一年的月报", default=True)
    counted_month = models.PositiveSmallIntegerField("按几月的月报", default=9)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = FundingStandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "生均拨款标准"
        constraints = [
            no_overlap("one_funding_standard_at_a_time", "region", "scope"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="funding_standard_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(counted_month__gte=1, counted_month__lte=12),
                name="funding_standard_counts_a_month",
            ),
            models.CheckConstraint(
                condition=Q(yuan_per_year__gt=0)
                & (
                    Q(disabled_yuan_per_year__isnull=True)
                    | Q(disabled_yuan_per_year__gte=F("yuan_per_year"))
                ),
                name="funding_standard_not_lower_for_disabled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.get_scope_display()} {self.yuan_per_year}"


class FundingPaymentQuerySet(ScopedQuerySet["FundingPayment"]):
    def visible_to(self, user: User) -> FundingPaymentQuerySet:
        """Of the own kindergarten, or of those in the person's region."""
        return self.filter(organisation_scope(user, PLACE, TOWN))

    def standing(self) -> FundingPaymentQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class FundingPayment(models.Model):
    """Public money that one kindergarten was paid for a calendar year. Only PER_CHILD meets what is due."""

    class Kind(models.TextChoices):
        PER_CHILD = "per_child", "生均经费"
        REWARD = "reward", "奖补资金"
        PURCHASE = "purchase", "购买服务"
        RENT = "rent", "租金减免"
        OTHER = "other", "其他补助"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="funding_payments"
    )
    year = models.PositiveSmallIntegerField("拨付年度")
    kind = models.CharField("拨款种类", max_length=10, choices=Kind.choices)
    paid_on = models.DateField("拨付日期")
    yuan = models.DecimalField("金额（元）", max_digits=12, decimal_places=2)
    document = models.CharField("拨款文件", max_length=120)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = FundingPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "经费拨付"
        ordering = ["-paid_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(yuan__gt=0), name="funding_payment_of_something"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="funding_payment_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["kindergarten", "year"])]

    def __str__(self) -> str:
        return f"{self.year}年{self.get_kind_display()}{self.yuan}元"


class AidCountQuerySet(ScopedQuerySet["AidCount"]):
    def visible_to(self, user: User) -> AidCountQuerySet:
        return self.filter(organisation_scope(user, PLACE, TOWN))


@tracked()
class AidCount(models.Model):
    """Children of one kind that were given financial aid (资助) in a half-year, and yuan altogether.

    Counts, never names (学前教育法 Art 65). A half-year is recorded whole, every kind, so that what
    is missing is never taken for nobody. `note` says why more children are told than were there.
    """

    class Kind(models.TextChoices):
        HARDSHIP = "hardship", "家庭经济困难"
        ORPHAN = "orphan", "孤儿"
        DISABLED = "disabled", "残疾"
        LEFT_BEHIND = "left_behind", "留守"
        OTHER = "other", "其他"

    class Half(models.TextChoices):
        FIRST = "first", "上半年"
        SECOND = "second", "下半年"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="aid_counts"
    )
    year = models.PositiveSmallIntegerField("资助年度")
    half = models.CharField("半年", max_length=6, choices=Half.choices)
    kind = models.CharField("资助对象", max_length=12, choices=Kind.choices)
    children = models.PositiveSmallIntegerField("资助人数")
    yuan = models.PositiveIntegerField("资助金额（元）")
    note = models.CharField("人数说明", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = AidCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资助人数"
        ordering = ["-year", "-half", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "year", "half", "kind"], name="one_aid_count"
            ),
            models.CheckConstraint(
                condition=Q(children=0, yuan=0) | Q(children__gt=0, yuan__gt=0),
                name="aid_goes_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.get_half_display()}{self.get_kind_display()}"
