"""What was decided about a kindergarten's dated status, on which paper; never changed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed
from accounts.models import Attachment

if TYPE_CHECKING:
    from accounts.models import User


class StatusChangeQuerySet(ScopedQuerySet["StatusChange"]):
    def visible_to(self, user: User) -> StatusChangeQuerySet:
        """Whoever looks after the kindergarten today sees all that was decided about it."""
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> StatusChangeQuerySet:
        """Changes that hold: not withdrawn, and no withdrawals themselves."""
        return self.filter(withdraws__isnull=True, withdrawal__isnull=True)


@sealed()
class StatusChange(models.Model):
    """One change of dated status, or (with `withdraws`) the withdrawal of one before it began.

    `values` are the fields that were set, `before` what they were on the day before; a town is its
    key. The rows of KindergartenStatus follow from these; this is who decided what and why.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="status_changes"
    )
    valid_from = models.DateField("生效日期")
    values = models.JSONField("改成")
    before = models.JSONField("原来")
    reason = models.CharField("原因", max_length=300)
    document_number = models.CharField("文号", max_length=100, blank=True)
    withdraws = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="withdrawal", verbose_name="撤回的变更"
    )
    made_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    made_at = models.DateTimeField("登记时间")

    objects = StatusChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "状态变更"
        ordering = ["kindergarten", "made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="status_change_has_reason"),
        ]
        indexes = [
            models.Index(fields=["kindergarten", "valid_from"], name="status_changes_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.valid_from}起"


class StatusDocumentQuerySet(ScopedQuerySet["StatusDocument"]):
    def visible_to(self, user: User) -> StatusDocumentQuerySet:
        path = "change__kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@sealed()
class StatusDocument(Attachment):
    """The paper a change rests on (批复、认定文件)."""

    change = models.ForeignKey(StatusChange, models.PROTECT, related_name="documents")

    objects = StatusDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变更依据文件"
        ordering = ["change", "added_at", "pk"]
