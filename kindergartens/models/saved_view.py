"""Filters of the list that somebody named, for oneself or for the whole office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class SavedViewQuerySet(ScopedQuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, and what colleagues of the office one acts for share."""
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        office = user.acting.organisation_id
        return self.filter(Q(owner=user) | Q(shared=True), organisation=office)


@tracked()
class SavedView(models.Model):
    """`query` is the address of the list after the question mark, of known names only."""

    owner = models.ForeignKey(
        "accounts.User", models.CASCADE, verbose_name="保存人", related_name="saved_views"
    )
    organisation = models.ForeignKey(
        "accounts.Organisation", models.CASCADE, verbose_name="单位", related_name="+"
    )
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=2000, blank=True)
    columns = models.JSONField("列", default=list, blank=True)
    shared = models.BooleanField("本单位共用", default=False)
    saved_at = models.DateTimeField("保存时间")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常用筛选"
        ordering = ["shared", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "organisation", "name"], name="saved_view_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name
