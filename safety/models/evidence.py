"""What shows that a kindergarten meets a measure, and what the bureau found of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment

if TYPE_CHECKING:
    from accounts.models import User


class MeasureEvidenceQuerySet(ScopedQuerySet["MeasureEvidence"]):
    def visible_to(self, user: User) -> MeasureEvidenceQuerySet:
        kindergarten = "kindergarten__organisation"
        return self.filter(organisation_scope(user, kindergarten, f"{kindergarten}__region"))

    def waiting(self) -> MeasureEvidenceQuerySet:
        return self.filter(state=MeasureEvidence.State.SUBMITTED)


@tracked()
class MeasureEvidence(models.Model):
    """佐证 of one measure in one kindergarten, good from a day to a day, the last included.

    Counts nothing until somebody else of the bureau has confirmed it. What was confirmed and no
    longer stands ends on a day (`ended_on`, the first without it) with a reason; nothing is changed
    in place. It goes with the code of its measure: a new row of the list with that code takes it over.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待核对"
        CONFIRMED = "confirmed", "已核对"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, verbose_name="幼儿园",
        related_name="measure_evidence",
    )  # fmt: skip
    measure = models.ForeignKey(
        "safety.SafetyMeasure", models.PROTECT, verbose_name="防范项目", related_name="evidence"
    )
    place = models.CharField("位置", max_length=60)
    found = models.CharField("现有情况", max_length=200)
    document = models.CharField("凭证", max_length=120, blank=True)
    valid_from = models.DateField("有效期起")
    valid_until = models.DateField("有效期止")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.SUBMITTED)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    decided_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, verbose_name="核对人", related_name="+"
    )
    decided_at = models.DateTimeField("核对时间", null=True)
    note = models.CharField("退回或撤回原因", max_length=300, blank=True)
    ended_on = models.DateField("失效日期", null=True)
    ended_reason = models.CharField("失效原因", max_length=300, blank=True)

    objects = MeasureEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "安全防范佐证"
        ordering = ["-entered_at", "-pk"]
        indexes = [models.Index(fields=["kindergarten", "state"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="evidence_days_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(place="") & ~Q(found=""), name="evidence_says_what_and_where"
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", decided_as__isnull=True, decided_at__isnull=True)
                | ~Q(state="submitted") & Q(decided_as__isnull=False, decided_at__isnull=False),
                name="evidence_waits_or_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "returned"]) | ~Q(decided_as=F("entered_as")),
                name="evidence_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["returned", "withdrawn"]) & ~Q(note="")
                | Q(state__in=["submitted", "confirmed"], note=""),
                name="evidence_sent_back_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_reason="")
                | Q(state="confirmed", ended_on__isnull=False) & ~Q(ended_reason=""),
                name="evidence_ended_with_reason",
            ),
            models.UniqueConstraint(
                fields=["kindergarten", "measure"],
                condition=Q(state="submitted"),
                name="one_evidence_waiting_per_measure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure}：{self.place}"


class MeasureDocumentQuerySet(ScopedQuerySet["MeasureDocument"]):
    def visible_to(self, user: User) -> MeasureDocumentQuerySet:
        kindergarten = "evidence__kindergarten__organisation"
        return self.filter(organisation_scope(user, kindergarten, f"{kindergarten}__region"))


@sealed()
class MeasureDocument(Attachment):
    """A photograph or paper of it (照片、验收单、合同)."""

    evidence = models.ForeignKey(
        MeasureEvidence, models.PROTECT, verbose_name="佐证", related_name="documents"
    )

    objects = MeasureDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "安全防范佐证文件"
        ordering = ["evidence", "added_at", "pk"]

    def __str__(self) -> str:
        return self.name
