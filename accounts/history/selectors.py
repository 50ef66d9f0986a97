"""Whose account's history a person may read, and which of its posts."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts.access.scope import AREA_IS_THE_RULE, people_in_area, posts_in_area
from accounts.history.tracking import TRACKED
from accounts.models import Membership, User


def people_known_to(user: User) -> QuerySet[User]:
    """People whose account's history a person may read: the own, and those of the own area."""
    rows = User.objects.unscoped(AREA_IS_THE_RULE)
    return rows.filter(Q(pk=user.pk) | Q(pk__in=people_in_area(user).values("pk")))


def posts_ever(person: User, *, by: User) -> QuerySet[Any]:
    """Keys of all posts a person has or had, removed ones too: one's own, or those in the places
    that `by` knows. `person` is one of `people_known_to`.
    """
    copies = TRACKED[Membership].copies(AREA_IS_THE_RULE).filter(user_id=person.pk)
    if person.pk != by.pk:
        copies = copies.filter(posts_in_area(by))
    return copies.order_by().values("pgh_obj_id").distinct()
