"""What an officer did with several returns at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import NOTHING, reads_business_data, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Organisation

if TYPE_CHECKING:
    from accounts.models import User


class BulkAcceptanceQuerySet(ScopedQuerySet["BulkAcceptance"]):
    def visible_to(self, user: User) -> BulkAcceptanceQuerySet:
        """Those of one's own office."""
        acting = user.acting
        if acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        return self.filter(accepted_as__organisation=acting.organisation_id)


@sealed()
class BulkAcceptance(models.Model):
    """What became of each return that was accepted in one go. Written once, by its job.

    The acceptances themselves are events of the returns; this names those left out, and why.
    `results` are [return, version, kindergarten's name, reason], the reason empty where accepted.
    """

    job = models.OneToOneField(
        "accounts.Job", models.PROTECT, primary_key=True, related_name="bulk_acceptance"
    )
    month = models.DateField("月份")
    accepted_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField("接收时间")
    results = models.JSONField("结果")

    objects = BulkAcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量接收"
        ordering = ["-accepted_at"]

    def __str__(self) -> str:
        return f"{self.accepted_as.organisation} {self.month:%Y年%-m月}批量接收"


class FollowUpQuerySet(ScopedQuerySet["FollowUp"]):
    def visible_to(self, user: User) -> FollowUpQuerySet:
        """Those about returns of the person's region; the kindergarten itself sees none."""
        acting = user.acting
        if acting is None or acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
            return self.filter(NOTHING)
        return self.filter(region_scope(user, "filing__town"))


@tracked()
class FollowUp(models.Model):
    """Something odd in a return that an officer wants to look into (要跟进).

    It blocks nothing. A return has at most one that is open; what was closed stays closed, and a
    new doubt is a new one.
    """

    filing = models.ForeignKey(
        "kindergartens.MonthlyFiling", models.PROTECT, related_name="follow_ups"
    )
    version = models.PositiveIntegerField("看到的第几版")
    note = models.CharField("要跟进什么", max_length=300)
    opened_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="提出人岗位", related_name="+"
    )
    opened_at = models.DateTimeField("提出时间")
    outcome = models.CharField("结果", max_length=300, blank=True)
    closed_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        verbose_name="办结人岗位",
        related_name="+",
    )
    closed_at = models.DateTimeField("办结时间", null=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "跟进"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="follow_up_says_what"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_as__isnull=True, outcome="")
                | Q(closed_at__isnull=False, closed_as__isnull=False) & ~Q(outcome=""),
                name="follow_up_closed_with_outcome",
            ),
            models.UniqueConstraint(
                fields=["filing"],
                condition=Q(closed_at__isnull=True),
                name="one_open_follow_up_a_return",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing}跟进"
