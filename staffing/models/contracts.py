"""What stands between a person and a kindergarten: contract, insurance, background, conduct."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.access.permissions import Permission
from accounts.history.tracking import tracked
from staffing.models.recorded import OfAppointmentQuerySet, Recorded, in_order

if TYPE_CHECKING:
    from accounts.models import User

# Both ends belong to it; without a last day it has no end.
DAYS = models.Func(
    F("valid_from"),
    F("valid_until"),
    RangeBoundary(inclusive_upper=True),
    function="DATERANGE",
    output_field=DateRangeField(),
)


def of_appointment(related_name: str) -> Any:
    return models.ForeignKey(
        "staffing.Appointment", models.PROTECT, verbose_name="任职", related_name=related_name
    )


@tracked()
class Contract(Recorded):
    """劳动合同 or 聘用合同 of a post, and the day on which it was filed (学前教育法 Art 43).

    `valid_until` is its last day; null: open-ended. It stays the person's in this kindergarten when
    the post changes.
    """

    class Kind(models.TextChoices):
        LABOUR = "labour", "劳动合同"
        EMPLOYMENT = "employment", "聘用合同"
        SERVICE = "service", "劳务协议"

    appointment = of_appointment("contracts")
    kind = models.CharField("合同", max_length=12, choices=Kind.choices)
    signed_on = models.DateField("签订日期")
    valid_from = models.DateField("合同期自")
    valid_until = models.DateField("合同期至", null=True, blank=True)
    filed_on = models.DateField("备案日期", null=True, blank=True)

    objects = OfAppointmentQuerySet["Contract"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工合同"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            in_order("contract_dates_in_order"),
            models.CheckConstraint(
                condition=Q(filed_on__isnull=True) | Q(filed_on__gte=F("signed_on")),
                name="contract_filed_after_signing",
            ),
            ExclusionConstraint(
                name="one_contract_of_a_post_at_a_time",
                expressions=[
                    ("appointment", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class InsuranceQuerySet(OfAppointmentQuerySet["Insurance"]):
    def on(self, day: dt.date) -> InsuranceQuerySet:
        """Those that stand and cover the day."""
        return self.standing().filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day
        )

    def people_fully_insured(self, day: dt.date) -> QuerySet[Any, Any]:
        """Keys of the people whom all six kinds cover on the day, where they hold a post on it.

        One kindergarten may pay some and another the rest. What nobody has ended after the person
        left counts no more. For `person__in`: no query of its own.
        """
        from staffing.models.appointments import Appointment

        there = Appointment.objects.unscoped("posts of the insured in hand").held_on(day)
        by_person = (
            self.on(day)
            .filter(
                Exists(
                    there.filter(
                        person=OuterRef("appointment__person"),
                        kindergarten=OuterRef("appointment__kindergarten"),
                    )
                )
            )
            .order_by()
            .values("appointment__person")
        )
        kinds = by_person.annotate(kinds=Count("kind", distinct=True))
        return kinds.filter(kinds=len(Insurance.Kind)).values("appointment__person")


@tracked()
class Insurance(Recorded):
    """One of 五险一金 that a kindergarten pays for a post. `valid_until`: last day; null: still paid."""

    class Kind(models.TextChoices):
        PENSION = "pension", "养老保险"
        MEDICAL = "medical", "医疗保险"
        UNEMPLOYMENT = "unemployment", "失业保险"
        INJURY = "injury", "工伤保险"
        MATERNITY = "maternity", "生育保险"
        HOUSING_FUND = "housing_fund", "住房公积金"

    appointment = of_appointment("insurances")
    kind = models.CharField("险种", max_length=14, choices=Kind.choices)
    valid_from = models.DateField("参保自")
    valid_until = models.DateField("参保至", null=True, blank=True)

    objects = InsuranceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工保险"
        ordering = ["kind", "-valid_from", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            in_order("insurance_dates_in_order"),
            ExclusionConstraint(
                name="one_insurance_of_a_kind_at_a_time",
                expressions=[
                    ("appointment", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


@tracked()
class BackgroundQuery(Recorded):
    """背景查询 before hiring and every year after (学前教育法 Art 44, 未成年人保护法 Art 62).

    Every employer asks for itself. `authority` is whoever answered, `asked_by` who asked for the
    kindergarten. What was found is not written here, only whether anything was, and few may see it
    (Permission.READ_CONDUCT).
    """

    class Result(models.TextChoices):
        CLEAR = "clear", "无记录"
        FOUND = "found", "有记录"

    appointment = of_appointment("background_queries")
    queried_on = models.DateField("查询日期")
    authority = models.CharField("查询机关", max_length=60)
    asked_by = models.CharField("申请查询的人", max_length=40)
    result = models.CharField("查询结果", max_length=6, choices=Result.choices)

    objects = OfAppointmentQuerySet["BackgroundQuery"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "背景查询"
        ordering = ["-queried_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.UniqueConstraint(
                fields=["appointment", "queried_on", "authority"],
                condition=Q(withdrawn_at__isnull=True),
                name="background_queried_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority}的背景查询"


class EthicsRecordQuerySet(OfAppointmentQuerySet["EthicsRecord"]):
    def visible_to(self, user: User) -> EthicsRecordQuerySet:
        """Those of the posts one sees, for those who may read of conduct at all."""
        if not user.can(Permission.READ_CONDUCT):
            return self.none()
        return super().visible_to(user)


@tracked()
class EthicsRecord(Recorded):
    """师德: the conclusion of a year, or what happened on a day and what followed.

    `year` and `conclusion` are of a yearly assessment only, `note` is what happened.
    """

    class Kind(models.TextChoices):
        YEARLY = "yearly", "年度考核"
        COMMENDED = "commended", "表彰"
        BREACH = "breach", "违反师德"

    class Conclusion(models.TextChoices):
        EXCELLENT = "excellent", "优秀"
        PASSED = "passed", "合格"
        BARELY = "barely", "基本合格"
        FAILED = "failed", "不合格"

    appointment = of_appointment("ethics_records")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    decided_on = models.DateField("日期")
    year = models.PositiveSmallIntegerField("考核年度", null=True, blank=True)
    conclusion = models.CharField("考核结论", max_length=10, choices=Conclusion.choices, blank=True)
    note = models.CharField("情况", max_length=300, blank=True)

    objects = EthicsRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "师德记录"
        ordering = ["-decided_on", "-pk"]
        constraints = [
            *Recorded.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind="yearly", year__isnull=False) & ~Q(conclusion="")
                | ~Q(kind="yearly") & Q(year__isnull=True, conclusion="") & ~Q(note=""),
                name="ethics_record_says_what_its_kind_wants",
            ),
            models.UniqueConstraint(
                fields=["appointment", "year"],
                condition=Q(withdrawn_at__isnull=True, kind="yearly"),
                name="one_ethics_conclusion_a_year",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
