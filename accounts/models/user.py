"""People who sign in, and the dated posts in which they act."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Trim

from accounts.access.permissions import Permission
from accounts.access.roles import ROLES, RoleCode


class Compatible(models.Func):
    """One form for full-width and half-width letters (Unicode's NFKC)."""

    function = "normalize"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = models.CharField()


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=User.normalise_username(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=User.normalise_username(username or ""))


class User(AbstractBaseUser):
    """One person, one account. What the person may do hangs on memberships, never on the user."""

    username = models.CharField("用户名", max_length=60, unique=True)
    full_name = models.CharField("姓名", max_length=40)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    # How the person signs in; written by accounts.sign_in only.
    password_changed_at = models.DateTimeField(
        "口令设置时间", null=True, blank=True, editable=False
    )
    # Set while the password is one that somebody else has seen: a one-time password.
    one_time_until = models.DateTimeField("一次性口令有效至", null=True, blank=True, editable=False)
    second_factor_at = models.DateTimeField(
        "第二因素开启时间", null=True, blank=True, editable=False
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    # Set by middleware for the request, or by a job for its requester: the post in which the
    # person acts, and all posts in force.
    acting: Membership | None = None
    posts: list[Membership] = []

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_whatever_case"),
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


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, today: dt.date) -> MembershipQuerySet:
        return self.filter(valid_from__lte=today).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=today)
        )


class Membership(models.Model):
    """A person's post in an organisation, from a date to a date."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=30, choices=RoleCode.choices)
    valid_from = models.DateField("起始日期")
    valid_to = models.DateField("截止日期", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "valid_from"], name="membership_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="membership_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_role_display()}"

    @property
    def permissions(self) -> frozenset[Permission]:
        return ROLES[RoleCode(self.role)].permissions
