"""The accounts a security administrator looks after."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.access.permissions import Permission
from accounts.models import Region, User


def accounts_managed_by(user: User) -> QuerySet[User]:
    """Everybody with a post in the region of the post acted in, but not oneself.

    Nobody resets their own second factor or unlocks their own account.
    """
    if user.acting is None or not user.can(Permission.MANAGE_ACCOUNTS):
        return User.objects.none()
    region = user.acting.organisation.region
    path = "memberships__organisation__region"
    within = Q(**{path: region.pk})
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    if field is not None:
        within |= Q(**{f"{path}__{field}": region.pk})
    ids = User.objects.filter(within).values("pk")
    return User.objects.filter(pk__in=ids).exclude(pk=user.pk).order_by("username")
