"""The fee schedule (收费公示表) of a kindergarten: what it may charge, as dated lines."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from fees.rules import ENTRANTS, FEE_HOURS, FEE_ITEMS, FEE_SCOPES, FEE_UNITS, PUBLISHED_FROM, plain

if TYPE_CHECKING:
    from accounts.models import User


class FeeItem(models.TextChoices):
    """The five classes in force from 2026-01-01 (发改价格〔2025〕1644号)."""

    CARE_EDUCATION = "care_education_fee", FEE_ITEMS["care_education_fee"]
    BOARDING = "boarding_fee", FEE_ITEMS["boarding_fee"]
    NURSERY_CARE = "nursery_care_fee", FEE_ITEMS["nursery_care_fee"]
    SERVICE = "service_fee", FEE_ITEMS["service_fee"]
    ON_BEHALF = "collected_on_behalf_fee", FEE_ITEMS["collected_on_behalf_fee"]


class FeeScope(models.TextChoices):
    """Whose children pay. A line of a grade goes before the line of all."""

    ALL = "all", FEE_SCOPES["all"]
    SMALL = "small", FEE_SCOPES["small"]
    MIDDLE = "middle", FEE_SCOPES["middle"]
    LARGE = "large", FEE_SCOPES["large"]
    MIXED = "mixed", FEE_SCOPES["mixed"]
    NURSERY = "nursery", FEE_SCOPES["nursery"]


class FeeHours(models.TextChoices):
    ANY = "any", FEE_HOURS["any"]
    FULL_DAY = "full_day", FEE_HOURS["full_day"]
    HALF_DAY = "half_day", FEE_HOURS["half_day"]


class Entrants(models.TextChoices):
    """Whether a line is of every child, or only of those who enter from its first day on."""

    ALL = "all", ENTRANTS["all"]
    NEW = "new", ENTRANTS["new"]


class FeeUnit(models.TextChoices):
    MONTH = "month", FEE_UNITS["month"]
    TERM = "term", FEE_UNITS["term"]
    DAY = "day", FEE_UNITS["day"]
    MEAL = "meal", FEE_UNITS["meal"]
    TIME = "time", FEE_UNITS["time"]


class ScheduledFeeQuerySet(ScopedQuerySet["ScheduledFee"]):
    def visible_to(self, user: User) -> ScheduledFeeQuerySet:
        """Whoever looks after the kindergarten today sees its whole schedule."""
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> ScheduledFeeQuerySet:
        """Without the lines that were recorded by mistake and withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def on(self, day: dt.date) -> ScheduledFeeQuerySet:
        return (
            self.standing()
            .filter(valid_from__lte=day)
            .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))
        )

    def after(self, day: dt.date) -> ScheduledFeeQuerySet:
        """Lines that begin later."""
        return self.standing().filter(valid_from__gt=day)

    def published_by(self, day: dt.date) -> ScheduledFeeQuerySet:
        """Lines that pass as published by a day: all but those of which fees.rules.published_by
        says no. Parents are shown these and no others.
        """
        return self.filter(_published_by(day))

    def unpublished_by(self, day: dt.date) -> ScheduledFeeQuerySet:
        """The others."""
        return self.exclude(_published_by(day))


def _published_by(day: dt.date) -> Q:
    undated = Q(published_on__isnull=True, valid_from__lt=PUBLISHED_FROM)
    return Q(published_on__lte=day) | undated


@tracked()
class ScheduledFee(models.Model):
    """One line of a schedule: an item at its amount a child and unit, from a day until a day.

    `name` is what a service or a collection on behalf is called (伙食费, 延时服务); the other
    three items are named by the law and have none. A line rests on a document or on a
    publication (学前教育法 Art 69); a mistake is corrected in place, and history keeps what stood.
    A line that should never have been is withdrawn: it counts on no day, and is no line any more.
    A line of 大班 or of mixed classes that is what is left after the free year's waiver says the
    amount before it.
    `content` is what is given for it, which is published with it (学前教育法 Art 69).

    A line of new entrants (新生新办法) holds for those who enter from its first day on; beside it
    goes on what holds for those who were there, until a line of everybody ends both.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="scheduled_fees"
    )
    item = models.CharField("收费项目", max_length=24, choices=FeeItem.choices)
    name = models.CharField("项目名称", max_length=40, blank=True)
    scope = models.CharField("收费对象", max_length=10, choices=FeeScope.choices)
    hours = models.CharField("作息", max_length=10, choices=FeeHours.choices, default=FeeHours.ANY)
    entrants = models.CharField(
        "适用幼儿", max_length=4, choices=Entrants.choices, default=Entrants.ALL
    )
    amount = models.DecimalField("标准（元）", max_digits=8, decimal_places=2)
    unit = models.CharField("计费单位", max_length=10, choices=FeeUnit.choices)
    before_waiver = models.DecimalField(
        "减免前标准（元）", max_digits=8, decimal_places=2, null=True, blank=True
    )
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)
    content = models.CharField("服务内容", max_length=200, blank=True)
    document = models.CharField("批准或备案文件", max_length=120, blank=True)
    published_on = models.DateField("公示日期", null=True, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    # The line that ended when this one was recorded, and until when it had been: null is without end.
    replaced = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="所替换的标准",
        related_name="+",
        null=True,
        blank=True,
    )
    replaced_until = models.DateField("被替换的标准原截止日期", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = ScheduledFeeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收费标准"
        ordering = ["kindergarten", "item", "name", "scope", "hours", "valid_from"]
        constraints = [
            no_overlap(
                "one_scheduled_fee_at_a_time",
                "kindergarten",
                "item",
                "name",
                "scope",
                "hours",
                condition=Q(withdrawn_at__isnull=True, entrants="all"),
            ),
            models.UniqueConstraint(
                fields=["kindergarten", "item", "name", "scope", "hours", "valid_from"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_scheduled_fee_begins_a_day",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="scheduled_fee_dates_in_order",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="scheduled_fee_not_negative"),
            models.CheckConstraint(
                condition=Q(before_waiver__isnull=True)
                | Q(
                    item="care_education_fee", scope__in=["large", "mixed"],
                    before_waiver__gte=F("amount"),
                ),
                name="scheduled_fee_before_waiver_not_less",
            ),
            models.CheckConstraint(
                condition=Q(item__in=["service_fee", "collected_on_behalf_fee"]) & ~Q(name="")
                | ~Q(item__in=["service_fee", "collected_on_behalf_fee"]) & Q(name=""),
                name="scheduled_fee_named_where_free",
            ),
            models.CheckConstraint(
                condition=~Q(document="") | Q(published_on__isnull=False),
                name="scheduled_fee_has_basis",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.label} {self.price}"

    @property
    def label(self) -> str:
        """How a line is called: 保教费, 伙食费; with its class where that is not said by itself."""
        return self.name or self.get_item_display()

    @property
    def price(self) -> str:
        """600元/月, 12.5元/天."""
        return f"{plain(self.amount)}{self.get_unit_display()}"
