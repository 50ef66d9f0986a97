"""Opening places and accounts: what an operator does before the bureau can work."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.access.roles import RoleCode
from accounts.models import Membership, Organisation, Region, User

KIND_BY_ROLE = {
    RoleCode.TOWN_OFFICER: Organisation.Kind.TOWN_OFFICE,
    RoleCode.CITY_OFFICER: Organisation.Kind.CITY_BUREAU,
    RoleCode.DEPARTMENT_OFFICER: Organisation.Kind.DEPARTMENT,
}


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

    Raises ValidationError for a weak password and IntegrityError for a name already taken.
    """
    user = User(username=User.normalise_username(username), full_name=full_name)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    organisation, _ = Organisation.objects.get_or_create(
        name=organisation_name,
        kind=KIND_BY_ROLE.get(role, Organisation.Kind.BUREAU),
        region=region,
    )
    return Membership.objects.create(
        user=user, organisation=organisation, role=role, valid_from=today
    )
