"""Urging (催报): an office asked a kindergarten for a month's return that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed

if TYPE_CHECKING:
    from accounts.models import User


class FilingUrgeQuerySet(ScopedQuerySet["FilingUrge"]):
    def visible_to(self, user: User) -> FilingUrgeQuerySet:
        """Of the own kindergarten, or of those that owed their return in the person's region."""
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))


@sealed()
class FilingUrge(models.Model):
    """Who asked for which month's return, when, and in which words (the notice's).

    At most one a day for a kindergarten, whoever urges and for whichever month. `town` is that of
    the status on the statistical date, as of a return. Never changed afterwards.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="urges"
    )
    period = models.ForeignKey(
        "kindergartens.ReportingPeriod", models.PROTECT, related_name="urges"
    )
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    day = models.DateField("催报日期")
    notice = models.OneToOneField("accounts.Notice", models.PROTECT, related_name="urge")
    urged_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    urged_at = models.DateTimeField("催报时间")

    objects = FilingUrgeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "催报"
        ordering = ["urged_at", "pk"]
        indexes = [models.Index(fields=["kindergarten", "period"])]
        constraints = [
            models.UniqueConstraint(fields=["kindergarten", "day"], name="urged_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.period.month:%Y年%-m月}催报"
