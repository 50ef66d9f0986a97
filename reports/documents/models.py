"""Printed documents, kept byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class PrintedDocumentQuerySet(ScopedQuerySet["PrintedDocument"]):
    def visible_to(self, user: User) -> PrintedDocumentQuerySet:
        """Documents about the person's region or below it."""
        acting = user.acting
        if acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        region = acting.organisation.region
        field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
        below = models.Q(region=region.pk)
        if field is not None:
            below |= models.Q(**{f"region__{field}": region.pk})
        return self.filter(below)


@sealed()
class PrintedDocument(models.Model):
    """One PDF with the figures it was made from, so that a reprint gives the same numbers.

    The bytes live in the database: a backup then holds record and paper together.
    """

    class Kind(models.TextChoices):
        OVERVIEW_TABLE = "overview_table", "学前教育普及普惠基本情况一览表"
        MONTHLY_RATES = "monthly_rates", "三率月报"
        ESTATE_TABLE = "estate_table", "小区配套幼儿园一览表"

    # A job prints one document, and whoever knows the job knows the document.
    job = models.OneToOneField(
        "accounts.Job", models.PROTECT, primary_key=True, related_name="document"
    )
    kind = models.CharField("文种", max_length=20, choices=Kind.choices)
    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    month = models.DateField("月份")
    printed_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    printed_at = models.DateTimeField("打印时间")
    figures = models.JSONField("所用数据")
    pages = models.PositiveIntegerField("页数")
    sha256 = models.CharField("校验值", max_length=64)
    content = models.BinaryField("PDF")

    objects = PrintedDocumentQuerySet.as_manager()

    class Meta:
        app_label = "reports"
        verbose_name = verbose_name_plural = "打印件"
        ordering = ["-printed_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="document_month_is_first_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.month:%Y年%-m月}{self.get_kind_display()}"
