"""The rectification ledger (整改台账, 一园一案)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from inspections.ledger.rules import KINDS

if TYPE_CHECKING:
    from accounts.models import User


class RectificationItemQuerySet(ScopedQuerySet["RectificationItem"]):
    def visible_to(self, user: User) -> RectificationItemQuerySet:
        """Of the own kindergarten, or of those in the person's region."""
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@tracked()
class RectificationItem(models.Model):
    """One entry of the ledger, under a number that is never used again.

    It quotes the hazard as it was taken in. How it stands, and until when it is to be mended after
    extensions, stands in the hazard alone and is read there. A hazard is in the ledger once.
    `county` and `kindergarten` repeat the hazard's, for entries of other sources will have them alone;
    that they agree is held by the one service that writes them, not by the database: neither of the
    hazard's ever changes, and a check cannot look into another table.
    """

    number = models.CharField("编号", max_length=20, unique=True)
    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        related_name="rectification_items",
    )
    kind = models.CharField("整改类型", max_length=10, choices=list(KINDS.items()))
    hazard = models.OneToOneField(
        "safety.Hazard", models.PROTECT, verbose_name="隐患", related_name="rectification_item"
    )
    problem = models.CharField("问题", max_length=420)
    requirement = models.CharField("整改要求", max_length=300)
    responsible = models.CharField("责任岗位", max_length=60)
    deadline = models.DateField("整改时限")
    opened_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="入账人岗位", related_name="+"
    )
    opened_at = models.DateTimeField("入账时间")

    objects = RectificationItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改台账"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(problem="") & ~Q(requirement="") & ~Q(responsible=""),
                name="ledger_entry_has_no_blank",
            )
        ]

    def __str__(self) -> str:
        return self.number
