"""Whose account's history a person may read, and which of its posts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts.access.scope import NOTHING, reads_business_data
from accounts.history.tracking import TRACKED
from accounts.models import Membership, Organisation, Region, User

KNOWN = "wider than whose accounts one looks after: whose work one knows, by the rule here"


def people_known_to(user: User) -> QuerySet[User]:
    """People whose account's history a person may read: one's own, and those who hold or held a
    post in an organisation of one's own kindergarten or region.
    """
    if user.acting is None or not reads_business_data(user):
        return User.objects.none()
    posts = Membership.objects.filter(_places_known_to(user))
    return User.objects.unscoped(KNOWN).filter(Q(pk=user.pk) | Q(pk__in=posts.values("user")))


def posts_ever(person: User, *, by: User) -> QuerySet[Any]:
    """Keys of all posts a person has or had, removed ones too: one's own, or those in the places
    that `by` knows. `person` is one of `people_known_to`.
    """
    copies = TRACKED[Membership].copies(KNOWN).filter(user_id=person.pk)
    if person.pk != by.pk:
        copies = copies.filter(_places_known_to(by))
    return copies.order_by().values("pgh_obj_id").distinct()


def _places_known_to(user: User) -> Q:
    acting = user.acting
    if acting is None or not reads_business_data(user):
        return NOTHING
    if acting.organisation.kind == Organisation.Kind.KINDERGARTEN:
        return Q(organisation=acting.organisation_id)
    within = Region.objects.within(acting.organisation.region).values("pk")
    return Q(organisation__in=Organisation.objects.filter(region__in=within).values("pk"))
