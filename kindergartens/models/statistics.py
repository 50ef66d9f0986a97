"""Annual statistics (事业统计): what each kindergarten told the ministry on the reference date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, reads_business_data, region_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region
from kindergartens.models.kindergarten import Kindergarten

if TYPE_CHECKING:
    from accounts.models import User


class AnnualStatisticsQuerySet(ScopedQuerySet["AnnualStatistics"]):
    def visible_to(self, user: User) -> AnnualStatisticsQuerySet:
        """Of the counties in the person's region; a town, and a kindergarten, see their own.

        A code that the portal does not know belongs to no town: only the county sees it.
        """
        acting = user.acting
        if acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        if acting.organisation.region.level <= Region.Level.COUNTY:
            level = Region.Level(acting.organisation.region.level)
            if level == Region.Level.COUNTY:
                return self.filter(county=acting.organisation.region_id)
            return self.filter(region_scope(user, "county"))
        return self.filter(code__in=Kindergarten.objects.visible_to(user).values("code"))


@tracked()
class AnnualStatistics(models.Model):
    """One kindergarten's line of one year's 教育事业统计, as the county imported it.

    Kept under the school code and not the kindergarten: the statistics have kindergartens that the
    portal has not, and that is one of the things to find out. Nursery classes (托班) and their
    children are outside, as in the monthly return. A figure that was not given is null, never 0.
    """

    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="statistics")
    code = models.CharField("学校标识码", max_length=10)
    name = models.CharField("园名", max_length=120)
    reference_date = models.DateField("统计时点")
    children = models.PositiveIntegerField("在园幼儿", null=True)
    classes = models.PositiveIntegerField("班数", null=True)
    staff = models.PositiveIntegerField("教职工", null=True)
    teachers = models.PositiveIntegerField("专任教师", null=True)
    certified = models.PositiveIntegerField("持证园长和专任教师", null=True)
    source = models.CharField("来源", max_length=120)

    objects = AnnualStatisticsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事业统计"
        ordering = ["county", "-reference_date", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "reference_date", "code"], name="statistics_unique"
            ),
            models.CheckConstraint(
                condition=Q(teachers__isnull=True)
                | Q(staff__isnull=True)
                | Q(teachers__lte=F("staff")),
                name="statistics_teachers_within_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}{self.reference_date:%Y}年事业统计"
