"""Opening places and accounts: what an operator does before the bureau can work."""

from __future__ import annotations

import datetime as dt
import unicodedata

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from accounts.access.places import kind_for, may_be_held, where_held
from accounts.access.roles import RoleCode
from accounts.models import AccountEvent, Membership, Organisation, Region, User
from accounts.sign_in.passwords import set_one_time_password


class PostRefused(Exception):
    """The role is not held in such a place; the text says where it is."""


class TwoPeopleNeeded(Exception):
    """An account is not one person's doing; the text says who is missing."""


@transaction.atomic
def activate_region(*, region: Region) -> int:
    """Let this deployment work with a region: it, what lies below it, and its ancestors.

    Returns how many regions were switched on; doing it again switches none.
    """
    ancestors = [pk for pk in (region.province_id, region.city_id, region.county_id) if pk]
    below = Region.objects.within(region).filter(is_active=False).update(is_active=True)
    above = Region.objects.filter(pk__in=ancestors, is_active=False).update(is_active=True)
    return below + above


@transaction.atomic
def create_account(
    *,
    username: str,
    full_name: str,
    role: RoleCode,
    organisation_name: str,
    region: Region,
    password: str,
    operator: str,
    witness: str,
    now: dt.datetime,
) -> Membership:
    """Make a person's account with one post, and the organisation if it is new.

    For opening a deployment, when nobody can ask and nobody can approve: `operator` types and
    `witness` looks on, two people, neither of whom gets the account; both names are kept. Once a
    region has its system and its security administrator, those two do it on the pages.

    Whoever makes the account knows the password, so it is a one-time one: it must pass the policy,
    and opens only the page where the person chooses another.

    Raises PostRefused where the role is not held in such a region, or only in a kindergarten,
    which is registered and not made up here; TwoPeopleNeeded; ValidationError for a weak password and
    IntegrityError for a name already taken.
    """
    kind = kind_for(role, region.office_level)
    if kind is None:
        raise PostRefused(_not_here(role, region))
    if kind == Organisation.Kind.KINDERGARTEN:
        raise PostRefused(f"{role.label}的账号随幼儿园登记建立，不能在这里建。")
    today = timezone.localdate(now)
    _check_two_people(full_name, operator, witness)
    _check_nobody_else_can(role, region, today)
    user = User(username=User.normalise_username(username), full_name=full_name)
    user.set_unusable_password()
    user.save()
    organisation, _ = Organisation.objects.get_or_create(
        name=organisation_name, kind=kind, region=region
    )
    post = appoint(user=user, organisation=organisation, role=role, valid_from=today)
    for action in (AccountEvent.Action.CREATED, AccountEvent.Action.POST_BEGUN):
        AccountEvent.objects.create(
            account=user,
            action=action,
            at=now,
            post=post if action == AccountEvent.Action.POST_BEGUN else None,
            reason=f"在服务器上建立：操作人{operator}，见证人{witness}",
        )
    validate_password(password, user)
    until = now + dt.timedelta(hours=settings.ONE_TIME_PASSWORD_HOURS)
    set_one_time_password(user=user, password=password, until=until, now=now)
    return post


def _check_two_people(full_name: str, operator: str, witness: str) -> None:
    """Raises TwoPeopleNeeded unless three different people are named."""
    names = [
        unicodedata.normalize("NFKC", name).strip().casefold()
        for name in (full_name, operator, witness)
    ]
    if not all(names):
        raise TwoPeopleNeeded("要写明操作人和见证人两个人的姓名。")
    if len(set(names)) < len(names):
        raise TwoPeopleNeeded(
            "操作人、见证人和账号的本人要是三个不同的人：建账号的人不能批准自己建的账号，也不能给自己建。"
        )


def _check_nobody_else_can(role: RoleCode, region: Region, today: dt.date) -> None:
    """Raises TwoPeopleNeeded where administrators can request and approve on the pages."""
    above = [region.pk, region.county_id, region.city_id, region.province_id]
    there = (
        Membership.objects.own()
        .in_force(today)
        .filter(user__is_active=True, organisation__region__in=[pk for pk in above if pk])
    )
    held = set(there.values_list("role", flat=True))
    if {RoleCode.SYSTEM_ADMINISTRATOR, RoleCode.SECURITY_ADMINISTRATOR} <= held:
        raise TwoPeopleNeeded(
            f"{region.name}已有系统管理员和安全管理员，{role.label}的账号请在网页上由前者申请、"
            "后者批准，不能在服务器上建。"
        )


def appoint(
    *, user: User, organisation: Organisation, role: RoleCode, valid_from: dt.date
) -> Membership:
    """Give a person a post. Raises PostRefused where the role is not held in such a place."""
    check_post(role=role, organisation=organisation)
    return Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=valid_from
    )


def check_post(*, role: RoleCode, organisation: Organisation) -> None:
    """Raises PostRefused unless the role may be held in this organisation."""
    if not may_be_held(role, organisation.kind, organisation.region.office_level):
        raise PostRefused(_not_here(role, organisation.region, organisation))


def _not_here(role: RoleCode, region: Region, organisation: Organisation | None = None) -> str:
    place = f"{region.name}（{region.get_level_display()}）"
    if organisation is not None:
        place += f"的{organisation.name}（{organisation.get_kind_display()}）"
    return (
        f"{role.label}只能在{where_held(role)}任职，不能在{place}任职。请核对角色、机构和区划代码。"
    )
