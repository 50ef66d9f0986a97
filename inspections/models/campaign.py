"""Joint campaigns (集中整治、大检查): several departments look at the same kindergartens for some weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.access.scope import NOTHING, organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


def _of_department(user: User) -> int | None:
    """The department whose own lines are all that the person sees of a campaign; None for others."""
    acting = user.acting
    if acting is None or acting.role != RoleCode.DEPARTMENT_OFFICER:
        return None
    return acting.organisation_id


def _may_read(user: User) -> bool:
    return user.acting is not None and user.can(Permission.READ_CAMPAIGNS)


class CampaignQuerySet(ScopedQuerySet["Campaign"]):
    def visible_to(self, user: User) -> CampaignQuerySet:
        """A department's: those it takes part in. A town's and a kindergarten's: those that look there."""
        acting = user.acting
        if acting is None or not _may_read(user):
            return self.filter(NOTHING)
        department = _of_department(user)
        if department is not None:
            return self.filter(pk__in=CampaignPart.objects.of(department).values("campaign"))
        region = acting.organisation.region
        if acting.is_of_kindergarten or region.level == Region.Level.TOWN:
            return self.filter(pk__in=CampaignPlace.objects.visible_to(user).values("campaign"))
        if region.level == Region.Level.COUNTY:
            return self.filter(county=region.pk)
        return self.filter(
            **{f"county__{Region.ANCESTOR_FIELD[Region.Level(region.level)]}": region.pk}
        )

    def standing(self) -> CampaignQuerySet:
        """Without those that were set up by mistake and withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class Campaign(models.Model):
    """One campaign of one county, by a document, from its first to its last day."""

    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    name = models.CharField("名称", max_length=80)
    document = models.CharField("依据文件", max_length=120)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "name"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_campaign_of_a_name",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignPartQuerySet(ScopedQuerySet["CampaignPart"]):
    def visible_to(self, user: User) -> CampaignPartQuerySet:
        department = _of_department(user)
        if department is not None:
            return self.of(department) if _may_read(user) else self.filter(NOTHING)
        return self.filter(campaign__in=Campaign.objects.visible_to(user).values("pk"))

    def of(self, department: int) -> CampaignPartQuerySet:
        return self.filter(department=department)


@tracked()
class CampaignPart(models.Model):
    """What one department checks in a campaign; `items` are its lines, one a line of text."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name="集中整治", related_name="parts"
    )
    department = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="部门", related_name="+"
    )
    items = models.TextField("检查内容", max_length=1000)

    objects = CampaignPartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治部门"
        ordering = ["campaign", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "department"], name="one_part_of_a_department"
            ),
            models.CheckConstraint(condition=~Q(items=""), name="campaign_part_says_what"),
        ]

    def __str__(self) -> str:
        return self.department.name

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.items.splitlines() if line.strip()]


class CampaignPlaceQuerySet(ScopedQuerySet["CampaignPlace"]):
    def visible_to(self, user: User) -> CampaignPlaceQuerySet:
        department = _of_department(user)
        if department is not None:
            parts = CampaignPart.objects.visible_to(user)
            return self.filter(campaign__in=parts.values("campaign"))
        if not _may_read(user):
            return self.filter(NOTHING)
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))

    def standing(self) -> CampaignPlaceQuerySet:
        """Without those that were taken out again."""
        return self.filter(removed_at__isnull=True)


@tracked()
class CampaignPlace(models.Model):
    """One kindergarten that a campaign looks at. Taken out only while nobody has checked it."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, verbose_name="集中整治", related_name="places"
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, verbose_name="幼儿园", related_name="+"
    )
    removed_at = models.DateTimeField("移出时间", null=True, blank=True)

    objects = CampaignPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治对象"
        ordering = ["campaign", "kindergarten__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kindergarten"],
                condition=Q(removed_at__isnull=True),
                name="one_place_in_a_campaign",
            )
        ]

    def __str__(self) -> str:
        return self.kindergarten.name


class CampaignCheckQuerySet(ScopedQuerySet["CampaignCheck"]):
    def visible_to(self, user: User) -> CampaignCheckQuerySet:
        """A department's own; else those of places in one's area."""
        department = _of_department(user)
        if not _may_read(user):
            return self.filter(NOTHING)
        if department is not None:
            return self.filter(part__department=department)
        path = "place__kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))


@tracked()
class CampaignCheck(models.Model):
    """What one department found at one place. `found` 0 is nothing found; no row is not checked.

    `fixed` of them were put right on the spot.
    """

    part = models.ForeignKey(
        CampaignPart, models.PROTECT, verbose_name="部门", related_name="checks"
    )
    place = models.ForeignKey(
        CampaignPlace, models.PROTECT, verbose_name="幼儿园", related_name="checks"
    )
    checked_on = models.DateField("检查日期")
    found = models.PositiveSmallIntegerField("发现问题")
    fixed = models.PositiveSmallIntegerField("当场整改")
    note = models.CharField("情况", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = CampaignCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治检查"
        ordering = ["place", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["part", "place"], name="one_check_of_a_department_at_a_place"
            ),
            models.CheckConstraint(
                condition=Q(fixed__lte=F("found")), name="campaign_fixed_of_what_was_found"
            ),
            models.CheckConstraint(
                condition=Q(found=0) | ~Q(note=""), name="campaign_finding_says_what"
            ),
        ]

    def __str__(self) -> str:
        return f"发现{self.found}个问题"


class CampaignHazardQuerySet(ScopedQuerySet["CampaignHazard"]):
    def visible_to(self, user: User) -> CampaignHazardQuerySet:
        return self.filter(check_row__in=CampaignCheck.objects.visible_to(user).values("pk"))


@sealed()
class CampaignHazard(models.Model):
    """A hazard of the register that a check opened. It belongs to one check and stays there."""

    check_row = models.ForeignKey(CampaignCheck, models.PROTECT, related_name="hazards")
    hazard = models.OneToOneField("safety.Hazard", models.PROTECT, related_name="campaign_check")
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = CampaignHazardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治隐患"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.hazard)


class CampaignCircularQuerySet(ScopedQuerySet["CampaignCircular"]):
    def visible_to(self, user: User) -> CampaignCircularQuerySet:
        """Of campaigns one sees, from the county up and for the departments: it names every place."""
        acting = user.acting
        if acting is None or not _may_read(user) or acting.is_of_kindergarten:
            return self.filter(NOTHING)
        if acting.organisation.region.level == Region.Level.TOWN:
            return self.filter(NOTHING)
        return self.filter(campaign__in=Campaign.objects.visible_to(user).values("pk"))


@sealed()
class CampaignCircular(models.Model):
    """The result circular (通报) as it was issued: its figures stay, so that a reprint never differs.

    What was wrong is put right by a new one that says which it `corrects`, and why. `number` counts
    a county's circulars of a year.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="circulars")
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveSmallIntegerField("期号")
    demand = models.CharField("下一步要求", max_length=500)
    figures = models.JSONField("所用数据")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    reason = models.CharField("更正原因", max_length=300, blank=True)
    issued_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("签发时间")

    objects = CampaignCircularQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "集中整治通报"
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "number"], name="one_campaign_circular_a_number"
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(corrects__isnull=True),
                name="one_first_circular_of_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="")
                | Q(corrects__isnull=False) & ~Q(reason=""),
                name="campaign_circular_corrects_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}期"
