"""Figures of the years before the portal, as yearbooks, statistics and bulletins printed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import home_region
from accounts.history.tracking import tracked
from accounts.models import Region
from indicators.aggregates.columns import BY_NAME, COUNTS, SPONSORS, TOTAL
from indicators.aggregates.rules import Amount, amount

if TYPE_CHECKING:
    from accounts.models import User

NATION = "CN"
NATION_NAME = "全国"


class AggregateQuerySet(models.QuerySet["AggregateReturn"]):
    def visible_to(self, user: User) -> AggregateQuerySet:
        """Of the nation, of the places above one's own, and of everything below it."""
        region = home_region(user)
        if region is None:
            return self.none()
        above = [region.pk, region.county_id, region.city_id, region.province_id]
        within = Region.objects.within(region).values("pk")
        return self.filter(Q(region=None) | Q(region__in=above) | Q(region__in=within))

    def standing(self) -> AggregateQuerySet:
        """Those that nobody withdrew: what answers for a year."""
        return self.filter(withdrawn_at=None)

    def of_region(self, region: Region | None) -> AggregateQuerySet:
        """Of one place; None is the nation."""
        return self.filter(region=region)

    def of_table(self, row: AggregateReturn) -> AggregateQuerySet:
        """The row of the total and those by sponsor that its source prints together with it."""
        return self.of_region(row.region).filter(
            reference_date=row.reference_date, source=row.source
        )


def _count(name: str) -> models.PositiveIntegerField[int | None, int | None]:
    column = BY_NAME[name]
    return models.PositiveIntegerField(f"{column.head}（{column.unit}）", null=True, blank=True)


def _part_of(part: str, whole: str) -> Q:
    return (
        Q(**{f"{part}__isnull": True})
        | Q(**{f"{whole}__isnull": True})
        | Q(**{f"{part}__lte": F(whole)})
    )


@tracked()
class AggregateReturn(models.Model):
    """One row of a published table: a place at a reference date, of all sponsors or of one.

    Null is what the source does not say, never 0. What was printed in 万 stands in `printed` as it
    was, and in its own field as a whole number. `published` are rates as printed, by indicator, in
    percent for shares. Without a region it is the nation.
    """

    class Kind(models.TextChoices):
        YEARBOOK = "yearbook", "年鉴"
        STATISTICS = "statistics", "事业统计"
        BULLETIN = "bulletin", "公报"
        DOCUMENT = "document", "文件"

    class Scope(models.TextChoices):
        UNSAID = "", "来源没有写明"
        KINDERGARTENS = "kindergartens", "幼儿园（不含附设幼儿班）"
        PRESCHOOL = "preschool", "学前教育（含附设幼儿班）"

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="地区",
    )  # fmt: skip
    reference_date = models.DateField("统计时点")
    kind = models.CharField("来源种类", max_length=12, choices=Kind.choices)
    source = models.CharField("来源", max_length=120)
    place = models.CharField("出处", max_length=80, blank=True)
    sponsor = models.CharField(
        "办别", max_length=30, blank=True, choices=[(TOTAL, "合计"), *SPONSORS.items()]
    )
    scope = models.CharField("统计口径", max_length=14, blank=True, choices=Scope.choices)

    kindergartens = _count("kindergartens")
    public_kindergartens = _count("public_kindergartens")
    private_kindergartens = _count("private_kindergartens")
    inclusive_private_kindergartens = _count("inclusive_private_kindergartens")
    inclusive_kindergartens = _count("inclusive_kindergartens")
    enrolled_children = _count("enrolled_children")
    public_children = _count("public_children")
    private_children = _count("private_children")
    inclusive_private_children = _count("inclusive_private_children")
    inclusive_children = _count("inclusive_children")
    nursery_children = _count("nursery_children")
    classes = _count("classes")
    compliant_classes = _count("compliant_classes")
    staff = _count("staff")
    principals = _count("principals")
    full_time_teachers = _count("full_time_teachers")
    childcare_workers = _count("childcare_workers")
    health_staff = _count("health_staff")
    administrative_staff = _count("administrative_staff")
    teaching_support_staff = _count("teaching_support_staff")
    service_staff = _count("service_staff")
    other_staff = _count("other_staff")
    certified_principals_and_teachers = _count("certified_principals_and_teachers")
    resident_population_3_5 = _count("resident_population_3_5")
    registered_population_3_5 = _count("registered_population_3_5")
    floor_area_m2 = _count("floor_area_m2")
    activity_room_area_m2 = _count("activity_room_area_m2")
    outdoor_area_m2 = _count("outdoor_area_m2")
    books = _count("books")

    printed = models.JSONField("按万印的原数", default=dict, blank=True)
    published = models.JSONField("公布的比率", default=dict, blank=True)
    explanation = models.CharField("说明", max_length=300, blank=True)
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    objects = AggregateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "历史数据"
        ordering = ["-reference_date", "region__code", "source", "sponsor"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "reference_date", "source", "sponsor"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="aggregate_once_in_a_source",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="aggregate_has_a_source"),
            models.CheckConstraint(
                condition=_part_of("compliant_classes", "classes"),
                name="aggregate_classes_in_order",
            ),
        ]
        indexes = [models.Index(fields=["region", "reference_date"])]

    def __str__(self) -> str:
        return f"{self.region_name} {self.reference_date} {self.source}"

    @property
    def region_name(self) -> str:
        return self.region.name if self.region else NATION_NAME

    @property
    def region_code(self) -> str:
        return self.region.code if self.region else NATION

    @property
    def label(self) -> str:
        """The source as it is printed beside a figure."""
        return f"{self.source} {self.place}" if self.place else self.source

    def counts(self) -> dict[str, Amount]:
        """Every count the source gives, with its tolerance."""
        found = {}
        for column in COUNTS:
            number = getattr(self, column.name)
            if number is not None:
                printed = self.printed.get(column.name)
                found[column.name] = amount(printed) if printed else Amount(number)
        return found
