"""Papers that go with a person: health checks and trainings."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Sum

from accounts.history.tracking import tracked
from staffing.models.recorded import OfPersonQuerySet, Recorded


@tracked()
class HealthCheck(Recorded):
    """健康检查: the outcome for work in a kindergarten, never a finding or an illness.

    One that says 合格 is good for a year (staffing.papers.rules.a_year_from); of several the newest
    speaks.
    """

    class Result(models.TextChoices):
        FIT = "fit", "合格"
        UNFIT = "unfit", "不合格"
        TO_REPEAT = "to_repeat", "待复查"

    person = models.ForeignKey(
        "staffing.StaffMember", models.PROTECT, verbose_name="教职工", related_name="health_checks"
    )
    checked_on = models.DateField("检查日期")
    result = models.CharField("结果", max_length=10, choices=Result.choices)
    hospital = models.CharField("检查机构", max_length=60)

    objects = OfPersonQuerySet["HealthCheck"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "健康检查"
        ordering = ["-checked_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "checked_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_health_check_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"健康检查（{self.get_result_display()}）"


class TrainingQuerySet(OfPersonQuerySet["Training"]):
    def finished_in(self, year: int) -> TrainingQuerySet:
        """Those that stand and ended in a calendar year: its hours are that year's."""
        return self.standing().filter(ended_on__year=year)

    def hours_by_person(self) -> dict[int, Decimal]:
        """Hours (学时) together by the person's key. Whoever has none is not in it."""
        rows = self.order_by().values_list("person").annotate(Sum("hours"))
        return dict(rows)


@tracked()
class Training(Recorded):
    """培训 that a person has finished; `hours` are 学时 as the organiser certified them."""

    class Level(models.TextChoices):
        NATIONAL = "national", "国培"
        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "区县级"
        KINDERGARTEN = "kindergarten", "园本"

    person = models.ForeignKey(
        "staffing.StaffMember", models.PROTECT, verbose_name="教职工", related_name="trainings"
    )
    level = models.CharField("级别", max_length=14, choices=Level.choices)
    subject = models.CharField("培训内容", max_length=80)
    hours = models.DecimalField("学时", max_digits=5, decimal_places=1)
    started_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期")
    number = models.CharField("证书编号", max_length=40, blank=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工培训"
        ordering = ["-ended_on", "-pk"]
        indexes = [models.Index(fields=["ended_on"], name="trainings_by_their_end")]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "level", "subject", "started_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="training_recorded_once",
            ),
            models.CheckConstraint(condition=Q(hours__gt=0), name="training_has_hours"),
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")), name="training_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}培训：{self.subject}"
