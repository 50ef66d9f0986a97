"""What is given back of a fee, as a place has set it by a document."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from fees.models.meals import DatedQuerySet
from fees.refunds.rules import BASES, REFUNDED, Band, Basis, Rule


@tracked()
class RefundRule(models.Model):
    """退费办法 of one item in a place. `bands` are triples [up to percent attended, that included,
    percent given back], rising; only they or `percent` hold, by the basis.
    """

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="地区", related_name="refund_rules"
    )
    item = models.CharField("收费项目", max_length=24, choices=list(REFUNDED.items()))
    basis = models.CharField(
        "退费办法", max_length=12, choices=[(one.value, text) for one, text in BASES.items()]
    )
    bands = models.JSONField("分档", default=list, blank=True)
    percent = models.DecimalField(
        "退费比例（%）", max_digits=5, decimal_places=2, null=True, blank=True
    )
    least_days = models.PositiveSmallIntegerField("缺勤满几天才退", default=0)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "退费办法"
        ordering = ["region", "item", "-valid_from"]
        constraints = [
            no_overlap("one_refund_rule_at_a_time", "region", "item"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="refund_rule_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(basis="attended", percent__isnull=True) & ~Q(bands=[])
                | ~Q(basis="attended") & Q(percent__gte=0, percent__lte=100, bands=[]),
                name="refund_rule_by_bands_or_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()}退费办法"

    @property
    def rule(self) -> Rule:
        bands = tuple(
            Band(Decimal(up_to), inclusive, Decimal(percent))
            for up_to, inclusive, percent in self.bands
        )
        return Rule(Basis(self.basis), bands, self.percent, self.least_days)
