"""Meal accounts of kindergartens, and what a place has set about meal fees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.duties import Actor
from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from fees.meals.rules import MEALS, EntryFacts, Flow, pattern_name
from fees.models.schedule import FeeUnit
from fees.terms import SEASONS, Term

if TYPE_CHECKING:
    from accounts.models import User


class DatedQuerySet(models.QuerySet):
    def in_force(self, day: dt.date) -> DatedQuerySet:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


@tracked()
class MealFee(models.Model):
    """A place's one meal fee (统一伙食费) a child and unit, in yuan, and the meals it is for."""

    class Scope(models.TextChoices):
        PUBLIC = "public", "公办园"
        ALL = "all", "所有幼儿园"

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="meal_fees"
    )
    scope = models.CharField("适用", max_length=8, choices=Scope.choices)
    unit = models.CharField(
        "计费单位",
        max_length=10,
        choices=[one for one in FeeUnit.choices if one[0] in ("day", "meal", "month")],
    )
    amount = models.DecimalField("标准（元）", max_digits=8, decimal_places=2)
    breakfast = models.BooleanField(MEALS["breakfast"], default=False)
    morning_snack = models.BooleanField(MEALS["morning_snack"], default=False)
    lunch = models.BooleanField(MEALS["lunch"], default=False)
    afternoon_snack = models.BooleanField(MEALS["afternoon_snack"], default=False)
    dinner = models.BooleanField(MEALS["dinner"], default=False)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统一伙食费"
        ordering = ["region", "scope", "unit", "-valid_from"]
        constraints = [
            no_overlap("one_meal_fee_at_a_time", "region", "scope", "unit"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="meal_fee_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="meal_fee_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}统一伙食费{self.amount}{self.get_unit_display()}"

    @property
    def pattern(self) -> str:
        """三餐两点, of the meals that are ticked."""
        return pattern_name([kind for kind in MEALS if getattr(self, kind)])


@tracked()
class MealSurplusLimit(models.Model):
    """How far a term's receipts and spending on meals may lie apart, in percent of receipts."""

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="meal_surplus_limits"
    )
    percent = models.DecimalField("盈亏上限（%）", max_digits=5, decimal_places=2)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "伙食费盈亏上限"
        ordering = ["region", "-valid_from"]
        constraints = [
            no_overlap("one_meal_surplus_limit_at_a_time", "region"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="meal_surplus_limit_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="meal_surplus_limit_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"盈亏不超过收入的{self.percent}%"


class MealAccountQuerySet(ScopedQuerySet["MealAccount"]):
    def visible_to(self, user: User) -> MealAccountQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def of(self, term: Term) -> MealAccountQuerySet:
        return self.filter(year=term.year, season=term.season)


@tracked()
class MealAccount(models.Model):
    """伙食费收支 of one kindergarten and term; sums in yuan. The closing is computed from entries.

    `opening` below 0 is what the term before was short of. `counted_cash` is what was there when
    the term was closed, null until somebody counted. Handed in, it is the county's to accept; sent
    back it is corrected in place, and history keeps what stood.
    """

    class State(models.TextChoices):
        OPEN = "open", "登记中"
        SUBMITTED = "submitted", "待核对"
        ACCEPTED = "accepted", "已接收"
        RETURNED = "returned", "已退回"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        related_name="meal_accounts",
    )
    year = models.PositiveSmallIntegerField("学年")
    season = models.CharField("学期", max_length=8, choices=list(SEASONS.items()))
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    opening = models.DecimalField("期初结余（元）", max_digits=11, decimal_places=2)
    opening_reason = models.CharField("期初和上学期不一样的原因", max_length=300, blank=True)
    counted_cash = models.DecimalField(
        "期末盘点（元）", max_digits=11, decimal_places=2, null=True, blank=True
    )
    explanation = models.CharField("情况说明", max_length=300, blank=True)
    submitted_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        verbose_name="提交人",
        related_name="+",
        null=True,
        blank=True,
    )
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    decided_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        verbose_name="核对人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("核对时间", null=True, blank=True)
    return_reason = models.CharField("退回原因", max_length=300, blank=True)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")

    objects = MealAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "伙食费收支"
        ordering = ["-year", "season", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "year", "season"], name="one_meal_account_a_term"
            ),
            models.CheckConstraint(
                condition=Q(state="open", submitted_at__isnull=True)
                | ~Q(state="open")
                & Q(
                    submitted_at__isnull=False,
                    submitted_as__isnull=False,
                    counted_cash__isnull=False,
                ),
                name="meal_account_handed_in_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""),
                name="meal_account_returned_with_reason",
            ),
            # Who it was: fees/migrations/0015_who_hands_in_meals_does_not_answer.py
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "returned"])
                | Q(decided_as__isnull=False, decided_at__isnull=False),
                name="meal_account_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(counted_cash__isnull=True) | Q(counted_cash__gte=0),
                name="meal_account_cash_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}伙食费收支"

    @property
    def term(self) -> Term:
        return Term(self.year, self.season)

    @property
    def submitter(self) -> Actor | None:
        return self.submitted_as.actor if self.submitted_as else None

    @property
    def is_open(self) -> bool:
        """Whether the kindergarten may write in it."""
        return self.state in (self.State.OPEN, self.State.RETURNED)


class MealEntryQuerySet(ScopedQuerySet["MealEntry"]):
    def visible_to(self, user: User) -> MealEntryQuerySet:
        return self.filter(
            organisation_scope(
                user,
                "account__kindergarten__organisation",
                "account__kindergarten__organisation__region",
            )
        )


@tracked()
class MealEntry(models.Model):
    """One month of an account, or its whole term where `month` is null; sums in yuan.

    Meals are counted in children who ate them; null is a meal that is not served.
    """

    account = models.ForeignKey(
        MealAccount, models.PROTECT, verbose_name="伙食费收支", related_name="entries"
    )
    month = models.DateField("月份", null=True, blank=True)
    receipts = models.DecimalField("收入（元）", max_digits=11, decimal_places=2)
    food = models.DecimalField("食材支出（元）", max_digits=11, decimal_places=2)
    fuel = models.DecimalField("燃料和加工支出（元）", max_digits=11, decimal_places=2)
    other = models.DecimalField("其他支出（元）", max_digits=11, decimal_places=2)
    refunds = models.DecimalField("退给家长（元）", max_digits=11, decimal_places=2)
    child_days = models.PositiveIntegerField("用餐人天")
    breakfast = models.PositiveIntegerField("早餐人次", null=True, blank=True)
    morning_snack = models.PositiveIntegerField("早点人次", null=True, blank=True)
    lunch = models.PositiveIntegerField("午餐人次", null=True, blank=True)
    afternoon_snack = models.PositiveIntegerField("午点人次", null=True, blank=True)
    dinner = models.PositiveIntegerField("晚餐人次", null=True, blank=True)
    published_on = models.DateField("公布日期", null=True, blank=True)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")

    objects = MealEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "伙食费收支明细"
        ordering = ["account", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month"], name="one_meal_entry_a_month", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(
                    receipts__gte=0, food__gte=0, fuel__gte=0, other__gte=0, refunds__gte=0
                ),
                name="meal_entry_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(month__isnull=True) | Q(month__day=1), name="meal_entry_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month.year}年{self.month.month}月" if self.month else "全学期"

    @property
    def facts(self) -> EntryFacts:
        return EntryFacts(
            receipts=self.receipts,
            food=self.food,
            fuel=self.fuel,
            other=self.other,
            refunds=self.refunds,
            child_days=self.child_days,
            meals={kind: getattr(self, kind) for kind in MEALS},
            published_on=self.published_on,
        )

    @property
    def flow(self) -> Flow:
        return Flow(self.receipts, self.food + self.fuel + self.other, self.refunds)
