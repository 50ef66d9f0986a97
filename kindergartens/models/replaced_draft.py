"""Drafts of a return that were saved over while somebody fills it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.access.scope import NOTHING
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept

if TYPE_CHECKING:
    from accounts.models import User


class ReplacedDraftQuerySet(ScopedQuerySet["ReplacedDraft"]):
    def visible_to(self, user: User) -> ReplacedDraftQuerySet:
        """The own kindergarten's: nobody else reads what was not submitted."""
        acting = user.acting
        if acting is None or acting.organisation.kind != "kindergarten":
            return self.filter(NOTHING)
        return self.filter(filing__kindergarten__organisation=acting.organisation_id)


@not_kept(
    "what was typed between two saves; the draft as it stands and the versions are the record"
)
class ReplacedDraft(models.Model):
    """The draft as it was at one revision, until somebody saved another over it.

    A window opened at that revision began with it: with its help the two are merged cell by cell.
    Gone once a version is submitted.
    """

    filing = models.ForeignKey(
        "kindergartens.MonthlyFiling", models.PROTECT, related_name="replaced_drafts"
    )
    revision = models.PositiveIntegerField("保存次数")
    draft = models.JSONField("填写内容", default=dict)
    replaced_at = models.DateTimeField("被后一次保存替换的时间")
    replaced_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")

    objects = ReplacedDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报填写过程"
        ordering = ["filing", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "revision"], name="one_replaced_draft_a_revision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.filing} 第{self.revision}次保存"
