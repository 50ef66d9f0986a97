"""A file about many persons that somebody wants to take out and somebody else lets go."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.permissions import Permission
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.region import Region

if TYPE_CHECKING:
    from accounts.models import User


class ExportRequestQuerySet(ScopedQuerySet["ExportRequest"]):
    def visible_to(self, user: User) -> ExportRequestQuerySet:
        """One's own, and those of one's region where one approves exports."""
        if user.acting is None:
            return self.none()
        return self.filter(Q(requested_by=user) | self._decidable(user))

    def decidable_by(self, user: User) -> ExportRequestQuerySet:
        """Of those visible to the user, the ones the user's post lets go."""
        return self.filter(self._decidable(user))

    @staticmethod
    def _decidable(user: User) -> Q:
        if user.acting is None or not user.can(Permission.APPROVE_EXPORTS):
            return Q(pk__in=[])
        regions = Region.objects.within(user.acting.organisation.region)
        return Q(requested_as__organisation__region__in=regions.values("pk"))

    def overdue(self, now: dt.datetime) -> ExportRequestQuerySet:
        """Open ones whose time has run out, whether the nightly task saw it or not."""
        return self.filter(state__in=ExportRequest.OPEN, expires_at__lte=now)

    def with_names(self) -> ExportRequestQuerySet:
        return self.select_related(
            "requested_by", "requested_as__organisation", "requested_as__deputises_for__user",
            "decided_by",
        )  # fmt: skip


@tracked()
class ExportRequest(models.Model):
    """One export: what, of whom, why, who let it go. An approval is good for one download."""

    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "已拒绝"
        EXPIRED = "expired", "已过期"
        USED = "used", "已导出"
        WITHDRAWN = "withdrawn", "已撤回"

    OPEN = (State.WAITING, State.APPROVED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("内容", max_length=40)
    title = models.CharField("名称", max_length=200)
    ending = models.CharField("格式", max_length=4, choices=[("xlsx", "xlsx"), ("csv", "csv")])
    filters = models.JSONField("条件", default=dict)
    persons = models.PositiveIntegerField("涉及人数")
    # SHA-256 of the persons' keys; empty where the filters hold the list as it was asked for.
    persons_digest = models.CharField("名单摘要", max_length=64, blank=True)
    reason = models.CharField("理由", max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    requested_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, related_name="export_requests"
    )
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("办理时间", null=True)
    decision_reason = models.CharField("办理意见", max_length=300, blank=True)
    expires_at = models.DateTimeField("有效期")
    used_at = models.DateTimeField("导出时间", null=True)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出申请"
        ordering = ["-requested_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="export_decided_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=False, decided_as__isnull=False, decided_at__isnull=False
                )
                | Q(
                    decided_by__isnull=True,
                    decided_as__isnull=True,
                    decided_at__isnull=True,
                    state__in=["waiting", "expired", "withdrawn"],
                ),
                name="export_request_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(decided_by__isnull=True),
                name="waiting_export_is_undecided",
            ),
            models.CheckConstraint(
                condition=Q(state="used", used_at__isnull=False)
                | (~Q(state="used") & Q(used_at__isnull=True)),
                name="export_used_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(decision_reason=""),
                name="export_refused_with_reason",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="export_has_reason"),
        ]
        indexes = [models.Index(fields=["requested_by", "-requested_at"], name="exports_by_person")]

    def __str__(self) -> str:
        return f"{self.title} {self.persons}人"

    @property
    def number(self) -> str:
        """What stands in the watermark and is read out when asked."""
        return self.pk.hex[:8].upper()
