"""The choice of a group above a list: what there is to choose, and which rows it leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from kindergartens.groups.selectors import (
    IN_A_GROUP_SEEN,
    groups_seen,
    in_group,
    towns_in_group,
)
from kindergartens.models import KindergartenStatus

# Rows without a choice of a group.
EVERYONE = Q()


@dataclass(frozen=True)
class GroupFilter:
    """`choices` are keys and names of the groups a person may filter by on the day; `chosen` is
    one of the keys, "" without a choice. A group that is not theirs to see is not chosen.
    """

    choices: Sequence[tuple[str, str]]
    chosen: str
    day: dt.date

    @property
    def address(self) -> str:
        """The choice as the part of an address after the question mark or an ampersand."""
        return f"group={self.chosen}" if self.chosen else ""

    @property
    def name(self) -> str:
        return dict(self.choices).get(self.chosen, "")

    def place(self, region: str) -> str:
        """What a file of these rows is of: the region, and the group where one is chosen."""
        return f"{region}{self.name}" if self.chosen else region

    def rows(self, *, kindergarten: str, town: str) -> Q:
        """Rows of kindergartens by the paths to the kindergarten's key and to its town."""
        if not self.chosen:
            return EVERYONE
        return in_group(int(self.chosen), self.day, kindergarten=kindergarten, town=town)

    def of_kindergartens(self, path: str) -> Q:
        """Rows that lead to a kindergarten by `path`, by the town it is in on the day."""
        if not self.chosen:
            return EVERYONE
        here = (
            KindergartenStatus.objects.unscoped(IN_A_GROUP_SEEN)
            .on(self.day)
            .filter(self.rows(kindergarten="kindergarten", town="town"))
        )
        return Q(**{f"{path}__in": here.values("kindergarten")})

    def of_towns(self, path: str) -> Q:
        """Rows that lead to no kindergarten, but to a town by `path`."""
        if not self.chosen:
            return EVERYONE
        return Q(**{f"{path}__in": towns_in_group(int(self.chosen), self.day)})


def group_choices(user: User, day: dt.date) -> list[tuple[str, str]]:
    """One query."""
    return [
        (str(group.pk), f"{group.name}（{group.get_kind_display()}）")
        for group in groups_seen(user, day)
    ]


def group_filter(query: Mapping[str, str], user: User, day: dt.date) -> GroupFilter:
    """What the address asks for (`?group=`)."""
    choices = group_choices(user, day)
    asked = query.get("group", "")
    return GroupFilter(choices, asked if asked in dict(choices) else "", day)
