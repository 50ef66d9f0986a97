"""The sums of a region and month. Rates are derived from them, never stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept
from accounts.models import Region
from indicators.models.facts import staff_of

if TYPE_CHECKING:
    from accounts.models import User


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
    on_time = models.PositiveIntegerField("按时报送园数", db_default=0)

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

    outdoor_area_dm2 = models.PositiveBigIntegerField("室外游戏场地（平方分米）", db_default=0)
    outdoor_area_children = models.PositiveIntegerField("测了室外游戏场地的园的幼儿", db_default=0)
    activity_room_area_dm2 = models.PositiveBigIntegerField("活动用房（平方分米）", db_default=0)
    activity_room_area_children = models.PositiveIntegerField(
        "测了活动用房的园的幼儿", db_default=0
    )
    floor_area_dm2 = models.PositiveBigIntegerField("园舍建筑（平方分米）", db_default=0)
    floor_area_children = models.PositiveIntegerField("测了园舍建筑的园的幼儿", db_default=0)
    books = models.PositiveBigIntegerField("图书（册）", db_default=0)
    books_children = models.PositiveIntegerField("清点了图书的园的幼儿", db_default=0)
    outdoor_area_new_judged = models.PositiveIntegerField(
        "能判定室外游戏场地的新设计园", db_default=0
    )
    outdoor_area_new_met = models.PositiveIntegerField("室外游戏场地达标的新设计园", db_default=0)
    outdoor_area_old_judged = models.PositiveIntegerField(
        "能判定室外游戏场地的原有园", db_default=0
    )
    outdoor_area_old_met = models.PositiveIntegerField("室外游戏场地达标的原有园", db_default=0)
    activity_room_area_new_judged = models.PositiveIntegerField(
        "能判定活动用房的新设计园", db_default=0
    )
    activity_room_area_new_met = models.PositiveIntegerField("活动用房达标的新设计园", db_default=0)
    activity_room_area_old_judged = models.PositiveIntegerField(
        "能判定活动用房的原有园", db_default=0
    )
    activity_room_area_old_met = models.PositiveIntegerField("活动用房达标的原有园", db_default=0)
    floor_area_new_judged = models.PositiveIntegerField("能判定园舍建筑的新设计园", db_default=0)
    floor_area_new_met = models.PositiveIntegerField("园舍建筑达标的新设计园", db_default=0)
    floor_area_old_judged = models.PositiveIntegerField("能判定园舍建筑的原有园", db_default=0)
    floor_area_old_met = models.PositiveIntegerField("园舍建筑达标的原有园", db_default=0)
    guards_owing = models.PositiveIntegerField("应有专职保安的园", db_default=0)
    guards_met = models.PositiveIntegerField("专职保安达标的园", db_default=0)
    guards_unrecorded = models.PositiveIntegerField("专职保安没有记录的园", db_default=0)
    alarm_owing = models.PositiveIntegerField("应有一键报警的园", db_default=0)
    alarm_met = models.PositiveIntegerField("一键报警达标的园", db_default=0)
    alarm_unrecorded = models.PositiveIntegerField("一键报警没有记录的园", db_default=0)
    video_owing = models.PositiveIntegerField("应有视频监控的园", db_default=0)
    video_met = models.PositiveIntegerField("视频监控达标的园", db_default=0)
    video_unrecorded = models.PositiveIntegerField("视频监控没有记录的园", db_default=0)
    closed_site_owing = models.PositiveIntegerField("应有封闭化管理的园", db_default=0)
    closed_site_met = models.PositiveIntegerField("封闭化管理达标的园", db_default=0)
    closed_site_unrecorded = models.PositiveIntegerField("封闭化管理没有记录的园", db_default=0)
    charges_judged_kindergartens = models.PositiveIntegerField("能判定收费的园", db_default=0)
    charges_within_kindergartens = models.PositiveIntegerField("收费没有超标的园", db_default=0)
    overcharged_yuan = models.PositiveBigIntegerField("超标金额（元）", db_default=0)
    overcharge_uncounted_kindergartens = models.PositiveIntegerField(
        "有算不出金额的超标的园", db_default=0
    )
    model_kindergartens = models.PositiveIntegerField("市级及以上示范园", db_default=0)

    # Of the place itself on the statistical date, whoever has filed: open unlicensed kindergartens,
    # and building projects handed over and paid for in the five-year plan that the date is in.
    unlicensed_kindergartens = models.PositiveIntegerField("无证园", db_default=0)
    delivered_projects = models.PositiveIntegerField("交付的建设项目", db_default=0)
    delivered_seats = models.PositiveIntegerField("交付的学位", db_default=0)
    invested_fen = models.BigIntegerField("到账的建设资金（分）", db_default=0)
    valid_answers = models.PositiveIntegerField("认可度调查有效份数", db_default=0)
    satisfied_answers = models.PositiveIntegerField("认可度调查满意份数", db_default=0)

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

    pending_outdoor_area_dm2 = models.PositiveBigIntegerField(
        "未计入园上次室外游戏场地（平方分米）", db_default=0
    )
    pending_outdoor_area_children = models.PositiveIntegerField(
        "未计入园上次测了室外游戏场地的园的幼儿", db_default=0
    )
    pending_activity_room_area_dm2 = models.PositiveBigIntegerField(
        "未计入园上次活动用房（平方分米）", db_default=0
    )
    pending_activity_room_area_children = models.PositiveIntegerField(
        "未计入园上次测了活动用房的园的幼儿", db_default=0
    )
    pending_floor_area_dm2 = models.PositiveBigIntegerField(
        "未计入园上次园舍建筑（平方分米）", db_default=0
    )
    pending_floor_area_children = models.PositiveIntegerField(
        "未计入园上次测了园舍建筑的园的幼儿", db_default=0
    )
    pending_books = models.PositiveBigIntegerField("未计入园上次图书（册）", db_default=0)
    pending_books_children = models.PositiveIntegerField(
        "未计入园上次清点了图书的园的幼儿", db_default=0
    )
    pending_outdoor_area_new_judged = models.PositiveIntegerField(
        "未计入园上次能判定室外游戏场地的新设计园", db_default=0
    )
    pending_outdoor_area_new_met = models.PositiveIntegerField(
        "未计入园上次室外游戏场地达标的新设计园", db_default=0
    )
    pending_outdoor_area_old_judged = models.PositiveIntegerField(
        "未计入园上次能判定室外游戏场地的原有园", db_default=0
    )
    pending_outdoor_area_old_met = models.PositiveIntegerField(
        "未计入园上次室外游戏场地达标的原有园", db_default=0
    )
    pending_activity_room_area_new_judged = models.PositiveIntegerField(
        "未计入园上次能判定活动用房的新设计园", db_default=0
    )
    pending_activity_room_area_new_met = models.PositiveIntegerField(
        "未计入园上次活动用房达标的新设计园", db_default=0
    )
    pending_activity_room_area_old_judged = models.PositiveIntegerField(
        "未计入园上次能判定活动用房的原有园", db_default=0
    )
    pending_activity_room_area_old_met = models.PositiveIntegerField(
        "未计入园上次活动用房达标的原有园", db_default=0
    )
    pending_floor_area_new_judged = models.PositiveIntegerField(
        "未计入园上次能判定园舍建筑的新设计园", db_default=0
    )
    pending_floor_area_new_met = models.PositiveIntegerField(
        "未计入园上次园舍建筑达标的新设计园", db_default=0
    )
    pending_floor_area_old_judged = models.PositiveIntegerField(
        "未计入园上次能判定园舍建筑的原有园", db_default=0
    )
    pending_floor_area_old_met = models.PositiveIntegerField(
        "未计入园上次园舍建筑达标的原有园", db_default=0
    )
    pending_guards_owing = models.PositiveIntegerField("未计入园上次应有专职保安的园", db_default=0)
    pending_guards_met = models.PositiveIntegerField("未计入园上次专职保安达标的园", db_default=0)
    pending_guards_unrecorded = models.PositiveIntegerField(
        "未计入园上次专职保安没有记录的园", db_default=0
    )
    pending_alarm_owing = models.PositiveIntegerField("未计入园上次应有一键报警的园", db_default=0)
    pending_alarm_met = models.PositiveIntegerField("未计入园上次一键报警达标的园", db_default=0)
    pending_alarm_unrecorded = models.PositiveIntegerField(
        "未计入园上次一键报警没有记录的园", db_default=0
    )
    pending_video_owing = models.PositiveIntegerField("未计入园上次应有视频监控的园", db_default=0)
    pending_video_met = models.PositiveIntegerField("未计入园上次视频监控达标的园", db_default=0)
    pending_video_unrecorded = models.PositiveIntegerField(
        "未计入园上次视频监控没有记录的园", db_default=0
    )
    pending_closed_site_owing = models.PositiveIntegerField(
        "未计入园上次应有封闭化管理的园", db_default=0
    )
    pending_closed_site_met = models.PositiveIntegerField(
        "未计入园上次封闭化管理达标的园", db_default=0
    )
    pending_closed_site_unrecorded = models.PositiveIntegerField(
        "未计入园上次封闭化管理没有记录的园", db_default=0
    )
    pending_charges_judged_kindergartens = models.PositiveIntegerField(
        "未计入园上次能判定收费的园", db_default=0
    )
    pending_charges_within_kindergartens = models.PositiveIntegerField(
        "未计入园上次收费没有超标的园", db_default=0
    )
    pending_overcharged_yuan = models.PositiveBigIntegerField(
        "未计入园上次超标金额（元）", db_default=0
    )
    pending_overcharge_uncounted_kindergartens = models.PositiveIntegerField(
        "未计入园上次有算不出金额的超标的园", db_default=0
    )
    pending_model_kindergartens = models.PositiveIntegerField(
        "未计入园上次市级及以上示范园", db_default=0
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
                condition=Q(accepted__lte=F("filed"))
                & Q(on_time__lte=F("filed"))
                & Q(filed__lte=F("expected")),
                name="accepted_within_filed_within_expected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.month:%Y-%m}"

    @property
    def staff(self) -> int:
        return staff_of(self)
