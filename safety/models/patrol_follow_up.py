"""What a county makes of its patrols: circulars (周通报), talks (月约谈), the rules of both and of 年考核."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import NOTHING, organisation_scope, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.formatting import zhdate
from accounts.history.tracking import sealed, tracked
from accounts.models import Region
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    from accounts.models import User


class PatrolCircularQuerySet(ScopedQuerySet["PatrolCircular"]):
    def visible_to(self, user: User) -> PatrolCircularQuerySet:
        """Of the own county, or of all below: a circular names kindergartens of every town."""
        acting = user.acting
        if acting is None or not reads_business_data(user) or acting.is_of_kindergarten:
            return self.filter(NOTHING)
        region = acting.organisation.region
        if region.level == Region.Level.TOWN:
            return self.filter(NOTHING)
        if region.level == Region.Level.COUNTY:
            return self.filter(county=region.pk)
        return self.filter(
            **{f"county__{Region.ANCESTOR_FIELD[Region.Level(region.level)]}": region.pk}
        )


@sealed()
class PatrolCircular(models.Model):
    """One issued circular of a week: its figures as they were, so that a reprint never differs.

    `monday` begins the week; `number` counts a county's circulars of a year and is never given again.
    What was wrong is put right by a new one that says which it `corrects`, and why.
    """

    county = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    monday = models.DateField("周一")
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveSmallIntegerField("期号")
    issued_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="签发人", related_name="+"
    )
    issued_at = models.DateTimeField("签发时间")
    corrects = models.OneToOneField(
        "self", models.PROTECT, verbose_name="更正的通报", related_name="corrected_by",
        null=True, blank=True,
    )  # fmt: skip
    reason = models.CharField("更正原因", max_length=300, blank=True)
    figures = models.JSONField("所用数据")

    objects = PatrolCircularQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "视频巡查周通报"
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "year", "number"], name="one_patrol_circular_a_number"
            ),
            models.UniqueConstraint(
                fields=["county", "monday"],
                condition=Q(corrects__isnull=True),
                name="one_first_patrol_circular_a_week",
            ),
            models.CheckConstraint(
                condition=Q(monday__iso_week_day=1), name="patrol_circular_begins_on_monday"
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="")
                | Q(corrects__isnull=False) & ~Q(reason=""),
                name="patrol_circular_corrects_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}期"

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


class PatrolTalkQuerySet(ScopedQuerySet["PatrolTalk"]):
    def visible_to(self, user: User) -> PatrolTalkQuerySet:
        path = "kindergarten__organisation"
        return self.filter(organisation_scope(user, path, f"{path}__region"))

    def standing(self) -> PatrolTalkQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class PatrolTalk(models.Model):
    """A talk (月约谈) about what the patrols of `month` saw: who spoke with whom, by post, and the result."""

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        related_name="patrol_talks",
    )
    month = models.DateField("月份")
    held_on = models.DateField("约谈日期")
    speaker_post = models.CharField("约谈人职务", max_length=40)
    heard_post = models.CharField("被约谈人职务", max_length=40)
    result = models.CharField("约谈结果", max_length=300)
    entered_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="登记人", related_name="+"
    )
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = PatrolTalkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "视频巡查约谈"
        ordering = ["-month", "kindergarten", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "month"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_patrol_talk_a_month",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, held_on__gte=F("month")), name="patrol_talk_of_a_month"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="patrol_talk_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y年%-m月}约谈"


class CountySettingQuerySet(models.QuerySet[Any]):
    def in_force(self, day: dt.date) -> CountySettingQuerySet:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class CountySetting(models.Model):
    """What a county has set by a document, from a day until before another."""

    region = models.ForeignKey(
        "accounts.Region", models.PROTECT, verbose_name="区县", related_name="+"
    )
    document = models.CharField("依据文件", max_length=120)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)

    objects = CountySettingQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["region", "-valid_from"]


def _dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name
    )


@tracked()
class TalkThreshold(CountySetting):
    """From how much on a month leads to a talk: so many findings, or more offline days than so many.

    Offline days are those of all cameras of a kindergarten together.
    """

    findings_at_least = models.PositiveSmallIntegerField("发现问题不少于（个）")
    offline_days_over = models.PositiveSmallIntegerField("设备离线超过（天）")

    class Meta(CountySetting.Meta):
        verbose_name = verbose_name_plural = "约谈标准"
        constraints = [
            no_overlap("one_talk_threshold_at_a_time", "region"),
            _dates_in_order("talk_threshold_dates_in_order"),
            models.CheckConstraint(
                condition=Q(findings_at_least__gte=1), name="talk_threshold_needs_a_finding"
            ),
        ]

    def __str__(self) -> str:
        return f"发现问题{self.findings_at_least}个以上，或设备离线超过{self.offline_days_over}台天"


@tracked()
class AppraisalRule(CountySetting):
    """How a year's patrols come to points (年考核): from 100, so many off for each, in points.

    Grades by the points left: 优秀 from `excellent_from` on, then 良好, 合格, 不合格.
    """

    minor_points = models.DecimalField("一般问题每个扣分", max_digits=4, decimal_places=1)
    serious_points = models.DecimalField("较重问题每个扣分", max_digits=4, decimal_places=1)
    grave_points = models.DecimalField("严重问题每个扣分", max_digits=4, decimal_places=1)
    offline_day_points = models.DecimalField("设备离线每台每天扣分", max_digits=4, decimal_places=1)
    talk_points = models.DecimalField("约谈每次扣分", max_digits=4, decimal_places=1)
    excellent_from = models.PositiveSmallIntegerField("优秀不低于（分）")
    good_from = models.PositiveSmallIntegerField("良好不低于（分）")
    pass_from = models.PositiveSmallIntegerField("合格不低于（分）")

    class Meta(CountySetting.Meta):
        verbose_name = verbose_name_plural = "考核办法"
        constraints = [
            no_overlap("one_appraisal_rule_at_a_time", "region"),
            _dates_in_order("appraisal_rule_dates_in_order"),
            models.CheckConstraint(
                condition=Q(
                    minor_points__gte=0,
                    serious_points__gte=F("minor_points"),
                    grave_points__gte=F("serious_points"),
                    offline_day_points__gte=0,
                    talk_points__gte=0,
                ),
                name="appraisal_rule_graver_costs_more",
            ),
            models.CheckConstraint(
                condition=Q(
                    excellent_from__lte=100,
                    good_from__lt=F("excellent_from"),
                    pass_from__lt=F("good_from"),
                ),
                name="appraisal_rule_grades_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{zhdate(self.valid_from)}起的考核办法"
