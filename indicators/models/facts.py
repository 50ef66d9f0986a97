"""What one accepted return and the registers said, frozen per kindergarten. Rates are derived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class KindergartenFactsQuerySet(ScopedQuerySet["KindergartenFacts"]):
    def visible_to(self, user: User) -> KindergartenFactsQuerySet:
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))

    def in_region(self, region: Region) -> KindergartenFactsQuerySet:
        field = {1: "province", 2: "city", 3: "county", 4: "town"}[region.level]
        return self.filter(**{field: region.pk})

    def current(self) -> KindergartenFactsQuerySet:
        """The latest accepted version of each kindergarten-month."""
        return self.filter(superseded_at__isnull=True)

    def of_a_kind(
        self, *, county: int, ownership: str, half_day: bool, without: int
    ) -> KindergartenFactsQuerySet:
        """Whom a kindergarten (`without`) is compared with (同类园), wherever it is compared.

        Of one county, ownership and length of day, by accepted returns; in the rates, with children.
        The staffing standards of half-day kindergartens are others (教师〔2013〕1号).
        """
        return self.current().filter(
            ~models.Q(kindergarten=without),
            county=county,
            ownership=ownership,
            half_day=half_day,
            counts_enrolment=True,
            enrolled_children__gt=0,
        )


# Figures are summed from these rows, so a row set right by hand must show; one narrow copy each.
@tracked()
class KindergartenFacts(models.Model):
    """What one accepted return says, with the status in force on its statistical date.

    Written once at acceptance. A later accepted version is a new row; the old one gets
    `superseded_at` and stays. All counts are of children or people; nursery children are apart.
    What comes from registers, measures and standards (indicators.selectors.returns.LOOKED_AT_AGAIN)
    is brought to what is known now when somebody recomputes a month, superseded rows excepted.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="facts"
    )
    month = models.DateField("月份")
    filing_version = models.OneToOneField(
        "kindergartens.FilingVersion", models.PROTECT, related_name="facts"
    )
    accepted_at = models.DateTimeField("接收时间")
    superseded_at = models.DateTimeField("被更正时间", null=True)
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    county = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    city = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    province = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    ownership = models.CharField("办园性质", max_length=24)
    sponsor_type = models.CharField("办别", max_length=20)
    counts_enrolment = models.BooleanField()
    counts_public = models.BooleanField()
    counts_inclusive = models.BooleanField()
    counts_staff = models.BooleanField()
    half_day = models.BooleanField("半日制", db_default=False)
    # Cuts of a region's figures; empty where the status does not say.
    level = models.CharField("等级", max_length=16, blank=True, db_default="")
    urban_rural = models.CharField("城乡分类", max_length=3, blank=True, db_default="")
    enrolled_children = models.PositiveIntegerField("在园幼儿")
    nursery_children = models.PositiveIntegerField("托班幼儿")
    over_age_children = models.PositiveIntegerField("6岁以上")
    classes = models.PositiveIntegerField("班数（不含托班）")
    compliant_classes = models.PositiveIntegerField("班额达标班数")
    principals = models.PositiveIntegerField("园长")
    full_time_teachers = models.PositiveIntegerField("专任教师")
    childcare_workers = models.PositiveIntegerField("保育员")
    health_staff = models.PositiveIntegerField("卫生保健人员")
    other_staff = models.PositiveIntegerField("其他教职工")
    certified_principals_and_teachers = models.PositiveIntegerField("持证园长和专任教师")
    # By the standard in force on the statistical date; null where nobody can say.
    fully_staffed = models.BooleanField("教职工配足配齐", null=True)
    # What the registers knew on the statistical date; null where nothing was recorded. Pay is of
    # the newest recorded year before it (staffing.establishment).
    established_heads = models.PositiveIntegerField("在编领工资的人", null=True)
    established_pay_yuan = models.PositiveBigIntegerField("在编年工资合计（元）", null=True)
    non_established_heads = models.PositiveIntegerField("非在编领工资的人", null=True)
    non_established_pay_yuan = models.PositiveBigIntegerField("非在编年工资合计（元）", null=True)
    vacant_posts = models.PositiveIntegerField("空编", null=True)
    unfilled_posts = models.PositiveIntegerField("有编不补的编制", null=True)
    insurable_people = models.PositiveIntegerField("应参保的人", null=True)
    insured_people = models.PositiveIntegerField("五险一金齐全的人", null=True)
    trainable_people = models.PositiveIntegerField("应培训的人", null=True)
    trained_people = models.PositiveIntegerField("上一年培训学时够的人", null=True)
    # Of the last full year before it: what was paid by the child, cents left out, and the children
    # that it was paid by (fees.funding).
    funded_children = models.PositiveIntegerField("拨款所按的幼儿", null=True)
    funded_yuan = models.PositiveBigIntegerField("上一年度生均经费实拨（元）", null=True)

    # By its sites' confirmed counts of the day, in square decimetres, which keep what was measured
    # to the hundredth of a square metre; null as soon as one site was not measured.
    outdoor_area_dm2 = models.PositiveBigIntegerField("室外游戏场地（平方分米）", null=True)
    activity_room_area_dm2 = models.PositiveBigIntegerField("活动用房（平方分米）", null=True)
    floor_area_dm2 = models.PositiveBigIntegerField("园舍建筑（平方分米）", null=True)
    books = models.PositiveBigIntegerField("图书（册）", null=True)
    # By the standard of its place; null without a measure, a child or a standard.
    outdoor_area_met = models.BooleanField("室外游戏场地达标", null=True)
    activity_room_area_met = models.BooleanField("活动用房达标", null=True)
    floor_area_met = models.BooleanField("园舍建筑达标", null=True)
    # Designed since the year the newer standard holds from; null where no year is registered.
    new_design = models.BooleanField("按新标准设计", null=True)
    # Standing (safety.measures.rules) to the four of its place; empty where the list has no such
    # one, or where it answers with its host.
    guards = models.CharField("专职保安", max_length=10, blank=True, db_default="")
    alarm = models.CharField("一键报警", max_length=10, blank=True, db_default="")
    video = models.CharField("视频监控", max_length=10, blank=True, db_default="")
    closed_site = models.CharField("封闭化管理", max_length=10, blank=True, db_default="")
    # Null where the return says nothing of charges, or nothing was there to hold them to.
    charges_within_limits = models.BooleanField("收费没有超标", null=True)
    overcharged_yuan = models.PositiveBigIntegerField("超标金额（元）", null=True)
    # By the day, the meal or the time nobody knows how many were paid.
    overcharge_uncounted = models.BooleanField("有算不出金额的超标", null=True)
    # First filed by the period's end of filing; null only while nobody has said.
    on_time = models.BooleanField("按时报送", null=True)

    objects = KindergartenFactsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "幼儿园月度数据"
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "month"],
                condition=Q(superseded_at__isnull=True),
                # So that "who is not counted yet" is answered from the index alone.
                include=["counts_enrolment"],
                name="one_current_facts_row",
            ),
            models.CheckConstraint(
                condition=Q(compliant_classes__lte=F("classes")), name="compliant_within_classes"
            ),
            models.CheckConstraint(
                condition=Q(over_age_children__lte=F("enrolled_children")),
                name="over_age_within_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(
                    certified_principals_and_teachers__lte=F("principals") + F("full_time_teachers")
                ),
                name="certified_within_principals_and_teachers",
            ),
            models.CheckConstraint(
                condition=Q(counts_public=False) | Q(counts_inclusive=True),
                name="public_facts_are_inclusive",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="facts_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(
                    established_heads__isnull=True,
                    established_pay_yuan__isnull=True,
                    non_established_heads__isnull=True,
                    non_established_pay_yuan__isnull=True,
                )
                | Q(
                    established_heads__isnull=False,
                    established_pay_yuan__isnull=False,
                    non_established_heads__isnull=False,
                    non_established_pay_yuan__isnull=False,
                ),
                name="facts_pay_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(vacant_posts__isnull=True, unfilled_posts__isnull=True)
                | Q(vacant_posts__isnull=False, unfilled_posts__lte=F("vacant_posts")),
                name="unfilled_within_vacant_posts",
            ),
            models.CheckConstraint(
                condition=Q(insurable_people__isnull=True, insured_people__isnull=True)
                | Q(insurable_people__isnull=False, insured_people__lte=F("insurable_people")),
                name="insured_within_insurable",
            ),
            models.CheckConstraint(
                condition=Q(trainable_people__isnull=True, trained_people__isnull=True)
                | Q(trainable_people__isnull=False, trained_people__lte=F("trainable_people")),
                name="trained_within_trainable",
            ),
            models.CheckConstraint(
                condition=Q(funded_children__isnull=True, funded_yuan__isnull=True)
                | Q(funded_children__isnull=False, funded_yuan__isnull=False),
                name="facts_funding_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(charges_within_limits__isnull=True, overcharged_yuan__isnull=True)
                | Q(charges_within_limits=True, overcharged_yuan=0)
                | Q(charges_within_limits=False, overcharged_yuan__isnull=False),
                name="overcharged_only_above_limits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["month", "county"],
                condition=Q(superseded_at__isnull=True),
                name="facts_current_by_county",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.month:%Y-%m}"

    @property
    def staff(self) -> int:
        return staff_of(self)


def staff_of(row: Any) -> int:
    """Everybody who works there: the five columns of posts."""
    return (
        row.principals
        + row.full_time_teachers
        + row.childcare_workers
        + row.health_staff
        + row.other_staff
    )
