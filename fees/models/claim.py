"""What a kindergarten asks for the free year (补助申报), what is approved, and what was paid."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from fees.free_year.rules import ClaimState, claim_state

if TYPE_CHECKING:
    from accounts.models import User


# Children, yuan waived for each, and the version of the return they rest on.
Figures = tuple[int, Decimal, int]


class SubsidyClaimQuerySet(ScopedQuerySet["SubsidyClaim"]):
    def visible_to(self, user: User) -> SubsidyClaimQuerySet:
        """The own kindergarten's, or those of the towns in the person's region."""
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))

    def standing(self) -> SubsidyClaimQuerySet:
        return self.exclude(step=SubsidyClaim.Step.WITHDRAWN)


@tracked()
class SubsidyClaim(models.Model):
    """One kindergarten's claim of one month, with the figures it was filed with.

    It rests on an accepted version of the return: `children` of it, each with `waived` yuan, the
    lower of `fee` (before the waiver) and `standard`. A claim sent back is filed again in the same
    row, one withdrawn leaves its place free; what stood is in history. `paid` is the sum of its
    standing payments, kept here so that the database holds it within what was approved.

    Approved are so many children with so much each, in sight of what was computed that day: the
    `computed_` figures, empty where nothing could be. They tell what moved since.
    """

    class Step(models.TextChoices):
        FILED = "filed", "已申报"
        RETURNED = "returned", "已退回"
        APPROVED = "approved", "已核定"
        WITHDRAWN = "withdrawn", "已撤回"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="subsidy_claims"
    )
    month = models.DateField("月份")
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    filing_version = models.ForeignKey(
        "kindergartens.FilingVersion",
        models.PROTECT,
        verbose_name="依据的月报版本",
        related_name="+",
    )
    children = models.PositiveIntegerField("申报人数")
    fee = models.DecimalField("保教费（元/月）", max_digits=8, decimal_places=2)
    standard = models.DecimalField("公办园标准（元/月）", max_digits=8, decimal_places=2)
    waived = models.DecimalField("每生减免（元/月）", max_digits=8, decimal_places=2)
    amount = models.DecimalField("申报金额（元）", max_digits=12, decimal_places=2)
    step = models.CharField("状态", max_length=10, choices=Step.choices, default=Step.FILED)
    filed_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="申报人岗位", related_name="+"
    )
    filed_at = models.DateTimeField("申报时间")
    decided_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        verbose_name="核定人岗位",
        related_name="+",
    )
    decided_at = models.DateTimeField("核定时间", null=True)
    approved_children = models.PositiveIntegerField("核定人数", null=True)
    approved_waived = models.DecimalField(
        "核定每生减免（元/月）", max_digits=8, decimal_places=2, null=True
    )
    approved = models.DecimalField("核定金额（元）", max_digits=12, decimal_places=2, null=True)
    computed_children = models.PositiveIntegerField("核定时算得的人数", null=True)
    computed_waived = models.DecimalField(
        "核定时算得的每生减免（元/月）", max_digits=8, decimal_places=2, null=True
    )
    computed_version = models.ForeignKey(
        "kindergartens.FilingVersion",
        models.PROTECT,
        null=True,
        verbose_name="核定时的月报版本",
        related_name="+",
    )
    # Why it was sent back or withdrawn, or what is said of the approval.
    reason = models.CharField("原因", max_length=300, blank=True)
    paid = models.DecimalField("已拨付（元）", max_digits=12, decimal_places=2, default=0)

    objects = SubsidyClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "免保教费补助申报"
        ordering = ["month", "kindergarten"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "month"],
                condition=~Q(step="withdrawn"),
                name="one_subsidy_claim_a_month",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="subsidy_claim_of_a_month"),
            models.CheckConstraint(
                condition=Q(children__gte=1, waived__gt=0, amount=F("children") * F("waived"))
                & Q(waived__lte=F("fee"))
                & Q(waived__lte=F("standard")),
                name="subsidy_claim_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    step="approved", approved_children__gte=1, approved_waived__gt=0,
                    approved=F("approved_children") * F("approved_waived"),
                    decided_as__isnull=False, decided_at__isnull=False,
                )
                | ~Q(step="approved")
                & Q(
                    approved_children__isnull=True, approved_waived__isnull=True,
                    approved__isnull=True,
                ),
                name="subsidy_claim_approved_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(approved_children__isnull=True)
                | Q(approved_children=F("children"), approved_waived=F("waived"))
                | ~Q(reason=""),
                name="subsidy_claim_other_number_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    computed_children__isnull=True, computed_waived__isnull=True,
                    computed_version__isnull=True,
                )
                | Q(
                    step="approved", computed_children__isnull=False,
                    computed_waived__isnull=False, computed_version__isnull=False,
                ),
                name="subsidy_claim_computed_together",
            ),
            models.CheckConstraint(
                condition=~Q(step__in=["returned", "withdrawn"]) | ~Q(reason=""),
                name="subsidy_claim_back_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_as__isnull=True) | ~Q(decided_as=F("filed_as")),
                name="subsidy_claim_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(paid=0) | Q(paid__gt=0, approved__isnull=False, paid__lte=F("approved")),
                name="subsidy_paid_within_approved",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["month", "town"])]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.month:%Y年%-m月}补助申报"

    @property
    def rests_on(self) -> Figures | None:
        """What it was approved in sight of, else filed with; None: approved when none could be."""
        if self.step != self.Step.APPROVED:
            return self.children, self.waived, self.filing_version.version
        if self.computed_version is None or self.computed_waived is None:
            return None
        return self.computed_children or 0, self.computed_waived, self.computed_version.version

    @property
    def approved_otherwise(self) -> bool:
        """Another number or amount than was claimed."""
        return self.approved is not None and (
            (self.approved_children, self.approved_waived) != (self.children, self.waived)
        )

    @property
    def state(self) -> ClaimState:
        return claim_state(self.step, self.approved, self.paid)


class SubsidyPaymentQuerySet(ScopedQuerySet["SubsidyPayment"]):
    def visible_to(self, user: User) -> SubsidyPaymentQuerySet:
        return self.filter(
            organisation_scope(user, "claim__kindergarten__organisation", "claim__town")
        )

    def standing(self) -> SubsidyPaymentQuerySet:
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class SubsidyPayment(models.Model):
    """One payment (拨付) on an approved claim, in yuan. A mistake is withdrawn with a reason."""

    claim = models.ForeignKey(
        SubsidyClaim, models.PROTECT, verbose_name="所属申报", related_name="payments"
    )
    paid_on = models.DateField("拨付日期")
    amount = models.DecimalField("拨付金额（元）", max_digits=12, decimal_places=2)
    document = models.CharField("拨付凭证或文件", max_length=120)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = SubsidyPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "免保教费补助拨付"
        ordering = ["paid_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="subsidy_payment_above_zero"),
            models.CheckConstraint(condition=~Q(document=""), name="subsidy_payment_has_document"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="subsidy_payment_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.amount}"
