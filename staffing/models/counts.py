"""Staff head-counts by post, as each monthly return states them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed

if TYPE_CHECKING:
    from accounts.models import User


class StaffCountQuerySet(ScopedQuerySet["StaffCount"]):
    def visible_to(self, user: User) -> StaffCountQuerySet:
        filing = "filing_version__filing"
        return self.filter(
            organisation_scope(user, f"{filing}__kindergarten__organisation", f"{filing}__town")
        )


@sealed(guard=False)
class StaffCount(models.Model):
    """People in one post, in one submitted version of a monthly return.

    `certified` is asked for heads and teachers only: how many hold the certificate the law asks
    for (Preschool Education Law Art 37-38). `joined` and `left` are of the time since last month's
    statistical day; null in versions of before they were asked for, which is never 0.
    """

    class Post(models.TextChoices):
        PRINCIPAL = "principal", "园长"
        FULL_TIME_TEACHER = "full_time_teacher", "专任教师"
        CHILDCARE_WORKER = "childcare_worker", "保育员"
        HEALTH_STAFF = "health_staff", "卫生保健人员"
        ADMINISTRATIVE = "administrative", "行政人员"
        TEACHING_ASSISTANT = "teaching_assistant", "教辅人员"
        SERVICE_STAFF = "service_staff", "工勤人员"

    CERTIFIED_POSTS = (Post.PRINCIPAL, Post.FULL_TIME_TEACHER)

    filing_version = models.ForeignKey(
        "kindergartens.FilingVersion", models.PROTECT, related_name="staff_counts"
    )
    post = models.CharField("岗位", max_length=20, choices=Post.choices)
    people = models.PositiveSmallIntegerField("人数")
    certified = models.PositiveSmallIntegerField("其中持证", null=True)
    joined = models.PositiveSmallIntegerField("本月新进", null=True)
    left = models.PositiveSmallIntegerField("本月离开", null=True)

    objects = StaffCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "教职工人数"
        constraints = [
            models.UniqueConstraint(
                fields=["filing_version", "post"], name="one_staff_row_per_post"
            ),
            models.CheckConstraint(
                condition=Q(certified__isnull=True) | Q(certified__lte=F("people")),
                name="certified_within_people",
            ),
            models.CheckConstraint(
                condition=Q(joined__isnull=True, left__isnull=True)
                | Q(joined__isnull=False, left__isnull=False),
                name="staff_movement_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()} {self.people}"
