"""Buildings and equipment (园舍与设备): sites, dated counts of them, and what is demanded of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from kindergartens.models.demand import Demand, DemandQuerySet

if TYPE_CHECKING:
    from accounts.models import User


class Measure(models.TextChoices):
    LAND = "land_area_m2", "占地面积"
    OUTDOOR = "outdoor_area_m2", "室外游戏场地"
    GREEN = "green_area_m2", "绿地面积"
    FLOOR = "floor_area_m2", "园舍建筑面积"
    ACTIVITY = "activity_room_area_m2", "活动用房面积"
    BOOKS = "books", "图书"


class SiteQuerySet(ScopedQuerySet["Site"]):
    def visible_to(self, user: User) -> SiteQuerySet:
        """Whoever looks after the kindergarten today sees all its sites."""
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def on(self, day: dt.date) -> SiteQuerySet:
        return self.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        )


@tracked()
class Site(models.Model):
    """One place where a kindergarten keeps children: the main site, a branch or teaching site.

    `designed_in` is the year the building was planned or designed, which says what standard it is
    held to; null where nobody has registered it, and then no cohort's share counts it.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="premises_sites"
    )
    name = models.CharField("园址名称", max_length=60)
    address = models.CharField("地址", max_length=200, blank=True)
    is_main = models.BooleanField("本部", default=False)
    designed_in = models.PositiveSmallIntegerField("规划设计年份", null=True, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期（不含）", null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "园址"
        ordering = ["kindergarten", "-is_main", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "name"], name="site_name_unique_in_kindergarten"
            ),
            models.UniqueConstraint(
                fields=["kindergarten"],
                condition=Q(is_main=True, valid_to__isnull=True),
                name="one_main_site_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="site_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(designed_in__isnull=True)
                | Q(designed_in__gte=1900, designed_in__lte=2100),
                name="site_design_year_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.name}"


class PremisesCountQuerySet(ScopedQuerySet["PremisesCount"]):
    def visible_to(self, user: User) -> PremisesCountQuerySet:
        kindergarten = "site__kindergarten__organisation"
        return self.filter(organisation_scope(user, kindergarten, f"{kindergarten}__region"))

    def confirmed(self) -> PremisesCountQuerySet:
        return self.filter(state=PremisesCount.State.CONFIRMED)


@tracked()
class PremisesCount(models.Model):
    """What was measured and counted at a site on one day, from one source.

    Counts nothing until somebody else has confirmed it; a mistake is mended by a newer count, never
    by changing this one. Of each measure and item the newest confirmed count holds.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待核对"
        CONFIRMED = "confirmed", "已核对"
        RETURNED = "returned", "已退回"

    site = models.ForeignKey(Site, models.PROTECT, related_name="counts")
    counted_on = models.DateField("清点日期")
    source = models.CharField("数据来源", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.SUBMITTED)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="填报人", related_name="+"
    )
    entered_at = models.DateTimeField("填报时间")
    decided_as = models.ForeignKey(
        "accounts.Membership",
        models.PROTECT,
        null=True,
        verbose_name="核对人",
        related_name="+",
    )
    decided_at = models.DateTimeField("核对时间", null=True)
    note = models.CharField("退回原因", max_length=300, blank=True)

    objects = PremisesCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "园舍设备清点"
        ordering = ["-counted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="submitted", decided_as__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(state="submitted")
                    & Q(decided_as__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_as=F("entered_as"))
                ),
                name="premises_count_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(note=""),
                name="premises_count_returned_with_reason",
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(state="submitted"),
                name="one_premises_count_waiting_per_site",
            ),
        ]
        indexes = [models.Index(fields=["site", "state", "-counted_on"])]

    def __str__(self) -> str:
        return f"{self.site} {self.counted_on}清点"


LINE_OF_KINDERGARTEN = "count__site__kindergarten__organisation"


class PremisesFigureQuerySet(ScopedQuerySet["PremisesFigure"]):
    def visible_to(self, user: User) -> PremisesFigureQuerySet:
        place = f"{LINE_OF_KINDERGARTEN}__region"
        return self.filter(organisation_scope(user, LINE_OF_KINDERGARTEN, place))


@tracked()
class PremisesFigure(models.Model):
    """One measure of a count. A measure nobody measured has no row; it is not zero."""

    count = models.ForeignKey(PremisesCount, models.PROTECT, related_name="figures")
    measure = models.CharField("项目", max_length=24, choices=Measure.choices)
    value = models.DecimalField("数值", max_digits=12, decimal_places=2)

    objects = PremisesFigureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "园舍数据"
        ordering = ["count", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["count", "measure"], name="measure_once_in_a_count"),
            models.CheckConstraint(condition=Q(value__gte=0), name="measure_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.value}"


class EquipmentCountQuerySet(ScopedQuerySet["EquipmentCount"]):
    def visible_to(self, user: User) -> EquipmentCountQuerySet:
        place = f"{LINE_OF_KINDERGARTEN}__region"
        return self.filter(organisation_scope(user, LINE_OF_KINDERGARTEN, place))


@tracked()
class EquipmentCount(models.Model):
    """How much of one item there is, and, where no rule says it, how much there should be."""

    count = models.ForeignKey(PremisesCount, models.PROTECT, related_name="equipment")
    item = models.ForeignKey("kindergartens.EquipmentItem", models.PROTECT, related_name="counts")
    present = models.DecimalField("现有", max_digits=12, decimal_places=2)
    needed = models.DecimalField("应有", max_digits=12, decimal_places=2, null=True, blank=True)

    objects = EquipmentCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "设备数量"
        ordering = ["count", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["count", "item"], name="item_once_in_a_count"),
            models.CheckConstraint(
                condition=Q(present__gte=0) & (Q(needed__isnull=True) | Q(needed__gte=0)),
                name="equipment_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.present}"


class FireAcceptanceQuerySet(ScopedQuerySet["FireAcceptance"]):
    def visible_to(self, user: User) -> FireAcceptanceQuerySet:
        kindergarten = "site__kindergarten__organisation"
        return self.filter(organisation_scope(user, kindergarten, f"{kindergarten}__region"))


@tracked()
class FireAcceptance(models.Model):
    """Where the fire acceptance (消防验收) of a site stands from a day on; the newest day holds."""

    class State(models.TextChoices):
        PASSED = "passed", "已通过"
        RECTIFYING = "rectifying", "整改中"
        NOT_APPLIED = "not_applied", "未申报"
        FAILED = "failed", "未通过"

    site = models.ForeignKey(Site, models.PROTECT, related_name="fire_acceptances")
    state = models.CharField("消防验收", max_length=12, choices=State.choices)
    since = models.DateField("自哪天起")
    due_on = models.DateField("办结期限", null=True, blank=True)
    document = models.CharField("凭证", max_length=200, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = FireAcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消防验收"
        ordering = ["site", "-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "since"], name="one_fire_state_a_day"),
            models.CheckConstraint(
                condition=~Q(state="passed") | ~Q(document=""),
                name="fire_acceptance_passed_with_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.get_state_display()}"


@tracked()
class PremisesStandard(Demand):
    """The least (and, as guidance, the most) of a measure per child, and how many kindergartens
    have to meet it: of those designed since `designed_since` and of the older ones.

    The shares are Decimal fractions; null where the document asks for none.
    """

    measure = models.CharField("项目", max_length=24, choices=Measure.choices)
    at_least = models.DecimalField("生均不少于", max_digits=8, decimal_places=2)
    at_most = models.DecimalField("上限参考", max_digits=8, decimal_places=2, null=True, blank=True)
    designed_since = models.PositiveSmallIntegerField("新标准自哪年设计的园起", default=2017)
    share_of_new = models.DecimalField(
        "新设计园达标比例", max_digits=5, decimal_places=4, null=True, blank=True
    )
    share_of_old = models.DecimalField(
        "原有园达标比例", max_digits=5, decimal_places=4, null=True, blank=True
    )

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "园舍标准"
        ordering = ["measure", "pk"]
        constraints = [
            Demand.dates_in_order("premises_standard_dates_in_order"),
            models.UniqueConstraint(
                fields=["region", "measure", "valid_from"],
                name="one_premises_standard_from_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(at_least__gt=0)
                & (Q(at_most__isnull=True) | Q(at_most__gte=F("at_least"))),
                name="premises_standard_in_order",
            ),
            models.CheckConstraint(
                condition=(Q(share_of_new__isnull=True) | Q(share_of_new__range=(0, 1)))
                & (Q(share_of_old__isnull=True) | Q(share_of_old__range=(0, 1))),
                name="premises_shares_are_fractions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.at_least}"


@tracked()
class EquipmentItem(Demand):
    """One line of the equipment list of a place, with what one of it costs.

    `need` says how much there should be: so many a class, a child or a kindergarten, or as the
    kindergarten's own survey found (`surveyed`). A cost nobody has named is null, not zero.
    """

    class Need(models.TextChoices):
        SURVEYED = "surveyed", "按园核定"
        PER_CLASS = "per_class", "每班"
        PER_CHILD = "per_child", "每生"
        PER_KINDERGARTEN = "per_kindergarten", "每园"

    code = models.SlugField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    unit = models.CharField("单位", max_length=10)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    need = models.CharField("应有数", max_length=16, choices=Need.choices, default=Need.SURVEYED)
    amount = models.DecimalField("标准数量", max_digits=8, decimal_places=2, null=True, blank=True)
    whole = models.BooleanField("只能是整数", default=True)
    public_only = models.BooleanField("只对公办园", default=False)
    unit_cost_yuan = models.DecimalField(
        "单价（元）", max_digits=10, decimal_places=2, null=True, blank=True
    )
    unit_cost_source = models.CharField("单价依据", max_length=100, blank=True)

    objects = DemandQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "设备目录"
        ordering = ["position", "pk"]
        constraints = [
            Demand.dates_in_order("equipment_item_dates_in_order"),
            models.UniqueConstraint(
                fields=["region", "code", "valid_from"],
                name="one_equipment_item_from_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(need="surveyed", amount__isnull=True)
                | (~Q(need="surveyed") & Q(amount__gt=0)),
                name="equipment_need_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(unit_cost_yuan__isnull=True) | Q(unit_cost_yuan__gte=0),
                name="unit_cost_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name
