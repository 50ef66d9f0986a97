"""Extensions (延期补报): one kindergarten's month stays open, or opens again, after the lock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class FilingExtensionQuerySet(ScopedQuerySet["FilingExtension"]):
    def visible_to(self, user: User) -> FilingExtensionQuerySet:
        """Of the own kindergarten, or of those that owed their return in the person's region."""
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))

    def in_force(self, now: dt.datetime) -> FilingExtensionQuerySet:
        return self.filter(revoked_at__isnull=True, until__gt=now)


@tracked()
class FilingExtension(models.Model):
    """Until when one kindergarten may still file one month, who granted it and why.

    It opens nothing but that month of that kindergarten, and ends by itself. A later one goes
    further; one that was wrong is revoked with its reason and stays to be read. A return filed in
    it is late all the same. `town` is that of the status on the statistical date, as of a return.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="extensions"
    )
    period = models.ForeignKey(
        "kindergartens.ReportingPeriod", models.PROTECT, related_name="extensions"
    )
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    until = models.DateTimeField("延期到")
    reason = models.CharField("延期原因", max_length=300)
    granted_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="批准人岗位", related_name="+"
    )
    granted_at = models.DateTimeField("批准时间")
    revoked_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        verbose_name="撤销人岗位",
        related_name="+",
    )
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoked_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = FilingExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期补报"
        ordering = ["granted_at", "pk"]
        indexes = [models.Index(fields=["kindergarten", "period"])]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason"),
            models.CheckConstraint(
                condition=Q(until__gt=F("granted_at")), name="extension_ends_after_grant"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_as__isnull=True, revoked_reason="")
                | Q(revoked_at__isnull=False, revoked_as__isnull=False) & ~Q(revoked_reason=""),
                name="extension_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.period.month:%Y年%-m月}延期"

    def is_in_force(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.until
