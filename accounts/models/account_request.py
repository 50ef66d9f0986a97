"""An account or a post that somebody asks for and somebody else grants."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.access.permissions import Permission
from accounts.access.roles import RoleCode
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import sealed, tracked
from accounts.models.region import Region

if TYPE_CHECKING:
    from accounts.models import User

KINDERGARTEN = Q(organisation__kind="kindergarten")


class AccountRequestQuerySet(ScopedQuerySet["AccountRequest"]):
    def visible_to(self, user: User) -> AccountRequestQuerySet:
        """One's own, those of one's kindergarten, and those one may decide on."""
        acting = user.acting
        if acting is None:
            return self.none()
        shown = Q(requested_by=user)
        if acting.is_of_kindergarten and user.can(Permission.REQUEST_ACCOUNTS):
            shown |= Q(organisation=acting.organisation_id)
        return self.filter(shown | self._decidable(user))

    def decidable_by(self, user: User) -> AccountRequestQuerySet:
        """Of those visible to the user, what the user's post approves: kindergartens' or offices'."""
        return self.filter(self._decidable(user))

    @staticmethod
    def _decidable(user: User) -> Q:
        if user.acting is None:
            return Q(pk__in=[])
        kinds = Q(pk__in=[])
        if user.can(Permission.APPROVE_KINDERGARTEN_ACCOUNTS):
            kinds |= KINDERGARTEN
        if user.can(Permission.APPROVE_OFFICE_ACCOUNTS):
            kinds |= ~KINDERGARTEN
        regions = Region.objects.within(user.acting.organisation.region)
        return kinds & Q(organisation__region__in=regions.values("pk"))

    def waiting(self) -> AccountRequestQuerySet:
        return self.filter(state=AccountRequest.State.WAITING)

    def with_names(self) -> AccountRequestQuerySet:
        return self.select_related(
            "organisation__region__county",
            "requested_by",
            "requested_as__organisation",
            "requested_as__deputises_for__user",
            "decided_by",
            "subject",
            "replaces__user",
        )


@tracked()
class AccountRequest(models.Model):
    """One post for one person: with a new account, or for the account in `subject`.

    `replaces` is the post that ends the day before this one begins (a director's successor).
    Who asked never decides, and nobody asks or decides for the own account: check constraints
    compare the people, and a trigger holds them to the posts they acted in.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "已拒绝"
        WITHDRAWN = "withdrawn", "已撤回"

    full_name = models.CharField("姓名", max_length=40)
    username = models.CharField("用户名", max_length=60)
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="account_requests"
    )
    role = models.CharField("角色", max_length=30, choices=RoleCode.choices)
    valid_from = models.DateField("任职起始日期")
    reason = models.CharField("申请理由", max_length=300)
    adds_post = models.BooleanField("给已有账号增加岗位", default=False)
    replaces = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, blank=True, related_name="successions"
    )
    batch = models.ForeignKey(
        "accounts.AccountBatch", models.PROTECT, null=True, related_name="requests"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    requested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    requested_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, related_name="account_requests"
    )
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_as = models.ForeignKey(
        "accounts.Membership", models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("办理时间", null=True)
    decision_reason = models.CharField("办理意见", max_length=300, blank=True)
    # Whose account it is: known from the start for a further post, else from the approval on.
    subject = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="account_requests"
    )

    objects = AccountRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "账号申请"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="account_decided_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(subject__isnull=True)
                | (
                    ~Q(subject=F("requested_by"))
                    & (Q(decided_by__isnull=True) | ~Q(subject=F("decided_by")))
                ),
                name="nobody_grants_the_own_post",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["approved", "refused"],
                    decided_by__isnull=False,
                    decided_as__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(state="withdrawn", decided_by__isnull=True, decided_at__isnull=False)
                | Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True),
                name="account_request_says_who_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(decision_reason=""),
                name="account_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(subject__isnull=False),
                name="account_approved_for_somebody",
            ),
            models.UniqueConstraint(
                Lower("username"),
                condition=Q(state="waiting", adds_post=False),
                name="username_asked_for_once",
            ),
            models.UniqueConstraint(
                fields=["subject", "organisation", "role"],
                condition=Q(state="waiting", adds_post=True),
                name="post_asked_for_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-requested_at"], name="account_requests_by_state")
        ]

    def __str__(self) -> str:
        return f"{self.full_name} {self.organisation} {self.get_role_display()}"


class AccountBatchQuerySet(ScopedQuerySet["AccountBatch"]):
    def visible_to(self, user: User) -> AccountBatchQuerySet:
        """Those uploaded in the post one acts in."""
        if user.acting is None or not user.can(Permission.REQUEST_ACCOUNTS):
            return self.none()
        return self.filter(uploaded_as=user.acting)


# Names of people who may never get an account are not copied. Each row asked for is history as a
# request; what was uploaded is held to `digest`, which is history and is checked on confirming.
@tracked(leave_out=["rows"])
class AccountBatch(models.Model):
    """A workbook of accounts as it was read and found right; confirmed once, then requests.

    The same content uploaded again is the same batch: `digest` is of the rows, not of the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64)
    rows = models.JSONField("逐行内容")
    uploaded_as = models.ForeignKey("accounts.Membership", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    confirmed_at = models.DateTimeField("确认时间", null=True)

    objects = AccountBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量建账号"
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["uploaded_as", "digest"], name="batch_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.uploaded_at:%Y-%m-%d} {len(self.rows)}人"


class AccountEventQuerySet(ScopedQuerySet["AccountEvent"]):
    def visible_to(self, user: User) -> AccountEventQuerySet:
        """What happened to the accounts a post looks after."""
        from accounts.models import User as Accounts

        return self.filter(account__in=Accounts.objects.visible_to(user).values("pk"))


@sealed()
class AccountEvent(models.Model):
    """What happened to a person's account and posts, by whom and why. Never changed afterwards."""

    class Action(models.TextChoices):
        CREATED = "created", "建立账号"
        POST_BEGUN = "post_begun", "开始任职"
        POST_ENDED = "post_ended", "结束任职"
        DEPUTY_NAMED = "deputy_named", "受托代办"
        DEPUTY_ENDED = "deputy_ended", "结束代办"
        ONE_TIME_PASSWORD = "one_time_password", "发放一次性密码"
        DISABLED = "disabled", "停用"
        SUSPENDED = "suspended", "长期未用，自动停用"
        ENABLED = "enabled", "恢复启用"

    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="account_events")
    action = models.CharField(max_length=20, choices=Action.choices)
    at = models.DateTimeField("时间")
    # The post concerned; null where the whole account is.
    post = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, related_name="+")
    # Null for the portal's own nightly work and for commands on the server.
    done_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    done_as = models.ForeignKey("accounts.Membership", models.PROTECT, null=True, related_name="+")
    reason = models.CharField("原因", max_length=300, blank=True)

    objects = AccountEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "账号办理记录"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["account", "at"], name="account_events_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.get_action_display()}"
