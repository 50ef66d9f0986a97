"""Reasons (说明) that a kindergarten gave for what was unusual in a return it submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed

if TYPE_CHECKING:
    from accounts.models import User


class FilingExplanationQuerySet(ScopedQuerySet["FilingExplanation"]):
    def visible_to(self, user: User) -> FilingExplanationQuerySet:
        filing = "version__filing"
        return self.filter(
            organisation_scope(user, f"{filing}__kindergarten__organisation", f"{filing}__town")
        )

    def of_versions_that_count(self) -> FilingExplanationQuerySet:
        """Of each return the accepted version; where none was, the latest submitted."""
        return self.filter(
            version__version=Coalesce(
                F("version__filing__accepted_version"), F("version__filing__version")
            )
        )


@sealed()
class FilingExplanation(models.Model):
    """One reason for one finding of an 经验校验, in one submitted version. Never changed.

    `code` is that of the check (reports/filings/checks/checks.toml), `place` the class it was
    found at, empty for the return as a whole: together they tell the same finding in other
    months. `says` and `figures` are the finding as it was read by whoever explained it.
    """

    version = models.ForeignKey(
        "kindergartens.FilingVersion", models.PROTECT, related_name="explanations"
    )
    code = models.CharField("校验", max_length=40)
    place = models.CharField("班级", max_length=30, blank=True)
    says = models.CharField("校验提示", max_length=300)
    figures = models.JSONField("所涉数字", default=dict)
    text = models.CharField("原因", max_length=300)

    objects = FilingExplanationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报校验说明"
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code", "place"], name="one_explanation_per_finding"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="explanation_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.says}{self.text}"

    @property
    def key(self) -> str:
        return f"{self.code}@{self.place}"
