"""The registry: kindergartens, and everything about them that can move a figure, with dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap
from kindergartens.models.record import RecordFields
from kindergartens.models.search_text import SearchTextField

if TYPE_CHECKING:
    from accounts.models import User


class KindergartenQuerySet(ScopedQuerySet["Kindergarten"]):
    def visible_to(self, user: User) -> KindergartenQuerySet:
        """Kindergartens in the person's region today; a director sees the own one."""
        return self.filter(organisation_scope(user, "organisation", "organisation__region"))


# What is searched is made of the names and codes, whose own changes are kept.
@tracked(leave_out=["search_text"])
class Kindergarten(RecordFields):
    """One registered kindergarten (one record, one organisation that can log in)."""

    organisation = models.OneToOneField(
        "accounts.Organisation", models.PROTECT, related_name="kindergarten"
    )
    name = models.CharField("园名", max_length=120)
    # 学校(机构)标识码: 11 for kindergartens, two digits of the province, a serial. No check digit.
    # 附设幼儿班 use that of their school (21 primary…); which fits which is record.rules.check_code.
    code = models.CharField(
        "学校标识码",
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[1-9]\d{9}$", "学校标识码应为10位数字。")],
    )
    is_example = models.BooleanField("示例", default=False)
    opened_on = models.DateField("建园日期")
    # Those of FormerName, joined, so that they are searched without another table.
    former_names = models.CharField("曾用名", max_length=600, blank=True)
    search_text = SearchTextField(default="", editable=False)

    objects = KindergartenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "幼儿园"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(3, 54), longitude__range=(73, 136)),
                name="position_lies_in_china",
            ),
            models.CheckConstraint(
                condition=Q(licence_until__isnull=True)
                | Q(licence_from__isnull=True)
                | Q(licence_until__gte=F("licence_from")),
                name="licence_dates_in_order",
            ),
            models.CheckConstraint(condition=~Q(host=F("pk")), name="no_site_of_itself"),
        ]
        indexes = [
            GinIndex(
                fields=["search_text"], name="kindergarten_found_by", opclasses=["gin_trgm_ops"]
            ),
            models.Index(fields=["licence_until"]),
        ]

    def __str__(self) -> str:
        return self.name


class KindergartenStatusQuerySet(ScopedQuerySet["KindergartenStatus"]):
    def visible_to(self, user: User) -> KindergartenStatusQuerySet:
        """Whoever looks after the kindergarten today sees all it has been."""
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def on(self, day: dt.date) -> KindergartenStatusQuerySet:
        """The one row per kindergarten that is in force on a day."""
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )

    def expected_to_file(self) -> KindergartenStatusQuerySet:
        """Rows whose kindergarten owes a monthly return: registered, running and counted."""
        return self.filter(
            operating_state=KindergartenStatus.OperatingState.OPERATING, counts_enrolment=True
        )


@tracked()
class KindergartenStatus(models.Model):
    """What a kindergarten is from a date until a date. Rows of one kindergarten never overlap.

    Figures of a month use the row in force on its statistical date, so a change today leaves
    last year's rates where they were. Which sums a kindergarten enters is said by the four
    `counts_` flags, never derived from its name (domain facts §1.2).
    """

    class Ownership(models.TextChoices):
        PUBLIC = "public", "公办"
        INCLUSIVE_PRIVATE = "inclusive_private", "普惠性民办"
        NON_INCLUSIVE_PRIVATE = "non_inclusive_private", "非普惠民办"

    class SponsorType(models.TextChoices):
        EDUCATION = "education", "教育部门"
        OTHER_DEPARTMENT = "other_department", "其他部门"
        STATE_ENTERPRISE = "state_enterprise", "地方企业"
        INSTITUTION = "institution", "事业单位"
        MILITARY = "military", "部队"
        COLLECTIVE = "collective", "集体"
        PRIVATE = "private", "民办"
        JOINT_VENTURE = "joint_venture", "中外合作"

    class OperatingState(models.TextChoices):
        OPERATING = "operating", "在办"
        SUSPENDED = "suspended", "停办整顿"
        CLOSED = "closed", "已撤销"

    class Level(models.TextChoices):
        NONE = "", "未评定"
        PROVINCE_MODEL = "province_model", "省级示范园"
        CITY_MODEL = "city_model", "市级示范园"
        COUNTY_MODEL = "county_model", "区县级示范园"
        FIRST = "first", "一级园"
        SECOND = "second", "二级园"
        THIRD = "third", "三级园"

    class UrbanRural(models.TextChoices):
        """城乡分类代码, 《统计上划分城乡的规定》 (国函〔2008〕60号)."""

        UNKNOWN = "", "未登记"
        CITY_CENTRE = "111", "111主城区"
        CITY_EDGE = "112", "112城乡结合区"
        TOWN_CENTRE = "121", "121镇中心区"
        TOWN_EDGE = "122", "122镇乡结合区"
        SPECIAL_AREA = "123", "123特殊区域"
        TOWNSHIP_CENTRE = "210", "210乡中心区"
        VILLAGE = "220", "220村庄"

    kindergarten = models.ForeignKey(Kindergarten, models.PROTECT, related_name="statuses")
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)
    town = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="乡镇街道", related_name="+"
    )
    sponsor_type = models.CharField("办别", max_length=20, choices=SponsorType.choices)
    ownership = models.CharField("办园性质", max_length=24, choices=Ownership.choices)
    for_profit = models.BooleanField("营利性", default=False)
    operating_state = models.CharField(
        "办园状态", max_length=12, choices=OperatingState.choices, default=OperatingState.OPERATING
    )
    half_day = models.BooleanField("半日制", default=False)
    level = models.CharField("等级", max_length=16, choices=Level.choices, blank=True, default="")
    urban_rural = models.CharField(
        "城乡分类", max_length=3, choices=UrbanRural.choices, blank=True, default=""
    )
    recognition_document = models.CharField("普惠认定文件", max_length=100, blank=True, default="")
    recognised_until = models.DateField("普惠认定到期日", null=True, blank=True)
    counts_enrolment = models.BooleanField("计入在园幼儿", default=True)
    counts_public = models.BooleanField("计入公办", default=False)
    counts_inclusive = models.BooleanField("计入普惠", default=False)
    counts_staff = models.BooleanField("计入教职工", default=True)
    reason = models.CharField("变更原因", max_length=700, blank=True)

    objects = KindergartenStatusQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办园状态"
        ordering = ["kindergarten", "valid_from"]
        constraints = [
            no_overlap("status_rows_do_not_overlap", "kindergarten"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="status_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(counts_public=False) | Q(counts_inclusive=True),
                name="public_counts_as_inclusive",
            ),
            models.CheckConstraint(
                condition=Q(for_profit=False) | Q(counts_inclusive=False),
                name="for_profit_is_not_inclusive",
            ),
            models.CheckConstraint(
                condition=Q(ownership="inclusive_private")
                | Q(recognition_document="", recognised_until__isnull=True),
                name="only_recognised_have_recognition",
            ),
        ]
        indexes = [models.Index(fields=["town", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.valid_from}起 {self.get_ownership_display()}"

    @property
    def owes_return(self) -> bool:
        """Whether a kindergarten with this status owes a monthly return."""
        return self.operating_state == self.OperatingState.OPERATING and self.counts_enrolment

    def is_in_force(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)
