"""Births, from which the coming years' entrants are estimated; no figure is made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.history.tracking import tracked
from kindergartens.models.population import Population


@tracked()
class BirthCount(models.Model):
    """Children born in a county or town in one calendar year, on one base."""

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="地区", related_name="births"
    )
    year = models.PositiveSmallIntegerField("出生年份")
    base = models.CharField("口径", max_length=10, choices=Population.Base.choices)
    children = models.PositiveIntegerField("出生人数")
    source = models.CharField("来源", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "出生人口"
        ordering = ["region", "year", "base"]
        constraints = [
            models.UniqueConstraint(fields=["region", "year", "base"], name="births_unique"),
            models.CheckConstraint(
                condition=Q(year__gte=1990, year__lte=2100), name="births_of_a_plausible_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.year}年出生 {self.get_base_display()}"
