"""People who sign in, and the dated posts in which they act."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Lower, Trim
from django.utils import timezone

from accounts.access.duties import Actor
from accounts.access.permissions import Permission
from accounts.access.roles import ADMINISTRATORS, ROLES, RoleCode
from accounts.access.scoping import ScopedQuerySet
from accounts.history.tracking import tracked
from accounts.models.region import Region
from accounts.privacy.fields import BlindIndexField, EncryptedTextField

# Unused for so long, an account is listed as stale, and then suspended.
STALE_AFTER = dt.timedelta(days=75)
SUSPEND_AFTER = dt.timedelta(days=90)


class Compatible(models.Func):
    """One form for full-width and half-width letters (Unicode's NFKC)."""

    function = "normalize"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = models.CharField()


class UserQuerySet(ScopedQuerySet["User"]):
    def visible_to(self, user: User) -> UserQuerySet:
        """The accounts a post looks after: of one's region, or of one's own kindergarten.

        An account belongs where its posts are, also where they ended. Everybody else sees only
        the own account.
        """
        if user.acting is None:
            return self.none()
        return self.filter(
            Q(pk__in=Membership.objects.visible_to(user).values("user")) | Q(pk=user.pk)
        )

    def with_last_use(self) -> UserQuerySet:
        """Adds `last_use`: the last sign-in, or when the account was made or enabled again."""
        made = F("created_at")
        return self.annotate(
            last_use=Greatest(made, Coalesce("last_login", made), Coalesce("enabled_at", made))
        )

    def unused(self, now: dt.datetime, for_: dt.timedelta = SUSPEND_AFTER) -> UserQuerySet:
        """Active accounts nobody has used for so long."""
        in_use = self.filter(is_active=True)
        return in_use.with_last_use().filter(last_use__lt=now - for_)  # type: ignore[misc]


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=User.normalise_username(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=User.normalise_username(username or ""))


# A sign-in is an act of its own (AccessRecord), no change of the account.
@tracked(secrets=["password", "phone"], leave_out=["last_login", "phone_index"])
class User(AbstractBaseUser):
    """One person, one account. What the person may do hangs on memberships, never on the user."""

    username = models.CharField("用户名", max_length=60, unique=True)
    full_name = models.CharField("姓名", max_length=40)
    # Encrypted; pages show it masked. Set with accounts.privacy.services.set_phone.
    phone = EncryptedTextField("手机号", max_length=11, blank=True, default="")
    phone_index = BlindIndexField("手机号索引", source="phone", default="")
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    # How the person signs in; written by accounts.sign_in only.
    password_changed_at = models.DateTimeField(
        "密码设置时间", null=True, blank=True, editable=False
    )
    # Set while the password is one that somebody else has seen: a one-time password.
    one_time_until = models.DateTimeField("一次性密码有效至", null=True, blank=True, editable=False)
    second_factor_at = models.DateTimeField(
        "第二因素开启时间", null=True, blank=True, editable=False
    )
    # Why an account is off; the last time it was switched on again counts as use.
    disabled_at = models.DateTimeField("停用时间", null=True, blank=True)
    disabled_reason = models.CharField("停用原因", max_length=300, blank=True, db_default="")
    enabled_at = models.DateTimeField("恢复时间", null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager.from_queryset(UserQuerySet)()

    # Set by middleware for the request, or by a job for its requester: the post in which the
    # person acts, and all posts in force.
    acting: Membership | None = None
    posts: list[Membership] = []

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_whatever_case"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(disabled_at__isnull=True),
                name="account_in_use_is_not_disabled",
            ),
            # Ａdmin, Admin and admin are one name, and one person.
            models.CheckConstraint(
                condition=models.Q(username=Lower(Trim(Compatible("username"))))
                & ~models.Q(username__regex="[[:space:]]"),
                name="username_in_one_spelling",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @staticmethod
    def normalise_username(username: str) -> str:
        """One spelling per name: full-width and upper-case letters, outer spaces do not count."""
        return unicodedata.normalize("NFKC", username).strip().lower()

    @property
    def must_change_password(self) -> bool:
        """Whether the password is a one-time one, which opens nothing but the page to change it."""
        return self.one_time_until is not None

    def can(self, permission: Permission) -> bool:
        """Whether the post the person now acts in grants this permission."""
        return self.acting is not None and permission in self.acting.permissions


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    def visible_to(self, user: User) -> MembershipQuerySet:
        """The posts of the places whose people a post looks after; else one's own posts."""
        acting = user.acting
        if acting is None:
            return self.none()
        if user.can(Permission.MANAGE_ACCOUNTS):
            regions = Region.objects.within(acting.organisation.region)
            return self.filter(organisation__region__in=regions.values("pk"))
        if acting.is_of_kindergarten and user.can(Permission.REQUEST_ACCOUNTS):
            return self.filter(organisation=acting.organisation_id)
        return self.filter(user=user)

    def in_force(self, today: dt.date) -> MembershipQuerySet:
        """Posts held on the day. One that was ended at once counts until the day before."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=today),
            Q(ended_at__isnull=True) | Q(ended_at__date__gt=today),
            valid_from__lte=today,
        )

    def not_over(self, today: dt.date) -> MembershipQuerySet:
        """In force, or yet to begin."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), ended_at__isnull=True)

    def own(self) -> MembershipQuerySet:
        """Posts a person holds, without those acted in for somebody else."""
        return self.filter(deputises_for__isnull=True)


# One account, one kind of duty: business, or one of the three administrators.
DUTY = models.Case(
    models.When(role__in=sorted(ADMINISTRATORS), then=F("role")),
    default=models.Value("business"),
    output_field=models.CharField(),
)
DAYS = models.Func(
    F("valid_from"),
    F("valid_to"),
    models.Value("[]"),
    function="DATERANGE",
    output_field=DateRangeField(),
)


@tracked()
class Membership(models.Model):
    """A person's post in an organisation, from a date to a date (both included).

    A deputy's post points to the post it is acted in for (`deputises_for`); the person is the
    deputy, so every record names who really did it, and through the pointer for whom. What post a
    row is never changes; a post ends, at a date or at once (`ended_at`), and another begins.
    """

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=30, choices=RoleCode.choices)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    deputises_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="deputies"
    )
    reason = models.CharField("事由", max_length=300, blank=True, db_default="")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "valid_from", "deputises_for"],
                condition=Q(ended_at__isnull=True),
                name="membership_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(deputises_for__isnull=True)
                | Q(
                    ~Q(role__in=sorted(ADMINISTRATORS)),
                    ~Q(reason=""),
                    valid_to__isnull=False,
                ),
                name="deputy_for_some_days_with_reason",
            ),
            ExclusionConstraint(
                name="administrators_hold_no_other_duty",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (DUTY, RangeOperators.NOT_EQUAL),
                    (
                        DAYS,
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at__isnull=True),
            ),
            ExclusionConstraint(
                name="one_deputy_at_a_time",
                expressions=[
                    ("deputises_for", RangeOperators.EQUAL),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at__isnull=True, deputises_for__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        post = f"{self.organisation} {self.get_role_display()}"
        return post if self.deputises_for is None else f"代{self.deputises_for.user} {post}"

    def is_in_force(self, today: dt.date) -> bool:
        """Whether the post is held on the day; the same rule as `in_force` of the QuerySet."""
        begun = self.valid_from <= today
        over = self.valid_to is not None and self.valid_to < today
        ended = self.ended_at is not None and timezone.localdate(self.ended_at) <= today
        return begun and not over and not ended

    @property
    def permissions(self) -> frozenset[Permission]:
        return ROLES[RoleCode(self.role)].permissions

    @property
    def is_of_kindergarten(self) -> bool:
        return self.organisation.kind == "kindergarten"

    @property
    def actor(self) -> Actor:
        """Who acts in this post, and for whom, for the separation of duties."""
        principal = self.deputises_for
        return Actor(self.user_id, principal.user_id if principal is not None else None)

    def ends_on(self) -> dt.date | None:
        """The last day, whichever way it ends; None while nobody has set one."""
        if self.ended_at is not None:
            ended = timezone.localdate(self.ended_at)
            return min(ended, self.valid_to) if self.valid_to else ended
        return self.valid_to
