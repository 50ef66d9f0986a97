"""Pairings of kindergartens and towns (集团, 组团, 联盟): a cut through the figures."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap


@tracked()
class Group(models.Model):
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="groups")
    name = models.CharField("名称", max_length=60)
    lead_name = models.CharField("牵头园", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "组团"
        ordering = ["county", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="group_name_unique_in_county")
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class GroupMember(models.Model):
    """A town's place in a group, dated."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="group_memberships")
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "组团成员"
        constraints = [
            no_overlap("town_in_one_group_at_a_time", "town"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="group_member_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.town}"
