"""What was published: figures of a region and month as they were, with number and digest."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q

from accounts.access.permissions import Permission
from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models import Region

if TYPE_CHECKING:
    from accounts.models import User


class PublicationKind(models.TextChoices):
    MONTHLY = "monthly", "月度通报"
    ANNUAL = "annual", "年度公报"
    SELF_ASSESSMENT = "self_assessment", "自评"


def _of_area(user: User) -> Q:
    """Rows about the person's region or what lies below it."""
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    region = acting.organisation.region
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    own = Q(region=region.pk)
    return own if field is None else own | Q(**{f"region__{field}": region.pk})


class PublicationDraftQuerySet(ScopedQuerySet["PublicationDraft"]):
    def visible_to(self, user: User) -> PublicationDraftQuerySet:
        """The own region's, for whoever prepares or publishes: a draft is nobody else's."""
        acting = user.acting
        if acting is None or not (
            user.can(Permission.PREPARE_PUBLICATIONS) or user.can(Permission.PUBLISH_FIGURES)
        ):
            return self.filter(NOTHING)
        return self.filter(region=acting.organisation.region_id)

    def waiting(self) -> PublicationDraftQuerySet:
        return self.filter(state=PublicationDraft.State.WAITING)


# The bytes never change, and their digest is copied with every event.
@tracked(leave_out=("content",))
class PublicationDraft(models.Model):
    """Figures prepared for publishing (拟稿): another person publishes them, or somebody withdraws them.

    One waits at a time for a region, kind and month. `corrects` is the publication it would put
    right. `content` are the figures as canonical JSON.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待公布"
        PUBLISHED = "published", "已公布"
        WITHDRAWN = "withdrawn", "已撤回"

    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=20, choices=PublicationKind.choices)
    month = models.DateField("月份")
    corrects = models.ForeignKey(
        "indicators.Publication", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="更正哪一号",
    )  # fmt: skip
    reason = models.CharField("更正原因", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    content = models.BinaryField("拟公布的数据")
    digest = models.CharField("校验值", max_length=64)
    prepared_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, related_name="+", verbose_name="拟稿人岗位"
    )
    prepared_at = models.DateTimeField("拟稿时间")

    objects = PublicationDraftQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公布拟稿"
        ordering = ["-prepared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "month"],
                condition=Q(state="waiting"),
                name="one_waiting_draft_of_a_publication",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="draft_month_is_first_day"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="")
                | Q(corrects__isnull=False) & ~Q(reason=""),
                name="draft_corrects_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}{self.month:%Y年%-m月}{self.get_kind_display()}"

    @cached_property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(bytes(self.content))
        return found


class PublicationQuerySet(ScopedQuerySet["Publication"]):
    def visible_to(self, user: User) -> PublicationQuerySet:
        """Of the person's region and below: a city sees its counties'."""
        return self.filter(_of_area(user))

    def newest(self) -> PublicationQuerySet:
        """Those that no later one corrects."""
        return self.filter(corrected_by__isnull=True)


@sealed()
class Publication(models.Model):
    """One published set of figures. Never changed: a correction is a later row that `corrects` it.

    `content` are the bytes that were published (indicators/publications/rules.py), `digest` their
    SHA-256. `school_year` is the year in which the school year of the month begins.
    """

    number = models.CharField("编号", max_length=40, unique=True)
    region = models.ForeignKey("accounts.Region", models.PROTECT, related_name="publications")
    kind = models.CharField("种类", max_length=20, choices=PublicationKind.choices)
    month = models.DateField("月份")
    school_year = models.PositiveSmallIntegerField("学年")
    revision = models.PositiveSmallIntegerField("第几次更正")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by",
        verbose_name="更正哪一号",
    )  # fmt: skip
    reason = models.CharField("更正原因", max_length=300, blank=True)
    provisional = models.BooleanField("暂计")
    content = models.BinaryField("公布的数据")
    digest = models.CharField("校验值", max_length=64)
    draft = models.OneToOneField(
        PublicationDraft, models.PROTECT, related_name="publication", verbose_name="拟稿"
    )
    prepared_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, related_name="+", verbose_name="拟稿人岗位"
    )
    published_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, related_name="+", verbose_name="公布人岗位"
    )
    published_at = models.DateTimeField("公布时间")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公布的数据"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "kind", "month"],
                condition=Q(corrects__isnull=True) & ~Q(kind="annual"),
                name="one_first_publication_of_a_month",
            ),
            models.UniqueConstraint(
                fields=["region", "school_year"],
                condition=Q(corrects__isnull=True, kind="annual"),
                name="one_first_publication_of_a_school_year",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="publication_month_is_first_day"
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, reason="", revision=0)
                | Q(corrects__isnull=False, revision__gt=0) & ~Q(reason=""),
                name="publication_corrects_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(published_as=F("prepared_as")), name="publisher_did_not_prepare"
            ),
        ]
        indexes = [models.Index(fields=["region", "month"], name="publications_of_a_month")]

    def __str__(self) -> str:
        return self.number

    @cached_property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(bytes(self.content))
        return found

    @property
    def short_digest(self) -> str:
        """What is printed: enough to tell two apart by eye."""
        return self.digest[:12]
