"""Posts approved for a public kindergarten (核定编制), and what its people were paid in a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from accounts.access.scope import organisation_scope
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.dated import no_overlap

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class PostQuotaQuerySet(ScopedQuerySet["PostQuota"]):
    def visible_to(self, user: User) -> PostQuotaQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )

    def standing(self) -> PostQuotaQuerySet:
        """Without those that were recorded by mistake."""
        return self.filter(withdrawn_at__isnull=True)

    def in_force(self, day: dt.date) -> PostQuotaQuerySet:
        return self.standing().filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day
        )


@tracked()
class PostQuota(models.Model):
    """核定编制数 of a public kindergarten from a day on, by the document that approved it.

    A new number is a new row, and the former one ends where it begins. One recorded by mistake is
    withdrawn with a reason.
    """

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="post_quotas"
    )
    posts = models.PositiveSmallIntegerField("核定编制数")
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期（不含）", null=True, blank=True)
    document = models.CharField("批准文件", max_length=200)
    document_number = models.CharField("文号", max_length=80, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤销原因", max_length=300, blank=True)
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = PostQuotaQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核定编制"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            no_overlap(
                "one_post_quota_at_a_time", "kindergarten", condition=Q(withdrawn_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="post_quota_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="post_quota_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"编制{self.posts}名"

    @property
    def basis(self) -> str:
        return (
            f"{self.document}（{self.document_number}）" if self.document_number else self.document
        )


class PayRecordQuerySet(ScopedQuerySet["PayRecord"]):
    def visible_to(self, user: User) -> PayRecordQuerySet:
        return self.filter(
            organisation_scope(
                user, "kindergarten__organisation", "kindergarten__organisation__region"
            )
        )


@tracked()
class PayRecord(models.Model):
    """Net pay (实发工资) of one year, of everybody of one kind of contract and one title together.

    `heads` people were paid `yuan` altogether, in whole yuan; both 0 where there was nobody. A year
    is recorded whole: every title of both kinds, so that what is missing is never taken for nobody.
    """

    class Kind(models.TextChoices):
        ESTABLISHED = "established", "在编"
        NON_ESTABLISHED = "non_established", "非在编"

    class Title(models.TextChoices):
        SENIOR = "senior", "高级"
        FIRST = "first", "一级"
        SECOND = "second", "二级"
        THIRD = "third", "三级"
        NONE = "none", "未定级"

    kindergarten = models.ForeignKey(
        "kindergartens.Kindergarten", models.PROTECT, related_name="pay_records"
    )
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("用人方式", max_length=16, choices=Kind.choices)
    title = models.CharField("职称", max_length=8, choices=Title.choices)
    heads = models.PositiveSmallIntegerField("人数")
    yuan = models.PositiveBigIntegerField("全年实发工资合计（元）")
    entered_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField("登记时间")

    objects = PayRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年工资"
        ordering = ["-year", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "year", "kind", "title"], name="one_pay_record"
            ),
            models.CheckConstraint(
                condition=Q(heads=0, yuan=0) | Q(heads__gt=0, yuan__gt=0),
                name="pay_goes_to_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.get_kind_display()}{self.get_title_display()}"
