"""Whatever can log in or be made responsible: bureaus, town offices, departments, kindergartens."""

from __future__ import annotations

from django.db import models

from accounts.history.tracking import tracked


@tracked()
class Organisation(models.Model):
    class Kind(models.TextChoices):
        BUREAU = "bureau", "区县教育局"
        CITY_BUREAU = "city_bureau", "市教育局"
        TOWN_OFFICE = "town_office", "乡镇街道"
        DEPARTMENT = "department", "配合单位"
        KINDERGARTEN = "kindergarten", "幼儿园"

    name = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="所在区划", related_name="organisations"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name = verbose_name_plural = "机构"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "name"], name="organisation_name_unique_in_region"
            )
        ]

    def __str__(self) -> str:
        return self.name
