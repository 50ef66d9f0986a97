"""Messages inside the portal (消息): from an office to an organisation, and who has read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts.access.scope import NOTHING, reads_business_data
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked

if TYPE_CHECKING:
    from accounts.models import User


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def visible_to(self, user: User) -> NoticeQuerySet:
        """Those sent to the organisation the person acts for."""
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        return self.filter(organisation=user.acting.organisation_id)


@sealed()
class Notice(models.Model):
    """One message to everybody who acts for an organisation. It is never changed or taken back.

    `link` is the page of this portal where what it asks for is done.
    """

    class Kind(models.TextChoices):
        URGE = "urge", "催报"
        FEES = "fees", "收费备案"
        SAFETY = "safety", "安全"

    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="notices"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    title = models.CharField("标题", max_length=80)
    text = models.CharField("内容", max_length=400)
    link = models.CharField("办理页面", max_length=200)
    sent_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField("发出时间")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-sent_at", "-pk"]
        indexes = [models.Index(fields=["organisation", "-sent_at"])]

    def __str__(self) -> str:
        return self.title


class NoticeReadingQuerySet(ScopedQuerySet["NoticeReading"]):
    def visible_to(self, user: User) -> NoticeReadingQuerySet:
        """Those of one's own organisation's messages."""
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        return self.filter(notice__organisation=user.acting.organisation_id)


@sealed()
class NoticeReading(models.Model):
    """That a person has read a message, in which post and when. Once for each person."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="readings")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    read_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    read_at = models.DateTimeField("阅读时间")

    objects = NoticeReadingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息阅读"
        ordering = ["read_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="notice_read_once_by_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.read_at:%Y-%m-%d %H:%M}"


class NoticeMailboxQuerySet(ScopedQuerySet["NoticeMailbox"]):
    def visible_to(self, user: User) -> NoticeMailboxQuerySet:
        """The own organisation's."""
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        return self.filter(organisation=user.acting.organisation_id)


@tracked()
class NoticeMailbox(models.Model):
    """The office mailbox (单位邮箱) to which an organisation's messages are sent as well.

    Empty: none any more.
    """

    organisation = models.OneToOneField(
        "accounts.Organisation", models.PROTECT, related_name="notice_mailbox"
    )
    address = models.EmailField("单位邮箱", max_length=120, blank=True)
    set_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, verbose_name="填写人岗位", related_name="+"
    )

    objects = NoticeMailboxQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "接收通知的邮箱"

    def __str__(self) -> str:
        return f"{self.organisation}邮箱"


class NoticeDeliveryQuerySet(ScopedQuerySet["NoticeDelivery"]):
    def visible_to(self, user: User) -> NoticeDeliveryQuerySet:
        """Of messages to one's own organisation, and of those one's own office sent."""
        if user.acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        own = user.acting.organisation_id
        return self.filter(
            models.Q(notice__organisation=own) | models.Q(notice__sent_as__organisation=own)
        )


@tracked()
class NoticeDelivery(models.Model):
    """One message on its way out of the portal through one channel, to one organisation.

    It goes from queued to sending before anything is sent, and from there to sent or failed. What
    stays in sending was cut off in between, or handed over and not answered (then `reason` says
    so): nobody can say whether it went out, so it is not sent again. Only what has failed, or waits
    though its job was given up, may be queued once more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "待发送"
        SENDING = "sending", "正在发送或已中断，不能确定是否发出"
        SENT = "sent", "已发出"
        FAILED = "failed", "没有发出"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    channel = models.CharField("渠道", max_length=20)
    address = models.CharField("地址", max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField("没有发出或不能确定的原因", max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField("发送次数", default=0)
    queued_at = models.DateTimeField("排队时间")
    ended_at = models.DateTimeField("发送结束时间", null=True)

    objects = NoticeDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "站外通知"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], name="notice_goes_out_once_by_a_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["sent", "failed"], ended_at__isnull=False)
                | models.Q(state__in=["queued", "sending"], ended_at__isnull=True),
                name="ended_delivery_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state="failed") & ~models.Q(reason="")
                | models.Q(state="sending")
                | models.Q(state__in=["queued", "sent"], reason=""),
                name="failed_delivery_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.channel}"
