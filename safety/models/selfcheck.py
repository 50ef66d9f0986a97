"""What a kindergarten looked at itself (自查), and what it found wrong."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Attachment
from safety.hazards.rules import TO_MEND
from safety.models.hazard import Hazard
from safety.selfchecks.rules import (
    AUTUMN,
    AUTUMN_TERM,
    DAILY,
    FIELDS,
    FLAGS,
    FREQUENCIES,
    LATE,
    LATE_AT_ONCE,
    MONTHLY,
    MOST_IN_A_PLACE,
    MOST_IN_AN_ACCOUNT,
    TERM,
    WEEKLY,
    Key,
    period_of,
)

if TYPE_CHECKING:
    from accounts.models import User

CODE = 40


class SelfCheckQuerySet(ScopedQuerySet["SelfCheck"]):
    def visible_to(self, user: User) -> SelfCheckQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> SelfCheckQuerySet:
        """Without those that were entered by mistake."""
        return self.filter(withdrawn_at__isnull=True)


@tracked()
class SelfCheck(models.Model):
    """One field looked at by one kindergarten for one period: a day, week, month or term.

    `day` is when it was made, `begins` the first day of its period: one a field, frequency and
    period. Codes of lines (fixtures/safety) that were in order stand in `normal`, those the
    kindergarten has not got in `not_applicable`; the others are its problems. `submission` tells a
    form that was sent twice. `at_once`: late, and several days within a short time. One entered by mistake is withdrawn and made anew.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="self_checks"
    )
    field = models.CharField("领域", max_length=12, choices=list(FIELDS.items()))
    frequency = models.CharField("频次", max_length=8, choices=list(FREQUENCIES.items()))
    day = models.DateField("检查日期")
    begins = models.DateField("所属时段起")
    normal = ArrayField(models.CharField(max_length=CODE), verbose_name="正常的项目")
    not_applicable = ArrayField(
        models.CharField(max_length=CODE), verbose_name="不适用的项目", default=list, blank=True
    )
    flag = models.CharField(
        "登记情况", max_length=8, choices=list(FLAGS.items()), blank=True, default=""
    )
    at_once = models.BooleanField("集中补录", default=False)
    submission = models.UUIDField("提交编号", unique=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = SelfCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查"
        ordering = ["-day", "field", "frequency", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "field", "frequency", "begins"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_self_check_a_period",
            ),
            models.CheckConstraint(
                condition=Q(day__gte=F("begins"))
                & (
                    Q(frequency=DAILY, day=F("begins"))
                    | Q(frequency=WEEKLY, day__lte=F("begins") + dt.timedelta(days=6))
                    | Q(
                        frequency=MONTHLY,
                        day__year=F("begins__year"),
                        day__month=F("begins__month"),
                    )
                    | Q(frequency=TERM, begins__month=AUTUMN)
                    & Q(day__lte=F("begins") + AUTUMN_TERM)
                    | Q(frequency=TERM, day__year=F("begins__year"), day__month__lt=AUTUMN)
                ),
                name="self_check_within_its_period",
            ),
            models.CheckConstraint(
                condition=Q(at_once=False) | Q(flag=LATE), name="at_once_is_late"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="self_check_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["kindergarten", "begins"])]

    def __str__(self) -> str:
        return f"{self.day}{self.get_field_display()}{self.get_frequency_display()}自查"

    @property
    def key(self) -> Key:
        return self.field, self.frequency, self.begins

    @property
    def flag_words(self) -> str:
        return LATE_AT_ONCE if self.at_once else self.get_flag_display()

    @property
    def ends(self) -> dt.date:
        return period_of(self.frequency, self.begins)[1]


class SelfCheckProblemQuerySet(ScopedQuerySet["SelfCheckProblem"]):
    def visible_to(self, user: User) -> SelfCheckProblemQuerySet:
        return self.filter(
            organisation_scope(
                user,
                "self_check__kindergarten__organisation",
                "self_check__kindergarten__organisation__region",
            )
        )

    def standing(self) -> SelfCheckProblemQuerySet:
        return self.filter(self_check__withdrawn_at__isnull=True)

    def to_mend(self) -> SelfCheckProblemQuerySet:
        """Those whose hazard nobody has said to be mended."""
        return self.standing().filter(hazard__state__in=TO_MEND)


@sealed()
class SelfCheckProblem(models.Model):
    """A line that was found 有问题: what, where, and whether it was put right on the spot.

    What was not is a hazard from that moment on, and lives on as one: one a line.
    """

    self_check = models.ForeignKey(SelfCheck, models.PROTECT, related_name="problems")
    line = models.CharField("项目", max_length=CODE)
    account = models.CharField("发现的问题", max_length=MOST_IN_AN_ACCOUNT)
    place = models.CharField("位置", max_length=MOST_IN_A_PLACE)
    fixed_on_spot = models.BooleanField("当场整改")
    hazard = models.OneToOneField(
        Hazard, models.PROTECT, verbose_name="隐患", related_name="self_check_problem", null=True
    )

    objects = SelfCheckProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查发现的问题"
        ordering = ["self_check", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["self_check", "line"], name="one_problem_a_line"),
            models.CheckConstraint(
                condition=~Q(account="") & ~Q(place=""), name="problem_says_what_and_where"
            ),
            models.CheckConstraint(
                condition=Q(fixed_on_spot=True, hazard__isnull=True)
                | Q(fixed_on_spot=False, hazard__isnull=False),
                name="problem_fixed_or_a_hazard",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}：{self.account}"


class SelfCheckPhotoQuerySet(ScopedQuerySet["SelfCheckPhoto"]):
    def visible_to(self, user: User) -> SelfCheckPhotoQuerySet:
        return self.filter(problem__in=SelfCheckProblem.objects.visible_to(user).values("pk"))


@sealed()
class SelfCheckPhoto(Attachment):
    """A photograph of a problem; the problem says where it was taken."""

    problem = models.ForeignKey(SelfCheckProblem, models.PROTECT, related_name="photos")

    objects = SelfCheckPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查照片"
        ordering = ["problem", "added_at", "pk"]

    def __str__(self) -> str:
        return self.name
