"""Kindergartens that go with a housing estate (小区配套幼儿园): built with it, handed over, run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from kindergartens.models.construction import county_scope
from kindergartens.models.demand import Demand, DemandQuerySet

if TYPE_CHECKING:
    from accounts.models import User


@tracked()
class EstateRule(Demand):
    """What a place rules about estate kindergartens; null where its document is silent.

    So many residents or homes call for one kindergarten; below so large a share of children in
    public kindergartens of the town, a newly handed-over one may not be run by a private operator.
    """

    code = models.SlugField("代码", max_length=40)
    residents_min = models.PositiveIntegerField("居民至少", null=True, blank=True)
    residents_max = models.PositiveIntegerField("居民至多", null=True, blank=True)
    homes_min = models.PositiveIntegerField("户数至少", null=True, blank=True)
    homes_max = models.PositiveIntegerField("户数至多", null=True, blank=True)
    town_public_share_min = models.DecimalField(
        "乡镇街道公办占比至少", max_digits=7, decimal_places=6, null=True, blank=True
    )

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小区配套园规定"
        ordering = ["region", "code"]
        constraints = [
            Demand.dates_in_order("estate_rule_dates_in_order"),
            models.UniqueConstraint(
                fields=["region", "code", "valid_from"],
                name="one_estate_rule_from_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(residents_min__isnull=True, residents_max__isnull=True)
                | Q(residents_min__gt=0, residents_max__gte=F("residents_min")),
                name="estate_rule_residents_in_order",
            ),
            models.CheckConstraint(
                condition=Q(homes_min__isnull=True, homes_max__isnull=True)
                | Q(homes_min__gt=0, homes_max__gte=F("homes_min")),
                name="estate_rule_homes_in_order",
            ),
            models.CheckConstraint(
                condition=Q(town_public_share_min__isnull=True)
                | Q(town_public_share_min__range=(0, 1)),
                name="estate_rule_share_is_a_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}{self.clause}"


class EstateProjectQuerySet(ScopedQuerySet["EstateProject"]):
    def visible_to(self, user: User) -> EstateProjectQuerySet:
        return self.filter(county_scope(user))


@tracked()
class EstateProject(models.Model):
    """One housing estate and the kindergarten that goes with it.

    `required` is what the layout plan decided, not what the norm suggests. Counts nobody knows are
    null. `post_quota`, `established_staff` and `care_fee_yuan` are asked by the official list.
    """

    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    town = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="乡镇街道", related_name="+"
    )
    name = models.CharField("小区名称", max_length=80)
    address = models.CharField("小区地址", max_length=200, blank=True)
    developer = models.CharField("建设单位", max_length=120, blank=True)
    is_example = models.BooleanField("示例", default=False)
    homes = models.PositiveIntegerField("户数", null=True, blank=True)
    residents = models.PositiveIntegerField("规划人口", null=True, blank=True)
    required = models.BooleanField("规划要求配建", default=True)
    kindergarten_name = models.CharField("配套园名称", max_length=120, blank=True)
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="幼儿园",
        related_name="estates",
    )
    classes_planned = models.PositiveSmallIntegerField("规划班数", null=True, blank=True)
    seats_planned = models.PositiveIntegerField("规划学位", null=True, blank=True)
    floor_area_m2 = models.PositiveIntegerField("建筑面积（平方米）", null=True, blank=True)
    opened_in = models.PositiveSmallIntegerField("开园年份", null=True, blank=True)
    post_quota = models.PositiveSmallIntegerField("编制数", null=True, blank=True)
    established_staff = models.PositiveSmallIntegerField("在编教职工数", null=True, blank=True)
    care_fee_yuan = models.PositiveIntegerField("保教费（元/月/生）", null=True, blank=True)
    handover_due_on = models.DateField("计划移交日期", null=True, blank=True)
    agreement_on = models.DateField("移交协议签订日期", null=True, blank=True)
    slip_on = models.DateField("移交单日期", null=True, blank=True)
    handed_over_on = models.DateField("移交日期", null=True, blank=True)
    handed_to = models.CharField("移交给", max_length=80, blank=True)

    objects = EstateProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小区配套园"
        ordering = ["town__code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="estate_name_unique_in_county"),
            models.CheckConstraint(
                condition=Q(handed_over_on__isnull=True) | ~Q(handed_to=""),
                name="estate_handed_over_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EstateStepQuerySet(ScopedQuerySet["EstateStep"]):
    def visible_to(self, user: User) -> EstateStepQuerySet:
        return self.filter(county_scope(user, "estate__"))


@tracked()
class EstateStep(models.Model):
    """One of the five 同步: was it done together with the estate's first phase?"""

    class Step(models.TextChoices):
        PLANNED = "1-planned", "同步规划"
        DESIGNED = "2-designed", "同步设计"
        BUILT = "3-built", "同步建设"
        ACCEPTED = "4-accepted", "同步验收"
        DELIVERED = "5-delivered", "同步交付"

    class State(models.TextChoices):
        YES = "yes", "是"
        NO = "no", "否"
        NOT_YET = "not_yet", "还没到"

    estate = models.ForeignKey(EstateProject, models.PROTECT, related_name="steps")
    step = models.CharField("同步", max_length=12, choices=Step.choices)
    state = models.CharField("情况", max_length=8, choices=State.choices)
    on = models.DateField("日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = EstateStepQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "五同步"
        ordering = ["estate", "step"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "step"], name="estate_step_once"),
            models.CheckConstraint(
                condition=~Q(state="yes") | Q(on__isnull=False), name="estate_step_done_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="no") | ~Q(note=""), name="estate_step_missed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.get_step_display()}"


class EstateOperatorQuerySet(ScopedQuerySet["EstateOperator"]):
    def visible_to(self, user: User) -> EstateOperatorQuerySet:
        return self.filter(county_scope(user, "estate__"))


@tracked()
class EstateOperator(models.Model):
    """As what an estate kindergarten shall be run from a day: asked for, then decided by another.

    `town_public_share` and its month are what the decision was weighed against; null where no rule
    asked for it.
    """

    class RunAs(models.TextChoices):
        PUBLIC = "public", "公办"
        INCLUSIVE_PRIVATE = "inclusive_private", "普惠性民办"
        NON_INCLUSIVE_PRIVATE = "non_inclusive_private", "非普惠民办"
        OTHER_USE = "other_use", "改作他用"

    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        FOUND = "found", "登记现状"

    estate = models.ForeignKey(EstateProject, models.PROTECT, related_name="operators")
    run_as = models.CharField("办园性质", max_length=24, choices=RunAs.choices)
    operator = models.CharField("举办者", max_length=120, blank=True)
    valid_from = models.DateField("起始日期")
    document = models.CharField("依据", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    asked_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    decided_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("办理时间", null=True)
    note = models.CharField("意见", max_length=300, blank=True)
    town_public_share = models.DecimalField(
        "当时的公办占比", max_digits=8, decimal_places=6, null=True
    )
    share_month = models.DateField("占比月份", null=True)

    objects = EstateOperatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小区配套园办园性质"
        ordering = ["estate", "-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate"],
                condition=Q(state="waiting"),
                name="one_estate_operator_waits",
            ),
            models.UniqueConstraint(
                fields=["estate", "valid_from"],
                condition=Q(state__in=["approved", "found"]),
                name="one_estate_operator_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "found"], decided_as__isnull=True)
                | (
                    Q(state__in=["approved", "refused"], decided_as__isnull=False)
                    & ~Q(decided_as=F("asked_as"))
                ),
                name="estate_operator_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.get_run_as_display()}"


class EstateProblemQuerySet(ScopedQuerySet["EstateProblem"]):
    def visible_to(self, user: User) -> EstateProblemQuerySet:
        return self.filter(county_scope(user, "estate__"))


@tracked()
class EstateProblem(models.Model):
    """Something wrong with an estate kindergarten, from the day it was found to that it was mended."""

    class Kind(models.TextChoices):
        NOT_PLANNED = "not_planned", "应规未规"
        NOT_BUILT = "not_built", "应建未建"
        NOT_HANDED_OVER = "not_handed_over", "应交未交"
        NOT_USED = "not_used", "应用未用"
        OTHER = "other", "其他"

    estate = models.ForeignKey(EstateProject, models.PROTECT, related_name="problems")
    kind = models.CharField("类别", max_length=16, choices=Kind.choices)
    text = models.CharField("问题", max_length=300)
    found_on = models.DateField("发现日期")
    resolved_on = models.DateField("解决日期", null=True, blank=True)
    resolution = models.CharField("怎么解决的", max_length=300, blank=True)

    objects = EstateProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小区配套园问题"
        ordering = ["estate", "found_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True)
                | (Q(resolved_on__gte=F("found_on")) & ~Q(resolution="")),
                name="estate_problem_resolved_after_found",
            )
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.get_kind_display()}"
