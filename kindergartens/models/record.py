"""What a record (一园一档) holds of a kindergarten besides its name and what moves a figure."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models


class InstitutionType(models.TextChoices):
    """What kind of place it is (办学类型); how it counts is said by its dated status."""

    INDEPENDENT = "independent", "独立幼儿园"
    ATTACHED = "attached", "附设幼儿班"
    TEACHING_POINT = "teaching_point", "教学点"
    BRANCH = "branch", "分园"
    COMMUNITY_SITE = "community_site", "社区办园点"
    CHILD_CENTRE = "child_centre", "幼儿中心"
    CARE_POINT = "care_point", "民办托幼点"


class PartyBody(models.TextChoices):
    """How the Party's work covers the kindergarten (党组织和党的工作覆盖)."""

    OWN = "own", "单独组建"
    JOINT = "joint", "联合组建"
    ATTACHED = "attached", "挂靠组建"
    INSTRUCTOR = "instructor", "选派党建指导员"
    NONE = "none", "没有覆盖"


class MealService(models.TextChoices):
    NONE = "none", "不供餐"
    ONE_MEAL = "one_meal", "一餐一点"
    TWO_MEALS = "two_meals", "两餐一点"
    THREE_MEALS = "three_meals", "三餐一点"
    DELIVERED = "delivered", "配餐单位送餐"


class Inclusion(models.TextChoices):
    """Children with disabilities (残疾儿童): how the kindergarten takes them in."""

    NONE = "none", "没有接收"
    IN_CLASSES = "in_classes", "随班保教"
    RESOURCE_ROOM = "resource_room", "随班保教，有资源教室"
    OWN_CLASS = "own_class", "设特教班"


class RecordFields(models.Model):
    """Descriptive fields of `Kindergarten`. None and "" mean that nobody has filled it in."""

    # Identity
    uscc = models.CharField(
        "统一社会信用代码", max_length=18, unique=True, null=True, blank=True,
        validators=[RegexValidator(r"^[0-9A-HJ-NPQRTUWXY]{18}$")],
    )  # fmt: skip
    institution_type = models.CharField(
        "办学类型", max_length=24, choices=InstitutionType.choices, default=InstitutionType.INDEPENDENT
    )  # fmt: skip
    host = models.ForeignKey(
        "self", models.PROTECT, verbose_name="所属园（校）", null=True, blank=True,
        related_name="sites",
    )  # fmt: skip
    # Where the host is a school, which is no kindergarten of the registry.
    host_name = models.CharField("所附设的学校", max_length=120, blank=True)
    # Sponsor and licence
    sponsor_name = models.CharField("举办者", max_length=120, blank=True)
    legal_person = models.CharField("法定代表人", max_length=40, blank=True)
    licence_number = models.CharField("办学许可证号", max_length=40, blank=True)
    licence_from = models.DateField("许可证有效期起", null=True, blank=True)
    licence_until = models.DateField("许可证有效期止", null=True, blank=True)
    # Place
    address = models.CharField("地址", max_length=200, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    # The place's own landline: a person's number belongs to the account, encrypted.
    landline = models.CharField("座机", max_length=24, blank=True)
    # Daily life
    boarding = models.BooleanField("寄宿", null=True, blank=True)
    arrival = models.TimeField("入园时间", null=True, blank=True)
    leaving_summer = models.TimeField("夏季离园时间", null=True, blank=True)
    leaving_winter = models.TimeField("冬季离园时间", null=True, blank=True)
    meal_service = models.CharField("供餐", max_length=16, choices=MealService.choices, blank=True)
    school_buses = models.PositiveSmallIntegerField("校车", null=True, blank=True)
    after_hours = models.BooleanField("延时服务", null=True, blank=True)
    nursery_classes = models.BooleanField("开设托班", null=True, blank=True)
    inclusion = models.CharField("融合教育", max_length=16, choices=Inclusion.choices, blank=True)
    # Party, parents, supervision
    party_body = models.CharField("党组织", max_length=12, choices=PartyBody.choices, blank=True)
    party_organisation = models.CharField("党组织名称", max_length=80, blank=True)
    parent_committee = models.BooleanField("家长委员会", null=True, blank=True)
    inspector = models.ForeignKey(
        "accounts.User", models.PROTECT, verbose_name="责任督学", null=True, blank=True,
        related_name="inspected_kindergartens",
    )  # fmt: skip
    # Why something stands although a check asks to look again.
    name_reason = models.CharField("名称的说明", max_length=200, blank=True)
    code_reason = models.CharField("学校标识码的说明", max_length=200, blank=True)
    uscc_reason = models.CharField("信用代码的说明", max_length=200, blank=True)
    position_reason = models.CharField("位置的说明", max_length=200, blank=True)

    class Meta:
        abstract = True
