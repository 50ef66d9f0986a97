"""Annual statistics (事业统计): what each kindergarten told the ministry on the reference date."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounts.history.tracking import tracked
from kindergartens.models.school_codes import SchoolCodeQuerySet


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

    objects = SchoolCodeQuerySet["AnnualStatistics"].as_manager()

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
