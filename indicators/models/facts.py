"""Counts, frozen per kindergarten at acceptance and summed per region. Rates are derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, organisation_scope, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept, tracked
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
    Only `fully_staffed` is judged again when a standard was entered late or set right.
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
        return _staff(self)


class RegionFactsQuerySet(ScopedQuerySet["RegionFacts"]):
    def visible_to(self, user: User) -> RegionFactsQuerySet:
        """The person's region and what lies below it."""
        acting = user.acting
        if acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        region = acting.organisation.region
        field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
        if field is None:
            return self.filter(region=region.pk)
        return self.filter(Q(region=region.pk) | Q(**{f"region__{field}": region.pk}))


@not_kept("sums of kindergartens' facts: recomputed from them at any time, and rewritten by that")
class RegionFacts(models.Model):
    """The sums of one region and month. Recomputed as a whole; never edited.

    `pending_*` are the kindergartens that owe a return but are not counted yet, with the last
    month they did count: what they could still add. A population is null where it is not
    registered. `computed_at` is when the row last changed: a run that finds the same sums
    leaves it alone.
    """

    # Months are few: PostgreSQL skips through the unique index below to one region's rows, and
    # every further index would cost forty thousand writes a month.
    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, related_name="facts", db_index=False
    )
    month = models.DateField("月份")
    computed_at = models.DateTimeField("计算时间")

    expected = models.PositiveIntegerField("应报园数")
    filed = models.PositiveIntegerField("已报园数")
    accepted = models.PositiveIntegerField("已接收园数")

    kindergartens = models.PositiveIntegerField("计入园数")
    public_kindergartens = models.PositiveIntegerField("公办园")
    education_kindergartens = models.PositiveIntegerField("教育部门办园")
    inclusive_kindergartens = models.PositiveIntegerField("普惠园（含公办）")
    enrolled_children = models.PositiveIntegerField("在园幼儿")
    public_children = models.PositiveIntegerField("公办园在园幼儿")
    inclusive_children = models.PositiveIntegerField("普惠园在园幼儿（含公办）")
    nursery_children = models.PositiveIntegerField("托班幼儿")
    over_age_children = models.PositiveIntegerField("6岁以上")
    classes = models.PositiveIntegerField("班数")
    compliant_classes = models.PositiveIntegerField("班额达标班数")
    staffed_children = models.PositiveIntegerField("计入教职工的园的幼儿")
    principals = models.PositiveIntegerField("园长")
    full_time_teachers = models.PositiveIntegerField("专任教师")
    childcare_workers = models.PositiveIntegerField("保育员")
    health_staff = models.PositiveIntegerField("卫生保健人员")
    other_staff = models.PositiveIntegerField("其他教职工")
    certified_principals_and_teachers = models.PositiveIntegerField("持证园长和专任教师")
    # None are judged in months of before they were: such a share is not computable, not 0.
    staff_judged_kindergartens = models.PositiveIntegerField("能判定配备的园数", db_default=0)
    fully_staffed_kindergartens = models.PositiveIntegerField("配备达标园数", db_default=0)
    # Of public kindergartens. Pay in whole yuan, so that it adds up.
    pay_recorded_kindergartens = models.PositiveIntegerField("登记了年工资的公办园", db_default=0)
    established_heads = models.PositiveIntegerField("在编领工资的人", db_default=0)
    established_pay_yuan = models.PositiveBigIntegerField("在编年工资合计（元）", db_default=0)
    non_established_heads = models.PositiveIntegerField("非在编领工资的人", db_default=0)
    non_established_pay_yuan = models.PositiveBigIntegerField(
        "非在编年工资合计（元）", db_default=0
    )
    quota_judged_kindergartens = models.PositiveIntegerField("能判定用编的公办园", db_default=0)
    quota_kept_kindergartens = models.PositiveIntegerField("没有有编不补的公办园", db_default=0)
    vacant_posts = models.PositiveIntegerField("空编", db_default=0)
    unfilled_posts = models.PositiveIntegerField("有编不补的编制", db_default=0)
    insurable_people = models.PositiveIntegerField("应参保的人", db_default=0)
    insured_people = models.PositiveIntegerField("五险一金齐全的人", db_default=0)
    trainable_people = models.PositiveIntegerField("应培训的人", db_default=0)
    trained_people = models.PositiveIntegerField("上一年培训学时够的人", db_default=0)
    public_funded_kindergartens = models.PositiveIntegerField("登记了拨付的公办园", db_default=0)
    public_funded_children = models.PositiveIntegerField("公办园拨款所按的幼儿", db_default=0)
    public_funded_yuan = models.PositiveBigIntegerField("公办园生均经费实拨（元）", db_default=0)
    inclusive_funded_kindergartens = models.PositiveIntegerField(
        "登记了拨付的普惠性民办园", db_default=0
    )
    inclusive_funded_children = models.PositiveIntegerField(
        "普惠性民办园补助所按的幼儿", db_default=0
    )
    inclusive_funded_yuan = models.PositiveBigIntegerField(
        "普惠性民办园生均补助实拨（元）", db_default=0
    )

    pending_kindergartens = models.PositiveIntegerField("未计入园（有上次数据）")
    pending_inclusive_kindergartens = models.PositiveIntegerField("未计入普惠园")
    pending_enrolled_children = models.PositiveIntegerField("未计入园上次在园幼儿")
    pending_public_children = models.PositiveIntegerField("未计入公办园上次在园幼儿")
    pending_inclusive_children = models.PositiveIntegerField("未计入普惠园上次在园幼儿")
    pending_classes = models.PositiveIntegerField("未计入园上次班数")
    pending_compliant_classes = models.PositiveIntegerField("未计入园上次班额达标班数")
    pending_staffed_children = models.PositiveIntegerField("未计入园上次计入教职工的幼儿")
    pending_principals = models.PositiveIntegerField("未计入园上次园长")
    pending_full_time_teachers = models.PositiveIntegerField("未计入园上次专任教师")
    pending_childcare_workers = models.PositiveIntegerField("未计入园上次保育员")
    pending_health_staff = models.PositiveIntegerField("未计入园上次卫生保健人员")
    pending_other_staff = models.PositiveIntegerField("未计入园上次其他教职工")
    pending_certified_principals_and_teachers = models.PositiveIntegerField(
        "未计入园上次持证园长和专任教师"
    )
    pending_staff_judged_kindergartens = models.PositiveIntegerField(
        "未计入园上次能判定配备的", db_default=0
    )
    pending_fully_staffed_kindergartens = models.PositiveIntegerField(
        "未计入园上次配备达标的", db_default=0
    )
    pending_established_heads = models.PositiveIntegerField("未计入园上次在编人数", db_default=0)
    pending_established_pay_yuan = models.PositiveBigIntegerField(
        "未计入园上次在编工资", db_default=0
    )
    pending_non_established_heads = models.PositiveIntegerField(
        "未计入园上次非在编人数", db_default=0
    )
    pending_non_established_pay_yuan = models.PositiveBigIntegerField(
        "未计入园上次非在编工资", db_default=0
    )
    pending_quota_judged_kindergartens = models.PositiveIntegerField(
        "未计入园上次能判定用编的", db_default=0
    )
    pending_quota_kept_kindergartens = models.PositiveIntegerField(
        "未计入园上次没有有编不补的", db_default=0
    )
    pending_insurable_people = models.PositiveIntegerField("未计入园上次应参保的人", db_default=0)
    pending_insured_people = models.PositiveIntegerField("未计入园上次参保齐全的人", db_default=0)
    pending_trainable_people = models.PositiveIntegerField("未计入园上次应培训的人", db_default=0)
    pending_trained_people = models.PositiveIntegerField("未计入园上次学时够的人", db_default=0)
    pending_public_funded_children = models.PositiveIntegerField(
        "未计入公办园上次拨款所按的幼儿", db_default=0
    )
    pending_public_funded_yuan = models.PositiveBigIntegerField(
        "未计入公办园上次生均经费", db_default=0
    )
    pending_inclusive_funded_children = models.PositiveIntegerField(
        "未计入普惠性民办园上次补助所按的幼儿", db_default=0
    )
    pending_inclusive_funded_yuan = models.PositiveBigIntegerField(
        "未计入普惠性民办园上次生均补助", db_default=0
    )

    resident_population_3_5 = models.PositiveIntegerField("常住3-5岁人口", null=True)
    registered_population_3_5 = models.PositiveIntegerField("户籍3-5岁人口", null=True)
    population_date = models.DateField("人口统计时点", null=True)

    objects = RegionFactsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区域月度数据"
        constraints = [
            models.UniqueConstraint(fields=["month", "region"], name="one_region_facts_row"),
            models.CheckConstraint(
                condition=Q(public_children__lte=F("inclusive_children"))
                & Q(inclusive_children__lte=F("enrolled_children")),
                name="public_within_inclusive_within_enrolled",
            ),
            models.CheckConstraint(
                condition=Q(education_kindergartens__lte=F("public_kindergartens"))
                & Q(public_kindergartens__lte=F("inclusive_kindergartens"))
                & Q(inclusive_kindergartens__lte=F("kindergartens")),
                name="education_within_public_within_inclusive_kindergartens",
            ),
            models.CheckConstraint(
                condition=Q(fully_staffed_kindergartens__lte=F("staff_judged_kindergartens"))
                & Q(staff_judged_kindergartens__lte=F("kindergartens")),
                name="fully_staffed_within_judged_within_kindergartens",
            ),
            models.CheckConstraint(
                condition=Q(quota_kept_kindergartens__lte=F("quota_judged_kindergartens"))
                & Q(quota_judged_kindergartens__lte=F("public_kindergartens"))
                & Q(unfilled_posts__lte=F("vacant_posts"))
                & Q(insured_people__lte=F("insurable_people"))
                & Q(trained_people__lte=F("trainable_people")),
                name="parts_of_registers_within_wholes",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="region_facts_month_is_first_day"
            ),
            models.CheckConstraint(
                condition=Q(accepted__lte=F("filed")) & Q(filed__lte=F("expected")),
                name="accepted_within_filed_within_expected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.month:%Y-%m}"

    @property
    def staff(self) -> int:
        return _staff(self)


def _staff(row: KindergartenFacts | RegionFacts) -> int:
    """Everybody who works there: the five columns of posts."""
    return (
        row.principals
        + row.full_time_teachers
        + row.childcare_workers
        + row.health_staff
        + row.other_staff
    )
