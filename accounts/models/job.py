"""Background work as rows: what was asked, by whom, how far it is, how it ended.

The row is written in the transaction that causes the work, so neither can exist without the
other. The broker only carries a bell; losing it loses nothing (docs/adr/0002-jobs-in-postgresql.md).
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import models

from accounts.access.permissions import Permission
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept
from accounts.models.region import Region

if TYPE_CHECKING:
    from accounts.models import User


class JobQuerySet(ScopedQuerySet["Job"]):
    def visible_to(self, user: User) -> JobQuerySet:
        """One's own jobs, and the portal's own about a county whose figures one may read.

        Whoever manages jobs sees all: a job row holds no business data.
        """
        if user.can(Permission.MANAGE_JOBS):
            return self
        if user.acting is None:
            return self.none()
        shown = models.Q(requested_as=user.acting)
        if user.can(Permission.READ_FIGURES):
            region = user.acting.organisation.region
            counties = Region.objects.within(region.county or region)
            shown |= models.Q(requested_as__isnull=True, county__in=counties.values("pk"))
        return self.filter(shown)

    def waiting_for_a_bell(self, now: dt.datetime, older_than: dt.timedelta) -> JobQuerySet:
        return self.filter(state=Job.State.QUEUED, queued_at__lte=now - older_than)

    def abandoned(self, now: dt.datetime) -> JobQuerySet:
        """Taken by a worker that has not finished within its lease: killed, or hanging."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=now)

    def with_requester(self) -> JobQuerySet:
        return self.select_related("requested_as__user", "requested_as__organisation")

    def held_by(self, claimed: Job) -> JobQuerySet:
        """The job, as long as the worker that claimed it like this has not been overtaken."""
        return self.filter(
            pk=claimed.pk,
            state=Job.State.RUNNING,
            deliveries=claimed.deliveries,
            started_at=claimed.started_at,
        )


# Who asked for what stands in the row itself; how far it is changes every few seconds. What a job
# does to other rows is history under its name.
@not_kept("passing state of background work; its effects are tracked under the job's number")
class Job(models.Model):
    """One piece of background work."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "没有完成"
        DEAD = "dead", "已停止重试"

    MAX_DELIVERIES = 3

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类别", max_length=60)
    # Two requests for the same thing that still wait are one job.
    key = models.CharField("去重键", max_length=200)
    title = models.CharField("名称", max_length=200)
    arguments = models.JSONField("参数", default=dict)
    requested_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="jobs"
    )
    # Whose figures the portal's own job moves; no one person's request, so those who read them
    # see it.
    county = models.ForeignKey("accounts.Region", models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    deliveries = models.PositiveSmallIntegerField("派发次数", default=0)
    lease_until = models.DateTimeField(null=True)
    done_steps = models.PositiveIntegerField("已完成步数", default=0)
    total_steps = models.PositiveIntegerField("总步数", default=0)
    message = models.CharField("进展", max_length=300, blank=True)
    error = models.TextField("原因", blank=True)
    queued_at = models.DateTimeField("排队时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-queued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(state="queued"), name="job_waits_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state="running", lease_until__isnull=False)
                | ~models.Q(state="running"),
                name="running_job_has_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed", "dead"], finished_at__isnull=False)
                | models.Q(state__in=["queued", "running"], finished_at__isnull=True),
                name="ended_job_has_end",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "queued_at"]),
            models.Index(fields=["requested_as", "-queued_at"]),
            models.Index(fields=["county", "-queued_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """What a person reads out when asking for help."""
        return self.pk.hex[:8].upper()

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.DEAD}

    @property
    def may_be_retried(self) -> bool:
        return self.state in {self.State.FAILED, self.State.DEAD}
