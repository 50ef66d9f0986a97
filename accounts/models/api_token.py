"""Keys by which another system reads figures, and how much they were used."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import not_kept, tracked
from accounts.models.region import Region

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_LIFE = dt.timedelta(days=366)


class ApiTokenQuerySet(ScopedQuerySet["ApiToken"]):
    def visible_to(self, user: User) -> ApiTokenQuerySet:
        """Those of organisations in the place of whoever gives them out."""
        if user.acting is None or not user.can(Permission.MANAGE_API_TOKENS):
            return self.none()
        within = Region.objects.within(user.acting.organisation.region).values("pk")
        return self.filter(organisation__region__in=within)


# Of the digest history keeps that it is another one, never what it is.
@tracked(secrets=("digest",))
class ApiToken(models.Model):
    """A key that an organisation's own system shows: it reads figures of a region, nothing else.

    The key itself is shown once and never stored; `digest` is its SHA-256, which is enough for a
    random text of 256 bits. `begins_with` tells one key from another on the page.
    """

    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, verbose_name="机构", related_name="api_tokens"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="数据范围", related_name="+")
    name = models.CharField("用途", max_length=80)
    digest = models.CharField("摘要", max_length=64, unique=True)
    begins_with = models.CharField("开头", max_length=12)
    issued_at = models.DateTimeField("发放时间")
    issued_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="发放人", related_name="+"
    )
    expires_at = models.DateTimeField("到期时间")
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoked_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="撤销人", null=True, related_name="+"
    )
    revoked_reason = models.CharField("撤销原因", max_length=300, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        ordering = ["-issued_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at"))
                & Q(expires_at__lte=F("issued_at") + LONGEST_LIFE),
                name="token_lives_at_most_a_year",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_as__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False, revoked_as__isnull=False) & ~Q(revoked_reason="")),
                name="revoked_token_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date:
        """The day at whose end it stops opening anything."""
        return timezone.localdate(self.expires_at - dt.timedelta(microseconds=1))


class ApiTokenUseQuerySet(ScopedQuerySet["ApiTokenUse"]):
    def visible_to(self, user: User) -> ApiTokenUseQuerySet:
        return self.filter(token__in=ApiToken.objects.visible_to(user).values("pk"))


@not_kept("counts of a day; each refusal stands in the record of access")
class ApiTokenUse(models.Model):
    """How often a key was used on a day: one row, however often."""

    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="uses")
    day = models.DateField("日期")
    answered = models.PositiveIntegerField("应答次数", default=0)
    refused = models.PositiveIntegerField("拒绝次数", default=0)
    last_at = models.DateTimeField("最近使用时间")

    objects = ApiTokenUseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌使用次数"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["token", "day"], name="one_use_row_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.token} {self.day}"
