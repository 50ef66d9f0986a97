"""Uploaded tables: the file as it came, what its dry run found, and what was written."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.access.scope import reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked

if TYPE_CHECKING:
    from accounts.models import User


class ImportBatchQuerySet(ScopedQuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        """Tables uploaded for the organisation the person acts for; administrators see none.

        Whether the person may import that kind at all is asked besides (accounts.exchange).
        """
        if user.acting is None or not reads_business_data(user):
            return self.none()
        return self.filter(uploaded_as__organisation=user.acting.organisation_id)


# `report` is derived from the file, which is kept, and held to `digest` when it is written.
@tracked(leave_out=["report"])
class ImportBatch(models.Model):
    """One uploaded table on its way: dry run, confirmation by whoever uploaded it, written once.

    `report` is compressed JSON: the rows as read, faults by cell, changes old and new.
    `fingerprint` stands for everything that writing would do as it was shown; when another comes
    out just before writing, nothing is written.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "检查中"
        REFUSED = "refused", "没有读取"
        FAULTY = "faulty", "有错误"
        READY = "ready", "待确认"
        UNCHANGED = "unchanged", "没有变化"
        WRITING = "writing", "写入中"
        WRITTEN = "written", "已写入"
        STALE = "stale", "数据有变，待重新确认"
        INTERRUPTED = "interrupted", "写入中断，待重新确认"

    CONFIRMABLE = (State.READY, State.STALE, State.INTERRUPTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类别", max_length=60)
    file = models.ForeignKey(
        "accounts.StoredFile", models.PROTECT, verbose_name="上传的文件", related_name="imports"
    )
    name = models.CharField("文件名", max_length=120)
    marked = models.ForeignKey(
        "accounts.StoredFile",
        models.PROTECT,
        verbose_name="标出错误的副本",
        null=True,
        related_name="marked_imports",
    )
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.CHECKING)
    template_version = models.PositiveSmallIntegerField("模板版本", null=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    fingerprint = models.CharField("改动摘要", max_length=64, blank=True)
    refusal = models.CharField("没有读取的原因", max_length=300, blank=True)
    row_count = models.PositiveIntegerField("行数", null=True)
    new_count = models.PositiveIntegerField("新增", null=True)
    changed_count = models.PositiveIntegerField("有变化", null=True)
    same_count = models.PositiveIntegerField("没有变化", null=True)
    fault_count = models.PositiveIntegerField("错误", null=True)
    report = models.BinaryField("检查结果", default=bytes)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    uploaded_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    checked_at = models.DateTimeField("检查时间", null=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    written_at = models.DateTimeField("写入时间", null=True)
    job = models.ForeignKey("accounts.Job", models.SET_NULL, null=True, related_name="+")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表格导入"
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["uploaded_as", "-uploaded_at"], name="imports_of_a_post")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="written")
                | Q(written_at__isnull=False, confirmed_at__isnull=False, fault_count=0),
                name="written_import_was_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "stale", "writing", "interrupted"])
                | Q(fault_count=0),
                name="faulty_import_is_not_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def right_count(self) -> int:
        """Rows in which nothing is wrong: new, changed and the same."""
        return (self.new_count or 0) + (self.changed_count or 0) + (self.same_count or 0)

    @property
    def wrong_count(self) -> int:
        """Rows that were read and are in none of the three."""
        return (self.row_count or 0) - self.right_count
