"""Posts that people hold in kindergartens, from a day until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from staffing.models.certificates import Certificate
from staffing.models.counts import StaffCount
from staffing.roster.rules import DUTIES, KINDS_FOR, YEARS_COUNT_IN

if TYPE_CHECKING:
    from accounts.models import User

Post = StaffCount.Post


class Duty(models.TextChoices):
    ACCOUNTANT = "accountant", DUTIES["accountant"]
    COOK = "cook", DUTIES["cook"]
    GUARD = "guard", DUTIES["guard"]
    CLEANER = "cleaner", DUTIES["cleaner"]
    DRIVER = "driver", DUTIES["driver"]
    OTHER = "other", DUTIES["other"]


class Establishment(models.TextChoices):
    """用人方式: whether the post is one of the establishment (编制)."""

    ESTABLISHED = "established", "在编"
    NON_ESTABLISHED = "non_established", "非在编"
    PURCHASED = "purchased", "购买服务"


class EndReason(models.TextChoices):
    RESIGNED = "resigned", "辞职"
    EXPIRED = "expired", "合同期满"
    RETIRED = "retired", "退休"
    TRANSFERRED = "transferred", "调动"
    OTHER_POST = "other_post", "转岗"
    DISMISSED = "dismissed", "解聘"
    DIED = "died", "去世"
    OTHER = "other", "其他"


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    def visible_to(self, user: User) -> AppointmentQuerySet:
        """Posts in the own kindergarten, or in the kindergartens of one's area as they are today."""
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> AppointmentQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)

    def held_on(self, day: dt.date) -> AppointmentQuerySet:
        return self.standing().filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=day), started_on__lte=day
        )

    def not_over(self, day: dt.date) -> AppointmentQuerySet:
        """Held on the day, or yet to begin."""
        return self.standing().filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day))

    def with_certified(self, day: dt.date) -> AppointmentQuerySet:
        """Adds `certified`, as staffing.roster.rules.certified says; null where none is asked.

        A test holds both to one table.
        """
        papers = (
            Certificate.objects.unscoped("of the posts in hand")
            .valid_on(day)
            .filter(person=OuterRef("person"))
        )
        teaching = papers.filter(kind=Certificate.Kind.TEACHING)
        teaches = Exists(teaching.filter(stage=Certificate.Stage.KINDERGARTEN)) | (
            Exists(teaching) & Exists(papers.filter(kind=Certificate.Kind.PRESCHOOL_TRAINING))
        )
        return self.annotate(
            certified=Case(
                When(Q(post__in=sorted(YEARS_COUNT_IN)) & Q(teaches), then=Value(True)),
                *(
                    When(
                        Q(post=post) & Q(Exists(papers.filter(kind__in=sorted(kinds)))),
                        then=Value(True),
                    )
                    for post, kinds in KINDS_FOR.items()
                ),
                When(post__in=sorted(YEARS_COUNT_IN | KINDS_FOR.keys()), then=Value(False)),
                default=None,
                output_field=models.BooleanField(null=True),
            )
        )


DAYS = models.Func(
    F("started_on"),
    F("ended_on"),
    RangeBoundary(),
    function="DATERANGE",
    output_field=DateRangeField(),
)


@tracked()
class Appointment(models.Model):
    """One person's post (任职) in one kindergarten; `ended_on` is the first day without it.

    Whoever holds two posts holds at most one of them full-time. What post it is, whose and where
    never changes: another post is another row. One recorded by mistake is withdrawn with a reason
    and counts nowhere.
    """

    person = models.ForeignKey(
        "staffing.StaffMember", models.PROTECT, verbose_name="教职工", related_name="appointments"
    )
    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="appointments"
    )
    post = models.CharField("岗位", max_length=20, choices=Post.choices)
    duty = models.CharField("分工", max_length=12, choices=Duty.choices, blank=True)
    full_time = models.BooleanField("全职")
    establishment = models.CharField("用人方式", max_length=16, choices=Establishment.choices)
    class_led = models.CharField("所带班级", max_length=30, blank=True)
    started_on = models.DateField("任职日期")
    ended_on = models.DateField("离任日期（不含）", null=True, blank=True)
    end_reason = models.CharField("离任原因", max_length=12, choices=EndReason.choices, blank=True)
    end_note = models.CharField("离任说明", max_length=200, blank=True)
    # Why it stands although the rules find it strange: an unusual age, a director who lacks something.
    exception = models.CharField("例外说明", max_length=200, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工任职"
        ordering = ["-started_on", "-pk"]
        indexes = [models.Index(fields=["kindergarten", "post"], name="appointments_of_a_place")]
        constraints = [
            ExclusionConstraint(
                name="one_post_of_a_kind_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kindergarten", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
            ExclusionConstraint(
                name="one_full_time_post_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True, full_time=True),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gt=F("started_on")),
                name="appointment_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="", end_note="")
                | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="appointment_ends_with_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(duty="") | Q(post__in=["administrative", "service_staff"]),
                name="duty_in_its_posts",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="appointment_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()}{self.get_duty_display()}"

    def is_held_on(self, day: dt.date) -> bool:
        """The same rule as `held_on` of the QuerySet."""
        begun = self.started_on <= day
        return self.withdrawn_at is None and begun and not self.is_over(day)

    def is_over(self, day: dt.date) -> bool:
        return self.ended_on is not None and self.ended_on <= day
