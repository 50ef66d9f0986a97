"""Opening places and accounts: what an operator does before the bureau can work."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.access.places import kind_for, may_be_held, where_held
from accounts.access.roles import RoleCode
from accounts.models import Membership, Organisation, Region, User


class PostRefused(Exception):
    """The role is not held in such a place; the text says where it is."""


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
    today: dt.date,
) -> Membership:
    """Make a person's account with one post, and the organisation if it is new.

    Raises PostRefused where the role is not held in such a region, or only in a kindergarten,
    which is registered and not made up here; ValidationError for a weak password and
    IntegrityError for a name already taken.
    """
    kind = kind_for(role, region.office_level)
    if kind is None:
        raise PostRefused(_not_here(role, region))
    if kind == Organisation.Kind.KINDERGARTEN:
        raise PostRefused(f"{role.label}的账号随幼儿园登记建立，不能在这里建。")
    user = User(username=User.normalise_username(username), full_name=full_name)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    organisation, _ = Organisation.objects.get_or_create(
        name=organisation_name, kind=kind, region=region
    )
    return appoint(user=user, organisation=organisation, role=role, valid_from=today)


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
