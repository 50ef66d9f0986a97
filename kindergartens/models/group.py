"""Kindergartens and towns that work together (集团, 组团, 联盟, 结对, 片区): a cut through figures."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    from accounts.models import User


class GroupQuerySet(ScopedQuerySet["Group"]):
    def visible_to(self, user: User) -> GroupQuerySet:
        """The groups of the person's county, or of the counties in the person's region.

        They are the county's own order of work, so its kindergartens and towns see them all.
        """
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        region = user.acting.organisation.region
        if region.level >= Region.Level.COUNTY:
            return self.filter(county=region.county_id or region.pk)
        field = Region.ANCESTOR_FIELD[Region.Level(region.level)]
        return self.filter(**{f"county__{field}": region.pk})

    def on(self, day: dt.date) -> GroupQuerySet:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


@tracked()
class Group(models.Model):
    """Named, led and dated. A kind never changes: what a group may hold hangs on it.

    The lead is a kindergarten of the register; `lead_name` names one that is not in it.
    """

    class Kind(models.TextChoices):
        EDUCATION_GROUP = "education_group", "集团"
        TOWN_CLUSTER = "town_cluster", "组团"
        ALLIANCE = "alliance", "联盟"
        PAIRING = "pairing", "结对"
        AREA = "area", "片区"

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="groups")
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    name = models.CharField("名称", max_length=60)
    lead = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        verbose_name="牵头园",
        related_name="groups_led",
    )
    lead_name = models.CharField("牵头园（不在名册）", max_length=120, blank=True)
    document = models.CharField("依据文件", max_length=200, blank=True)
    valid_from = models.DateField("成立日期")
    valid_to = models.DateField("解散日期（不含）", null=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集团组团"
        ordering = ["county", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="group_name_unique_in_county"),
            # So that a member's copy of the kind can be held to it.
            models.UniqueConstraint(fields=["id", "kind"], name="group_kind_with_key"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="group_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(lead__isnull=True) | Q(lead_name=""), name="group_has_one_lead"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def led_by(self) -> str:
        """The lead's name, empty where there is none."""
        return self.lead.name if self.lead else self.lead_name

    def is_in_force(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)


class GroupMemberQuerySet(ScopedQuerySet["GroupMember"]):
    def visible_to(self, user: User) -> GroupMemberQuerySet:
        seen = Group.objects.visible_to(user)
        return self.filter(group__in=seen.values("pk"))

    def on(self, day: dt.date) -> GroupMemberQuerySet:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


@tracked()
class GroupMember(models.Model):
    """A town's or a kindergarten's place in a group, dated.

    `kind` repeats the group's (a foreign key of both columns holds it to that), so that the
    database itself lets nothing be in two groups of a dividing kind at once.
    """

    # Kinds that divide a county: what is in one is in no other of the kind. Alliances and
    # pairings overlap freely.
    DIVIDING = (Group.Kind.EDUCATION_GROUP, Group.Kind.TOWN_CLUSTER, Group.Kind.AREA)

    group = models.ForeignKey(Group, models.PROTECT, related_name="members")
    kind = models.CharField("类别", max_length=20, choices=Group.Kind.choices)
    town = models.ForeignKey(
        "accounts.Region",
        models.PROTECT,
        null=True,
        verbose_name="乡镇街道",
        related_name="group_memberships",
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        verbose_name="幼儿园",
        related_name="group_memberships",
    )
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = GroupMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集团组团成员"
        ordering = ["group", "valid_from", "pk"]
        constraints = [
            no_overlap("member_once_in_a_group", "group", "town"),
            no_overlap("kindergarten_once_in_a_group", "group", "kindergarten"),
            no_overlap(
                "town_in_one_group_of_a_kind",
                "town",
                "kind",
                condition=Q(kind__in=["education_group", "town_cluster", "area"]),
            ),
            no_overlap(
                "kindergarten_in_one_group_of_a_kind",
                "kindergarten",
                "kind",
                condition=Q(kind__in=["education_group", "town_cluster", "area"]),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="group_member_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(town__isnull=True, kindergarten__isnull=False)
                | Q(town__isnull=False, kindergarten__isnull=True),
                name="group_member_is_town_or_kindergarten",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.town or self.kindergarten}"

    @property
    def name(self) -> str:
        return (self.town or self.kindergarten).name  # type: ignore[union-attr]
