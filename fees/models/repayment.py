"""What a kindergarten gave back of a charge that was found too much (退款登记)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class RepaymentQuerySet(ScopedQuerySet["Repayment"]):
    def visible_to(self, user: User) -> RepaymentQuerySet:
        """Of the own kindergarten, or of those that filed in the person's region."""
        filing = "charge__filing_version__filing"
        return self.filter(
            organisation_scope(user, f"{filing}__kindergarten__organisation", f"{filing}__town")
        )

    def standing(self) -> RepaymentQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class Repayment(models.Model):
    """One act of giving back, of one charge: to so many children, so many yuan together.

    `charge` is that of the version that counted when this was recorded. A corrected return states its
    charges anew: the row stays with the same item of the month (fees.rules.SAME_CHARGE and unit).
    `owed` is what was to be given back of it by then, in yuan, null where nobody could compute it;
    `repaid_before` what was recorded already. More than is owed has a `reason`.
    """

    charge = models.ForeignKey(
        "fees.Charge", models.PROTECT, verbose_name="所退的收费", related_name="repayments"
    )
    month = models.DateField("收费月份")
    repaid_on = models.DateField("退还日期")
    children = models.PositiveIntegerField("退还人数")
    yuan = models.DecimalField("退还金额（元）", max_digits=12, decimal_places=2)
    document = models.CharField("凭证号", max_length=120)
    note = models.CharField("说明", max_length=300, blank=True)
    owed = models.DecimalField("登记时应退（元）", max_digits=12, decimal_places=2, null=True)
    repaid_before = models.DecimalField("登记前已退（元）", max_digits=12, decimal_places=2)
    reason = models.CharField("多退的原因", max_length=300, blank=True)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人岗位", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = RepaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "多收退款"
        ordering = ["repaid_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(yuan__gt=0, children__gte=1) & ~Q(document=""),
                name="repayment_of_something",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, repaid_on__gte=F("month")),
                name="repayment_not_before_its_month",
            ),
            models.CheckConstraint(
                condition=Q(repaid_before__gte=0)
                & (
                    Q(owed__isnull=True)
                    | Q(owed__gte=F("repaid_before") + F("yuan"))
                    | ~Q(reason="")
                ),
                name="repayment_above_owed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="repayment_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["month"])]

    def __str__(self) -> str:
        return f"{self.month:%Y年%-m月}退款{self.yuan}元"
