"""Whose personal data a person may come near at all."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.access.scope import NOTHING, reads_business_data
from accounts.models import Membership, Region, User


def people_in_scope(user: User) -> QuerySet[User]:
    """People with a post in an organisation of one's own region or below it.

    A director or clerk: those of the own kindergarten. Administrators: nobody.
    """
    return User.objects.unscoped("whose data one may come near: the rule is this one").filter(
        pk__in=Membership.objects.filter(_posts_in_scope(user)).values("user")
    )


def _posts_in_scope(user: User) -> Q:
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.organisation.kind == "kindergarten":
        return Q(organisation=acting.organisation_id)
    region = acting.organisation.region
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    here = Q(organisation__region=region.pk)
    return here if field is None else here | Q(**{f"organisation__region__{field}": region.pk})
