"""Names kindergartens had, each with the days on which it was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    from accounts.models import User


class FormerNameQuerySet(ScopedQuerySet["FormerName"]):
    def visible_to(self, user: User) -> FormerNameQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )


@tracked()
class FormerName(models.Model):
    """A name used until a date; the present one stands on the kindergarten itself."""

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="past_names"
    )
    name = models.CharField("曾用名", max_length=120)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期（不含）")
    reason = models.CharField("更名原因", max_length=200)

    objects = FormerNameQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        ordering = ["kindergarten", "-valid_from"]
        constraints = [
            no_overlap("one_name_at_a_time", "kindergarten"),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from")), name="former_name_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name
