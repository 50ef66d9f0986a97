"""What a director would change in the own kindergarten's record, for the bureau to accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class RecordProposalQuerySet(ScopedQuerySet["RecordProposal"]):
    def visible_to(self, user: User) -> RecordProposalQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def waiting(self) -> RecordProposalQuerySet:
        return self.filter(state=RecordProposal.State.WAITING)


@tracked()
class RecordProposal(models.Model):
    """One section of a record with other values; at most one waits for a section.

    `wanted` maps fields to pairs [value then, value wanted], as the record's forms write them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待核对"
        ACCEPTED = "accepted", "已采用"
        DECLINED = "declined", "没有采用"
        WITHDRAWN = "withdrawn", "已撤回"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="record_proposals"
    )
    section = models.CharField("资料部分", max_length=20)
    wanted = models.JSONField("申请的改动")
    reason = models.CharField("说明", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    proposed_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="申请人岗位", related_name="+"
    )
    proposed_at = models.DateTimeField("申请时间")
    decided_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        verbose_name="办理人岗位",
        null=True,
        related_name="+",
    )
    decided_at = models.DateTimeField("办理时间", null=True)
    decision_reason = models.CharField("办理意见", max_length=200, blank=True)

    objects = RecordProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资料改动申请"
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "section"],
                condition=Q(state="waiting"),
                name="one_proposal_waits_per_section",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="proposal_decided_or_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.section}"
