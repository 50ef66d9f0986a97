"""Writing and revealing personal identifiers; each reveal is on record with its reason."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.scope import people_in_area
from accounts.history.context import changing_secret
from accounts.models import User
from accounts.privacy import rules
from accounts.releases.services import look_at_one

LEAST_REASON, MOST_REASON = 4, 200


class ReasonNeeded(Exception):
    """No reason, or one that says nothing; the text says what to write."""


@transaction.atomic
def set_phone(*, user: User, phone: str) -> User:
    """Keep a person's mobile number; "" removes it. Raises accounts.privacy.rules.NotAPhone."""
    user.phone = rules.normal_phone(phone)
    with changing_secret("phone"):
        user.save(update_fields=["phone", "phone_index"])
    return user


@transaction.atomic
def reveal_phone(*, person: User, reason: str, by: User, now: dt.datetime) -> str:
    """The whole number, once, for somebody whose post permits it and whose area the person is in.

    Raises PermissionDenied, ReasonNeeded and, after too many today, releases' QuotaUsed. The record names the person and the reason, never the
    number.
    """
    if (
        not by.can(Permission.REVEAL_PERSONAL_DATA)
        or not people_in_area(by).filter(pk=person.pk).exists()
    ):
        raise PermissionDenied("您现在的岗位不能查看这个人的完整手机号。")
    reason = checked_reason(reason)
    look_at_one(target=person, reason=reason, by=by, now=now)
    return str(person.phone)


def checked_reason(reason: str) -> str:
    """Raises ReasonNeeded for none, for one of a few letters, and for one with a number in it."""
    reason = " ".join(reason.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise ReasonNeeded(
            f"请写明用途，{LEAST_REASON}到{MOST_REASON}字，如“核实10月月报，电话联系园长”。"
        )
    if rules.holds_identifier(reason):
        raise ReasonNeeded(rules.NO_NUMBERS)
    return reason
