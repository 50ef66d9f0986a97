"""A kindergarten asks for more time (申请延期) for a month that has locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class ExtensionRequestQuerySet(ScopedQuerySet["ExtensionRequest"]):
    def visible_to(self, user: User) -> ExtensionRequestQuerySet:
        """Of the own kindergarten, or of those that owed their return in the person's region."""
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))

    def waiting(self) -> ExtensionRequestQuerySet:
        return self.filter(answered_at__isnull=True)


@tracked()
class ExtensionRequest(models.Model):
    """Why one kindergarten wants to file or correct one month after its lock, and the answer.

    Granted: `extension` is what it led to. Refused: `answer` says why. A kindergarten has one
    question open a month; after an answer it may ask again, with its new reason.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="extension_requests"
    )
    period = models.ForeignKey(
        "kindergartens.ReportingPeriod", models.PROTECT, related_name="extension_requests"
    )
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    reason = models.CharField("申请理由", max_length=300)
    asked_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="申请人岗位", related_name="+"
    )
    asked_at = models.DateTimeField("申请时间")
    answered_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        verbose_name="答复人岗位",
        related_name="+",
    )
    answered_at = models.DateTimeField("答复时间", null=True)
    answer = models.CharField("不同意的原因", max_length=300, blank=True)
    extension = models.OneToOneField(
        "kindergartens.FilingExtension",
        models.PROTECT,
        null=True,
        verbose_name="批准的延期",
        related_name="request",
    )

    objects = ExtensionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["asked_at", "pk"]
        indexes = [models.Index(fields=["kindergarten", "period"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "period"],
                condition=Q(answered_at__isnull=True),
                name="one_extension_request_waiting",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_request_has_reason"),
            models.CheckConstraint(
                condition=Q(
                    answered_at__isnull=True, answered_as__isnull=True, answer="",
                    extension__isnull=True,
                )
                | Q(answered_at__isnull=False, answered_as__isnull=False)
                & (Q(extension__isnull=False, answer="") | Q(extension__isnull=True) & ~Q(answer="")),
                name="extension_request_granted_or_refused",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.period.month:%Y年%-m月}延期申请"

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None
