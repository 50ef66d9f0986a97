"""Which regions, and which one kindergarten, a person sees in the post they act in.

Every scoped QuerySet has `visible_to(user)` and builds it from here, so that lists, counts,
exports and jobs agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from accounts.models import Region, User

NOTHING = Q(pk__in=[])


def region_scope(user: User, path: str) -> Q:
    """A filter for rows whose town is at `path`, e.g. ``"town"`` or ``"kindergarten__town"``.

    The region of the organisation the person acts for bounds what they see; without a post,
    and for system administrators, that is nothing.
    """
    from accounts.models import Region

    acting = user.acting
    if acting is None or acting.role == "system_administrator":
        return NOTHING
    region = acting.organisation.region
    field = Region.ANCESTOR_FIELD.get(Region.Level(region.level))
    if field is None:
        return Q(**{path: region.pk})
    return Q(**{f"{path}__{field}": region.pk})


def organisation_scope(user: User, kindergarten_path: str, town_path: str) -> Q:
    """Like region_scope, but a director or clerk sees only the own kindergarten's rows."""
    acting = user.acting
    if acting is not None and acting.organisation.kind == "kindergarten":
        return Q(**{kindergarten_path: acting.organisation_id})
    return region_scope(user, town_path)


def home_region(user: User) -> Region | None:
    """The region the person's figures start from."""
    if user.acting is None or user.acting.role == "system_administrator":
        return None
    return user.acting.organisation.region
