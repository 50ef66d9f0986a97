"""Monthly returns (月报): head-counts by class, versions as submitted, and what was done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment

if TYPE_CHECKING:
    from accounts.models import User


class MonthlyFilingQuerySet(ScopedQuerySet["MonthlyFiling"]):
    def visible_to(self, user: User) -> MonthlyFilingQuerySet:
        """The own kindergarten's returns, or those of the towns in the person's region."""
        return self.filter(organisation_scope(user, "kindergarten__organisation", "town"))


# The draft is saved every few seconds while someone types; what counts are the versions, kept whole.
@tracked(leave_out=["draft", "revision", "updated_at"])
class MonthlyFiling(models.Model):
    """One kindergarten's return for one month.

    `draft` is the working copy exactly as typed, so that nothing typed is ever lost, however
    wrong; what was submitted are the rows of a FilingVersion. `revision` counts saves (two tabs
    cannot overwrite each other), `version` counts submissions. `town` is the town of the status
    in force on the statistical date, and the period is that of the town's county. `month` repeats
    the period's, so that a kindergarten that moves to another county still has one return a month.
    `accepted_version` is the version the figures count, also while a correction is under way.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "填报中"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "已退回"
        ACCEPTED = "accepted", "已接收"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="filings"
    )
    period = models.ForeignKey(
        "kindergartens.ReportingPeriod", models.PROTECT, related_name="filings"
    )
    month = models.DateField("月份")
    town = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    draft = models.JSONField("填写内容", default=dict)
    revision = models.PositiveIntegerField("保存次数", default=1)
    version = models.PositiveIntegerField("第几版", default=0)
    accepted_version = models.PositiveIntegerField("计入第几版", null=True)
    first_submitted_at = models.DateTimeField("首次提交时间", null=True)
    updated_at = models.DateTimeField("最近保存时间")

    objects = MonthlyFilingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报"
        ordering = ["-period__month", "kindergarten"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "month"], name="one_filing_per_kindergarten_month"
            ),
            models.CheckConstraint(
                condition=Q(accepted_version__isnull=True) | Q(accepted_version__lte=F("version")),
                name="accepted_version_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_version=F("version")),
                name="accepted_filing_counts_its_version",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(version__gte=1, first_submitted_at__isnull=False),
                name="submitted_filing_has_version",
            ),
        ]
        indexes = [models.Index(fields=["period", "state"])]

    def __str__(self) -> str:
        return f"{self.kindergarten} {self.period.month:%Y年%-m月}月报"

    @property
    def is_late(self) -> bool:
        return self.first_submitted_at is not None and self.first_submitted_at > self.period.due_at


class FilingVersionQuerySet(ScopedQuerySet["FilingVersion"]):
    def visible_to(self, user: User) -> FilingVersionQuerySet:
        return self.filter(
            organisation_scope(user, "filing__kindergarten__organisation", "filing__town")
        )


@sealed(guard=False)
class FilingVersion(models.Model):
    """A return exactly as it was submitted; its rows are never changed afterwards."""

    filing = models.ForeignKey(MonthlyFiling, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField("第几版")
    # Null where it was not asked yet.
    days_open = models.PositiveSmallIntegerField("开园天数", null=True)
    # Accidents and emergencies of the month; 0 is 本月无, null where it was not asked yet.
    incidents = models.PositiveSmallIntegerField("事故与突发事件起数", null=True)
    remarks = models.CharField("其他情况", max_length=500, blank=True)
    # Sections confirmed with one tick, {"staff": {"at": "2026-11-05T16:40:00+08:00", "post": 12}}:
    # when, and by the membership of that key.
    unchanged = models.JSONField("确认与上月相同", default=dict)
    submitted_at = models.DateTimeField("提交时间")
    submitted_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")

    objects = FilingVersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报版本"
        ordering = ["filing", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "version"], name="filing_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.filing} 第{self.version}版"


class ClassCountQuerySet(ScopedQuerySet["ClassCount"]):
    def visible_to(self, user: User) -> ClassCountQuerySet:
        filing = "filing_version__filing"
        return self.filter(
            organisation_scope(user, f"{filing}__kindergarten__organisation", f"{filing}__town")
        )


# Asked of every class since flows, attendance and parts are: all of them, or none in older versions.
MORE_COUNTS = (
    "entered", "departed", "moved_in", "moved_out", "attended",
    "disabled", "left_behind", "migrant", "aided",
)  # fmt: skip


@sealed(guard=False)
class ClassCount(models.Model):
    """One class's head-count in one submitted version.

    The nursery class (托班) is outside the three rates and is not asked for ages. Versions of
    before MORE_COUNTS were asked for hold null there: not asked then, which is never 0.
    """

    class Grade(models.TextChoices):
        NURSERY = "nursery", "托班"
        SMALL = "small", "小班"
        MIDDLE = "middle", "中班"
        LARGE = "large", "大班"
        MIXED = "mixed", "混合班"

    AGE_FIELDS = ("age3", "age4", "age5", "age6")

    filing_version = models.ForeignKey(FilingVersion, models.PROTECT, related_name="classes")
    position = models.PositiveSmallIntegerField("顺序")
    name = models.CharField("班级", max_length=30)
    grade = models.CharField("年级", max_length=10, choices=Grade.choices)
    # What it was called in the last return as this month sees it, where the form said so.
    was = models.CharField("上月班名", max_length=30, blank=True)
    boys = models.PositiveSmallIntegerField("男")
    girls = models.PositiveSmallIntegerField("女")
    age3 = models.PositiveSmallIntegerField("3岁", default=0)
    age4 = models.PositiveSmallIntegerField("4岁", default=0)
    age5 = models.PositiveSmallIntegerField("5岁", default=0)
    age6 = models.PositiveSmallIntegerField("6岁以上", default=0)
    entered = models.PositiveSmallIntegerField("本月新入园", null=True)
    departed = models.PositiveSmallIntegerField("本月离园", null=True)
    moved_in = models.PositiveSmallIntegerField("本园他班转入", null=True)
    moved_out = models.PositiveSmallIntegerField("转出到本园他班", null=True)
    attended = models.PositiveSmallIntegerField("实到人次", null=True)
    disabled = models.PositiveSmallIntegerField("残疾", null=True)
    left_behind = models.PositiveSmallIntegerField("留守", null=True)
    migrant = models.PositiveSmallIntegerField("随迁", null=True)
    aided = models.PositiveSmallIntegerField("资助", null=True)
    # Why the head-count moved more than is usual, in versions of before FilingExplanation.
    note = models.CharField("说明", max_length=300, blank=True)

    objects = ClassCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分班人数"
        ordering = ["filing_version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing_version", "name"], name="class_name_unique_in_version"
            ),
            models.CheckConstraint(
                condition=Q(grade="nursery", age3=0, age4=0, age5=0, age6=0)
                | (
                    ~Q(grade="nursery")
                    & Q(
                        boys=F("age3") + F("age4") + F("age5") + F("age6") - F("girls"),
                    )
                ),
                name="sexes_add_up_to_ages",
            ),
            models.CheckConstraint(
                condition=Q(
                    disabled__lte=F("boys") + F("girls"),
                    left_behind__lte=F("boys") + F("girls"),
                    migrant__lte=F("boys") + F("girls"),
                    aided__lte=F("boys") + F("girls"),
                ),
                name="parts_within_children",
            ),
            models.CheckConstraint(
                condition=Q(**dict.fromkeys((f"{name}__isnull" for name in MORE_COUNTS), True))
                | Q(**dict.fromkeys((f"{name}__isnull" for name in MORE_COUNTS), False)),
                name="more_counts_together",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def children(self) -> int:
        return self.boys + self.girls

    @property
    def asked_for_more(self) -> bool:
        """Whether the return asked for flows, attendance and parts when this was submitted."""
        return self.entered is not None


class FilingEventQuerySet(ScopedQuerySet["FilingEvent"]):
    def visible_to(self, user: User) -> FilingEventQuerySet:
        return self.filter(
            organisation_scope(user, "filing__kindergarten__organisation", "filing__town")
        )


@sealed(guard=False)
class FilingEvent(models.Model):
    """What was done to a return, by whom, when and why. Never changed afterwards."""

    class Action(models.TextChoices):
        SUBMITTED = "submitted", "提交"
        RETURNED = "returned", "退回"
        PASSED_ON = "passed_on", "乡镇初审通过"
        ACCEPTED = "accepted", "接收"
        WITHDRAWN = "withdrawn", "撤回"
        REOPENED = "reopened", "退回更正"

    filing = models.ForeignKey(MonthlyFiling, models.PROTECT, related_name="events")
    action = models.CharField(max_length=10, choices=Action.choices)
    version = models.PositiveIntegerField("第几版")
    at = models.DateTimeField("时间")
    done_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    reason = models.CharField("原因", max_length=300, blank=True)
    # For a return sent back: reason per field, {"class:小一班:boys": "…"}.
    field_reasons = models.JSONField("逐项原因", default=dict)

    objects = FilingEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报办理记录"
        # In the order they were written, under the lock of the return: two machines' clocks may
        # differ by seconds, and the story still begins with its first chapter.
        ordering = ["pk"]
        indexes = [models.Index(fields=["filing", "at"])]

    def __str__(self) -> str:
        return f"{self.filing} {self.get_action_display()}"


class FilingAttachmentQuerySet(ScopedQuerySet["FilingAttachment"]):
    def visible_to(self, user: User) -> FilingAttachmentQuerySet:
        """Those of the returns the person sees; an officer sees what was submitted, not drafts."""
        found = self.filter(
            organisation_scope(user, "filing__kindergarten__organisation", "filing__town")
        )
        acting = user.acting
        if acting is not None and acting.organisation.kind == "kindergarten":
            return found
        return found.filter(from_version__lte=F("filing__version"))

    def of_version(self, version: int) -> FilingAttachmentQuerySet:
        """What belongs to one version: there when it was submitted."""
        return self.filter(from_version__lte=version).exclude(until_version__lte=version)


@tracked()
class FilingAttachment(Attachment):
    """A supporting document (附件) of a return: part of the versions it was submitted with.

    `from_version` is the first of them, `until_version` the first without it again; null while it
    stays. Added and taken away only while the return is being filled in, and a version that was
    submitted keeps what it had: database triggers refuse the rest.
    """

    filing = models.ForeignKey(MonthlyFiling, models.PROTECT, related_name="attachments")
    from_version = models.PositiveIntegerField("自第几版")
    until_version = models.PositiveIntegerField("到第几版前", null=True)

    objects = FilingAttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月报附件"
        ordering = ["filing", "added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_version__gte=1)
                & (Q(until_version__isnull=True) | Q(until_version__gt=F("from_version"))),
                name="attachment_versions_in_order",
            ),
            models.UniqueConstraint(
                fields=["filing", "file"],
                condition=Q(until_version__isnull=True),
                name="one_file_once_in_a_return",
            ),
        ]
