"""Pairings of kindergartens and towns (集团, 组团, 联盟): a cut through the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q, QuerySet

from accounts.access.scope import home_region
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    from accounts.models import User


class GroupQuerySet(ScopedQuerySet["Group"]):
    def visible_to(self, user: User) -> GroupQuerySet:
        """The pairings in the counties of one's region; a town's officers see their county's."""
        return self.filter(county__in=_counties_of(user))


class GroupMemberQuerySet(ScopedQuerySet["GroupMember"]):
    def visible_to(self, user: User) -> GroupMemberQuerySet:
        return self.filter(group__county__in=_counties_of(user))


def _counties_of(user: User) -> QuerySet[Region]:
    home = home_region(user)
    if home is None:
        return Region.objects.none()
    if home.level == Region.Level.TOWN:
        return Region.objects.filter(pk__in=[home.county_id])
    return Region.objects.within(home)


@tracked()
class Group(models.Model):
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="groups")
    name = models.CharField("名称", max_length=60)
    lead_name = models.CharField("牵头园", max_length=120, blank=True)

    objects = GroupQuerySet.as_manager()

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

    objects = GroupMemberQuerySet.as_manager()

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
