"""What a place's documents demand of buildings and estates: dated rows with document and clause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import home_region
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User

AnyDemand = TypeVar("AnyDemand", bound="Demand")


class DemandQuerySet(models.QuerySet["Demand"]):
    def visible_to(self, user: User) -> DemandQuerySet:
        """Rows that hold where the person works: of the nation, of places above and below."""
        region = home_region(user)
        if region is None:
            return self.none()
        within = Region.objects.within(region).values("pk")
        return self.filter(Q(region=None) | Q(region__in=ancestors(region)) | Q(region__in=within))

    def in_force(self, day: dt.date) -> DemandQuerySet:
        return self.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=day)).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )

    def holding_in(self, region: Region) -> DemandQuerySet:
        """Rows of the region, of those it lies in, and of the nation."""
        return self.filter(Q(region=None) | Q(region__in=ancestors(region)))


class Demand(models.Model):
    """One demand of a document, for a place; without a region it is the nation's.

    `source` names the packaged file a row was loaded from; rows that people enter have none.
    """

    region = models.ForeignKey(
        "accounts.Region",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="适用地区",
        related_name="+",
    )
    source = models.SlugField("来源文件", max_length=80, blank=True)
    document = models.CharField("文件", max_length=200)
    document_number = models.CharField("文号", max_length=80, blank=True)
    clause = models.CharField("条款", max_length=60, blank=True)
    valid_from = models.DateField("起始日期", null=True, blank=True)
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def dates_in_order(cls, name: str) -> models.CheckConstraint:
        return models.CheckConstraint(
            condition=Q(valid_to__isnull=True)
            | Q(valid_from__isnull=True)
            | Q(valid_to__gt=F("valid_from")),
            name=name,
        )

    def is_in_force(self, day: dt.date) -> bool:
        """As `DemandQuerySet.in_force`, of a row in hand."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or self.valid_to > day
        )

    @property
    def basis(self) -> str:
        """Document, number and clause, as a page prints them."""
        number = f"（{self.document_number}）" if self.document_number else ""
        return f"《{self.document}》{number}{self.clause}"


def ancestors(region: Region) -> list[int]:
    """Keys of the region and of all it lies in, the nearest first."""
    above = (region.pk, region.county_id, region.city_id, region.province_id)
    return list(dict.fromkeys(pk for pk in above if pk is not None))


def nearest(
    rows: Iterable[AnyDemand], region: Region, key: Callable[[AnyDemand], str]
) -> dict[str, AnyDemand]:
    """One row a key: the nearest place's, of one place the one that began last."""
    return nearest_of(rows, ancestors(region), key)


def nearest_of(
    rows: Iterable[AnyDemand], places: Sequence[int], key: Callable[[AnyDemand], str]
) -> dict[str, AnyDemand]:
    """The same where only the keys of the places are in hand, the nearest first."""
    order = {pk: number for number, pk in enumerate(places)}
    found: dict[str, AnyDemand] = {}
    ranked = sorted(
        (row for row in rows if row.region_id is None or row.region_id in order),
        key=lambda row: (
            order.get(row.region_id or 0, len(order)),
            -(row.valid_from or dt.date.min).toordinal(),
        ),
    )
    for row in ranked:
        found.setdefault(key(row), row)
    return found
