"""What a county lets its kindergartens offer for money or collect for others (目录清单)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models import Region
from accounts.models.dated import no_overlap
from fees.models.schedule import FeeItem, FeeUnit


class LocalFeeItemQuerySet(models.QuerySet["LocalFeeItem"]):
    def in_force(self, day: dt.date) -> LocalFeeItemQuerySet:
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )

    def of_county(self, region: Region) -> LocalFeeItemQuerySet:
        """The list that holds in a place: that of the county it is or lies in."""
        return self.filter(region=region.county_id or region.pk)


@tracked()
class LocalFeeItem(models.Model):
    """One item of a county's list of services (服务性收费) and collections on behalf (代收费).

    发改价格〔2025〕1644号: what is not on the local list, or unlike it, is not charged. `unit` empty:
    by any; `most` in yuan a child and unit, null where the list sets none.
    """

    class Item(models.TextChoices):
        SERVICE = FeeItem.SERVICE.value, FeeItem.SERVICE.label
        ON_BEHALF = FeeItem.ON_BEHALF.value, FeeItem.ON_BEHALF.label

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    item = models.CharField("收费类别", max_length=24, choices=Item.choices)
    name = models.CharField("项目名称", max_length=40)
    unit = models.CharField("计费单位", max_length=10, choices=FeeUnit.choices, blank=True)
    most = models.DecimalField(
        "最高标准（元）", max_digits=8, decimal_places=2, null=True, blank=True
    )
    content = models.CharField("服务内容", max_length=200, blank=True)
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = LocalFeeItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目录清单项目"
        ordering = ["region", "item", "name", "valid_from"]
        constraints = [
            no_overlap("one_local_fee_item_at_a_time", "region", "item", "name"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="local_fee_item_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(item__in=["service_fee", "collected_on_behalf_fee"]) & ~Q(name=""),
                name="local_fee_item_is_named",
            ),
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(most__gt=0) & ~Q(unit=""),
                name="local_fee_item_most_has_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.name}"
