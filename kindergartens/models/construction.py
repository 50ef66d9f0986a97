"""Construction projects and the places they add: plans, projects, dated stages, payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region
from kindergartens.models.demand import Demand, DemandQuerySet

if TYPE_CHECKING:
    from accounts.models import User


def county_scope(user: User, prefix: str = "") -> Q:
    """Rows with `county`, `town` and `kindergarten`: those in the person's region; of a
    kindergarten its own.
    """
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.is_of_kindergarten:
        return Q(**{f"{prefix}kindergarten__organisation": acting.organisation_id})
    region = acting.organisation.region
    if region.level == Region.Level.TOWN:
        return Q(**{f"{prefix}town": region.pk})
    if region.level == Region.Level.COUNTY:
        return Q(**{f"{prefix}county": region.pk})
    field = Region.ANCESTOR_FIELD[Region.Level(region.level)]
    return Q(**{f"{prefix}county__{field}": region.pk})


@tracked()
class ConstructionPlan(Demand):
    """What a document promises to build in its years: kindergartens, places, money.

    Null where it names none; the years are `valid_from` to `valid_to`.
    """

    code = models.SlugField("代码", max_length=40)
    name = models.CharField("计划", max_length=120)
    kindergartens = models.PositiveIntegerField("计划园数", null=True, blank=True)
    seats = models.PositiveIntegerField("计划学位", null=True, blank=True)
    money_yuan = models.DecimalField(
        "计划投入（元）", max_digits=14, decimal_places=2, null=True, blank=True
    )

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建设计划"
        ordering = ["region", "code"]
        constraints = [
            Demand.dates_in_order("construction_plan_dates_in_order"),
            models.UniqueConstraint(
                fields=["region", "code"],
                name="construction_plan_code_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConstructionProjectQuerySet(ScopedQuerySet["ConstructionProject"]):
    def visible_to(self, user: User) -> ConstructionProjectQuerySet:
        return self.filter(county_scope(user))


@tracked()
class ConstructionProject(models.Model):
    """One building project. Its places count as delivered from the day it was handed over."""

    class Kind(models.TextChoices):
        NEW = "new", "新建"
        REBUILT = "rebuilt", "翻建"
        EXTENDED = "extended", "改扩建"
        ESTATE = "estate", "小区配套移交"

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
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="幼儿园",
        related_name="projects",
    )
    plan = models.ForeignKey(
        ConstructionPlan,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="所属计划",
        related_name="projects",
    )
    name = models.CharField("项目名称", max_length=120)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    is_example = models.BooleanField("示例", default=False)
    document = models.CharField("依据文件", max_length=200, blank=True)
    classes = models.PositiveSmallIntegerField("班数", null=True, blank=True)
    floor_area_m2 = models.DecimalField(
        "建筑面积（平方米）", max_digits=10, decimal_places=2, null=True, blank=True
    )
    seats_planned = models.PositiveIntegerField("计划学位", null=True, blank=True)
    money_planned_yuan = models.DecimalField(
        "计划投资（元）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    seats_delivered = models.PositiveIntegerField("交付学位", null=True, blank=True)
    delivered_on = models.DateField("交付日期", null=True, blank=True)

    objects = ConstructionProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建设项目"
        ordering = ["county", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "name"], name="project_name_unique_in_county"
            ),
            models.CheckConstraint(
                condition=Q(seats_delivered__isnull=True, delivered_on__isnull=True)
                | Q(seats_delivered__isnull=False, delivered_on__isnull=False),
                name="project_delivery_has_day_and_seats",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectStageQuerySet(ScopedQuerySet["ProjectStage"]):
    def visible_to(self, user: User) -> ProjectStageQuerySet:
        return self.filter(county_scope(user, "project__"))


@tracked()
class ProjectStage(models.Model):
    """One stage of a project: when it is due, when it was done, by which paper."""

    class Stage(models.TextChoices):
        APPROVED = "1-approved", "立项"
        PLANNING_PERMIT = "2-planning", "规划许可"
        BUILDING_PERMIT = "3-building", "施工许可"
        STARTED = "4-started", "开工"
        ACCEPTED = "5-accepted", "竣工验收"
        DELIVERED = "6-delivered", "交付"

    project = models.ForeignKey(ConstructionProject, models.PROTECT, related_name="stages")
    stage = models.CharField("阶段", max_length=12, choices=Stage.choices)
    due_on = models.DateField("计划日期", null=True, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    document = models.CharField("文号", max_length=120, blank=True)

    objects = ProjectStageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目阶段"
        ordering = ["project", "stage"]
        constraints = [
            models.UniqueConstraint(fields=["project", "stage"], name="project_stage_once"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(done_on__isnull=False),
                name="project_stage_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.get_stage_display()}"


class ProjectPaymentQuerySet(ScopedQuerySet["ProjectPayment"]):
    def visible_to(self, user: User) -> ProjectPaymentQuerySet:
        return self.filter(county_scope(user, "project__"))


@tracked()
class ProjectPayment(models.Model):
    """Money that reached a project on a day. A mistake is mended by a payment back (negative)."""

    project = models.ForeignKey(ConstructionProject, models.PROTECT, related_name="payments")
    paid_on = models.DateField("到账日期")
    yuan = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    document = models.CharField("凭证", max_length=120)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = ProjectPaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目资金"
        ordering = ["project", "paid_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(yuan=0), name="payment_is_not_zero"),
            models.UniqueConstraint(
                fields=["project", "paid_on", "yuan", "document"], name="payment_entered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.paid_on} {self.yuan}"
