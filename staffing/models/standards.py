"""How many people documents ask for: dated rows of a place, each with its document and clause."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from accounts.history.tracking import tracked
from kindergartens.models.demand import Demand as PlaceDemand
from kindergartens.models.demand import DemandQuerySet
from staffing.standards.terms import Terms, steps_rise

RATIOS = ("staff", "care_teaching", "county_teachers", "health", "cook")
BY_STEPS = ("principal", "guard")


@tracked()
class StaffingStandard(PlaceDemand):
    """One demand on staff, of full-day or half-day kindergartens or both; the nearest place's holds.

    `least` to `most` are children to one person. Of a class there shall be `teachers` and `carers`,
    or `teachers_alone` teachers; of the only class of a kindergarten `single_teachers` and
    `single_carers`; a boarding class needs `boarding_teachers` and `boarding_carers` besides.
    `steps` are pairs [from so many classes or people on, so many persons], rising; past the last,
    one more for every further `step_beyond`. Null where the document does not speak of it.
    Sources: 教师〔2013〕1号; 《托儿所幼儿园卫生保健管理办法》 Art 12; GB/T 29315-2022; 教督〔2020〕1号.
    """

    class Demand(models.TextChoices):
        STAFF = "staff", "教职工与幼儿比"
        CARE_TEACHING = "care_teaching", "保教人员与幼儿比"
        TEACHERS_OF_COUNTY = "county_teachers", "专任教师与幼儿比（全区县合计）"
        CLASS = "class_posts", "每班教师和保育员"
        HEALTH = "health", "卫生保健人员"
        PRINCIPAL = "principal", "园长"
        COOK = "cook", "炊事人员"
        GUARD = "guard", "保安人员"

    class Day(models.TextChoices):
        ANY = "any", "全日制和半日制"
        FULL = "full", "全日制"
        HALF = "half", "半日制"

    class HealthRule(models.TextChoices):
        AT_MOST = "at_most", "每人最多150名，不足150名的余数也要1人"
        PER_FULL = "per_full", "每满150名1人，余数不另加"

    demand = models.CharField("要求", max_length=16, choices=Demand.choices)
    day = models.CharField("适用", max_length=4, choices=Day.choices, default=Day.ANY)
    least = models.PositiveSmallIntegerField("每人幼儿数下限", null=True, blank=True)
    most = models.PositiveSmallIntegerField("每人幼儿数上限", null=True, blank=True)
    health_rule = models.CharField(
        "卫生保健人员怎么算", max_length=8, choices=HealthRule.choices, blank=True
    )
    teachers = models.PositiveSmallIntegerField("每班教师", null=True, blank=True)
    carers = models.PositiveSmallIntegerField("每班保育员", null=True, blank=True)
    teachers_alone = models.PositiveSmallIntegerField("不配保育员时每班教师", null=True, blank=True)
    single_teachers = models.PositiveSmallIntegerField("单班园教师", null=True, blank=True)
    single_carers = models.PositiveSmallIntegerField("单班园保育员", null=True, blank=True)
    boarding_teachers = models.PositiveSmallIntegerField("寄宿班另加教师", null=True, blank=True)
    boarding_carers = models.PositiveSmallIntegerField("寄宿班另加保育员", null=True, blank=True)
    steps = models.JSONField("分档人数", default=list, blank=True)
    step_beyond = models.PositiveSmallIntegerField("末档以上每多几人加1人", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工配备标准"
        ordering = ["demand", "day", "pk"]
        constraints = [
            PlaceDemand.dates_in_order("staffing_standard_dates_in_order"),
            models.UniqueConstraint(
                fields=["region", "demand", "day", "valid_from"],
                name="one_staffing_standard_from_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(demand__in=RATIOS) | Q(most__isnull=False, most__gt=0),
                name="staffing_ratio_has_limit",
            ),
            models.CheckConstraint(
                condition=Q(least__isnull=True)
                | Q(least__gt=0, most__isnull=False, most__gte=F("least")),
                name="staffing_ratio_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(demand="cook") | Q(least__isnull=False), name="cooks_have_a_range"
            ),
            models.CheckConstraint(
                condition=Q(demand="class_posts", teachers__isnull=False, teachers__gt=0)
                | (~Q(demand="class_posts") & Q(teachers__isnull=True)),
                name="class_posts_have_teachers",
            ),
            models.CheckConstraint(
                condition=Q(teachers_alone__isnull=True)
                | Q(
                    teachers_alone__gt=F("teachers"),
                    teachers__isnull=False,
                    carers__gt=0,
                    carers__isnull=False,
                ),
                name="teachers_alone_stand_in_for_carers",
            ),
            models.CheckConstraint(
                condition=Q(teachers_alone__isnull=True)
                | Q(single_teachers__isnull=True)
                | Q(teachers_alone__gt=F("single_teachers")),
                name="teachers_alone_more_than_in_a_single_class",
            ),
            models.CheckConstraint(
                condition=Q(demand="health", health_rule__in=["at_most", "per_full"])
                | (~Q(demand="health") & Q(health_rule="")),
                name="health_staff_have_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(demand__in=BY_STEPS) ^ Q(steps=[]), name="some_posts_go_by_steps"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_demand_display()}（{self.get_day_display()}）"

    def clean(self) -> None:
        """The steps are pairs of whole numbers, both rising."""
        super().clean()
        if not steps_rise(self.steps):
            raise ValidationError(
                {"steps": "分档写成[[起点,人数],…]，都是整数，起点和人数都由小到大。"}
            )

    @cached_property
    def terms(self) -> Terms:
        """Its numbers, as the rules take them; made once, for ten thousand kindergartens ask."""
        return Terms(
            least=self.least,
            most=self.most,
            health_rule=self.health_rule or Terms.health_rule,
            teachers=self.teachers,
            carers=self.carers,
            teachers_alone=self.teachers_alone,
            single_teachers=self.single_teachers,
            single_carers=self.single_carers,
            boarding_teachers=self.boarding_teachers,
            boarding_carers=self.boarding_carers,
            steps=tuple((start, people) for start, people in self.steps),
            step_beyond=self.step_beyond,
        )
