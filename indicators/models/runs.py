"""What was computed when and why, and what the stored figures were found to differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.scope import NOTHING, home_region
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept, tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class RecomputeRunQuerySet(ScopedQuerySet["RecomputeRun"]):
    def visible_to(self, user: User) -> RecomputeRunQuerySet:
        """Runs over everything, over one's own place, below it, and over what it lies in.

        A run holds no figure: that the province was verified may be read in each of its counties.
        """
        if user.can(Permission.MANAGE_JOBS):
            return self
        region = home_region(user)
        if region is None:
            return self.filter(NOTHING)
        within = Region.objects.within(region).values("pk")
        around = [region.county_id, region.city_id, region.province_id]
        return self.filter(Q(region=None) | Q(region__in=within) | Q(region__in=around))

    def told(self) -> RecomputeRunQuerySet:
        """What somebody waits for or must know of: not the daily drops after single returns."""
        return self.exclude(
            purpose__in=[RecomputeRun.Purpose.EVENT, RecomputeRun.Purpose.NIGHTLY],
            state=RecomputeRun.State.DONE,
        )


@not_kept("a log that goes after its time; what a person decides stands in FigureDrift")
class RecomputeRun(models.Model):
    """One time that figures were computed or checked: one row, however many regions.

    `months` are its units in order, `done` how many of them are committed: a run that was killed
    goes on with the next. Without a region it is over all of them.
    """

    class Purpose(models.TextChoices):
        EVENT = "event", "资料变动后重算"
        NIGHTLY = "nightly", "夜间重算"
        BY_HAND = "by_hand", "手工重算"
        VERIFICATION = "verification", "核验"
        REPAIR = "repair", "更正差异"

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "没有完成"

    purpose = models.CharField("类别", max_length=20, choices=Purpose.choices)
    region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="范围", null=True, related_name="+"
    )
    months = ArrayField(models.DateField(), verbose_name="月份")
    done = models.PositiveIntegerField("已完成月数", default=0)
    began_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("结束时间", null=True)
    rows = models.PositiveIntegerField("写入或删去的行数", default=0)
    drifted = models.PositiveIntegerField("有差异的行数", default=0)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    error = models.TextField("原因", blank=True)
    asked_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="申请人", null=True, related_name="+"
    )

    objects = RecomputeRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重算记录"
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="ended_run_has_end",
            ),
            # Whoever asks for the same while it is under way joins it.
            models.UniqueConstraint(
                fields=["purpose", "region"],
                condition=Q(state="running", purpose__in=["verification", "by_hand"]),
                nulls_distinct=False,
                name="one_run_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-began_at"], name="run_began"),
            models.Index(fields=["region", "-began_at"], name="run_of_region"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.began_at:%Y-%m-%d %H:%M}"


class FigureDriftQuerySet(ScopedQuerySet["FigureDrift"]):
    def visible_to(self, user: User) -> FigureDriftQuerySet:
        region = home_region(user)
        if region is None:
            return self.filter(NOTHING)
        return self.filter(region__in=Region.objects.within(region).values("pk"))

    def standing(self) -> FigureDriftQuerySet:
        """Found and not settled yet."""
        return self.filter(settled_at__isnull=True)


@tracked()
class FigureDrift(models.Model):
    """A stored row that does not say what its facts say, and how that was settled.

    Of a region: its sums of a month against the facts they are sums of. Of a kindergarten: its
    frozen facts against the counts of the version that was accepted; `region` is then its town.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed", "数不一致"
        MISSING = "missing", "缺一行"
        EXTRA = "extra", "多一行"
        FROZEN = "frozen", "冻结的数与月报不一致"

    class Ending(models.TextChoices):
        OPEN_MONTH = "open_month", "月份未锁定，已自动重算"
        REPAIRED = "repaired", "已重算"
        AGREES = "agrees", "再核验时已一致"

    run = models.ForeignKey(
        RecomputeRun, models.PROTECT, verbose_name="核验", related_name="drifts"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten",
        models.PROTECT,
        verbose_name="幼儿园",
        null=True,
        related_name="+",
    )
    month = models.DateField("月份")
    kind = models.CharField("差异", max_length=10, choices=Kind.choices)
    # Column -> [stored, computed anew]; null where there is no row or no number.
    differences = models.JSONField("各项差异", default=dict)
    found_at = models.DateTimeField("发现时间")
    settled_at = models.DateTimeField("处理时间", null=True)
    ending = models.CharField("处理结果", max_length=20, choices=Ending.choices, blank=True)
    settled_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="处理人", null=True, related_name="+"
    )
    reason = models.CharField("原因", max_length=300, blank=True)

    objects = FigureDriftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据差异"
        ordering = ["-month", "region__level", "region__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "month", "kindergarten"],
                condition=Q(settled_at__isnull=True),
                nulls_distinct=False,
                name="one_standing_drift",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, ending="", settled_as__isnull=True)
                | (Q(settled_at__isnull=False) & ~Q(ending="")),
                name="settled_drift_has_ending",
            ),
            models.CheckConstraint(
                condition=~Q(ending="repaired") | (Q(settled_as__isnull=False) & ~Q(reason="")),
                name="repaired_drift_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind="frozen", kindergarten__isnull=False)
                | (~Q(kind="frozen") & Q(kindergarten__isnull=True)),
                name="frozen_drift_names_kindergarten",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.month:%Y-%m} {self.get_kind_display()}"
