"""The plan to fill gaps (补充计划): who is missing, how many are to be hired, at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.scope import NOTHING
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class RecruitmentLineQuerySet(ScopedQuerySet["RecruitmentLine"]):
    def visible_to(self, user: User) -> RecruitmentLineQuerySet:
        """Of the own county or city; of a town its own lines. Whoever may not read plans: none."""
        acting = user.acting
        if acting is None or not user.can(Permission.READ_RECRUITMENT):
            return self.filter(NOTHING)
        region = acting.organisation.region
        if region.level == Region.Level.TOWN:
            return self.filter(town=region.pk)
        if region.level == Region.Level.COUNTY:
            return self.filter(county=region.pk)
        field = Region.ANCESTOR_FIELD[Region.Level(region.level)]
        return self.filter(**{f"county__{field}": region.pk})

    def standing(self) -> RecruitmentLineQuerySet:
        """Without the lines that were recorded by mistake and withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class RecruitmentLine(models.Model):
    """People of one post to be hired in one year, for the kindergartens of `scope`.

    `gap` is what the bureau found missing when it planned, `planned` how many it decided to hire,
    `hired` how many came so far; null while nobody has said so, which is not none. The cost is of
    one person in one year, in yuan, and null until the bureau enters it. What it costs together and
    what is still missing are derived (staffing.recruitment.rules). A line that should never have been
    is withdrawn with a reason: it is in no sum, and its row and history stay.
    """

    class Post(models.TextChoices):
        PRINCIPAL = "principal", "园长"
        TEACHER = "teacher", "幼儿教师"
        CARE_TEACHING = "care_teaching", "保教人员"
        CARER = "carer", "保育员"
        HEALTH = "health", "卫生保健人员"
        COOK = "cook", "炊事人员"
        GUARD = "guard", "保安人员"
        OTHER = "other", "其他教职工"

    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    town = models.ForeignKey(
        "accounts.Region",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="乡镇街道",
        related_name="+",
    )
    year = models.PositiveSmallIntegerField("年度")
    scope = models.CharField("范围", max_length=80)
    post = models.CharField("岗位", max_length=16, choices=Post.choices)
    gap = models.PositiveIntegerField("缺口（人）")
    planned = models.PositiveIntegerField("计划补充（人）")
    hired = models.PositiveIntegerField("已到岗（人）", null=True, blank=True)
    yearly_cost_yuan = models.DecimalField(
        "每人每年费用（元）", max_digits=10, decimal_places=2, null=True, blank=True
    )
    cost_source = models.CharField("费用依据", max_length=100, blank=True)
    way = models.CharField("补充方式", max_length=80, blank=True)
    document = models.CharField("依据文件", max_length=200, blank=True)
    clause = models.CharField("条款", max_length=60, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = RecruitmentLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员补充计划"
        ordering = ["-year", "county", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "scope", "post"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_recruitment_line",
            ),
            models.CheckConstraint(
                condition=Q(yearly_cost_yuan__isnull=True) | Q(yearly_cost_yuan__gte=0),
                name="recruitment_cost_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.scope}{self.get_post_display()}"

    @property
    def basis(self) -> str:
        return f"《{self.document}》{self.clause}" if self.document else ""
