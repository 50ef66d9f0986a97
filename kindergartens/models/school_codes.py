"""Rows that counties keep under school codes, which the portal may not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from accounts.access.scope import NOTHING, reads_business_data, region_scope
from accounts.access.scoping import Row, ScopedQuerySet
from accounts.models import Region
from kindergartens.models.kindergarten import Kindergarten

if TYPE_CHECKING:
    from accounts.models import User


class SchoolCodeQuerySet(ScopedQuerySet[Row]):
    """Of models with `county` and `code`."""

    def visible_to(self, user: User) -> Self:
        """Of the counties in the person's region; a town, and a kindergarten, see their own.

        A code that the portal does not know belongs to no town: only the county sees it.
        """
        acting = user.acting
        if acting is None or not reads_business_data(user):
            return self.filter(NOTHING)
        level = Region.Level(acting.organisation.region.level)
        if level == Region.Level.COUNTY:
            return self.filter(county=acting.organisation.region_id)
        if level < Region.Level.COUNTY:
            return self.filter(region_scope(user, "county"))
        return self.filter(code__in=Kindergarten.objects.visible_to(user).values("code"))
