"""Which groups there are, who is in them on a day, and the filter they make in lists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Region, User
from kindergartens.models import Group, GroupMember, Kindergarten, KindergartenStatus

IN_A_GROUP_SEEN = "members of a group that the person was found to see"


def members_on(group: Group, day: dt.date) -> list[GroupMember]:
    """Towns by code, then kindergartens by code."""
    rows = list(group.members.on(day).select_related("town", "kindergarten"))
    return sorted(rows, key=_order)


def _order(member: GroupMember) -> tuple[bool, str]:
    town, kindergarten = member.town, member.kindergarten
    return (True, kindergarten.code) if kindergarten is not None else (False, town.code)  # type: ignore[union-attr]


def in_group(group: int, day: dt.date, *, kindergarten: str = "pk", town: str = "town") -> Q:
    """A filter for rows of kindergartens that belong to a group, named by its key, on a day.

    `kindergarten` and `town` are the paths to the kindergarten's key and to its town on that day.
    One that is a member itself and through its town is one kindergarten all the same.
    """
    own = _members(group, day).filter(kindergarten__isnull=False).values("kindergarten")
    return Q(**{f"{town}__in": towns_in_group(group, day)}) | Q(**{f"{kindergarten}__in": own})


def towns_in_group(group: int, day: dt.date) -> QuerySet[Any, Any]:
    """Keys of the towns that are members of a group, named by its key, on a day."""
    return _members(group, day).filter(town__isnull=False).values("town")


def _members(group: int, day: dt.date) -> QuerySet[GroupMember]:
    return GroupMember.objects.unscoped(IN_A_GROUP_SEEN).on(day).filter(group=group)


def groups_of(
    user: User, kindergarten: Kindergarten, *, town: int | None, day: dt.date
) -> QuerySet[Group]:
    """Groups a kindergarten belongs to on a day, itself or through its town, or that it leads."""
    through = Q(kindergarten=kindergarten.pk)
    if town is not None:
        through |= Q(town=town)
    members = GroupMember.objects.unscoped(IN_A_GROUP_SEEN).on(day).filter(through)
    return (
        Group.objects.visible_to(user)
        .on(day)
        .filter(Q(pk__in=members.values("group")) | Q(lead=kindergarten.pk))
        .order_by("kind", "pk")
    )


def kindergartens_in(group: Group, day: dt.date) -> QuerySet[Kindergarten]:
    """The kindergartens of a group on a day, those of its towns too, by code."""
    here = (
        KindergartenStatus.objects.unscoped(IN_A_GROUP_SEEN)
        .on(day)
        .filter(in_group(group.pk, day, kindergarten="kindergarten", town="town"))
    )
    return (
        Kindergarten.objects.unscoped(IN_A_GROUP_SEEN)
        .filter(Exists(here.filter(kindergarten=OuterRef("pk"))))
        .order_by("code")
    )


def groups_seen(user: User, day: dt.date) -> QuerySet[Group]:
    """Groups in force on a day that the person may filter by, a county's together."""
    return (
        Group.objects.visible_to(user)
        .on(day)
        .select_related("county")
        .order_by("county", "kind", "pk")
    )


def group_lines(user: User, *, day: dt.date, kind: str, ended: bool) -> QuerySet[Group]:
    """Groups of a list, with `members_now`: towns, and kindergartens the person may see."""
    rows = Group.objects.visible_to(user).select_related("county", "lead")
    if kind:
        rows = rows.filter(kind=kind)
    over = Q(valid_to__isnull=False, valid_to__lte=day)
    rows = rows.filter(over) if ended else rows.exclude(over)
    members = (
        GroupMember.objects.unscoped(IN_A_GROUP_SEEN)
        .on(day)
        .filter(_seen(user))
        .select_related("town", "kindergarten")
        .order_by("town__code", "kindergarten__code")
    )
    return rows.prefetch_related(Prefetch("members", members, to_attr="members_now")).order_by(
        "county__code", "kind", "pk"
    )


def _seen(user: User) -> Q:
    """Members a person is shown: a county's towns, and the kindergartens in the person's scope."""
    visible = Kindergarten.objects.visible_to(user).values("pk")
    return Q(kindergarten__isnull=True) | Q(kindergarten__in=visible)


def members_ever(user: User, group: Group) -> list[GroupMember]:
    """All memberships a person is shown, those of now and to come first."""
    rows = group.members.filter(_seen(user)).select_related("town", "kindergarten")
    return sorted(rows, key=lambda row: (row.valid_to is not None, *_order(row), row.valid_from))


def towns_to_take_in(county: Region) -> QuerySet[Region]:
    return Region.objects.filter(county=county, level=Region.Level.TOWN).active().order_by("code")


def kindergartens_to_take_in(user: User, county: Region, day: dt.date) -> QuerySet[Kindergarten]:
    """Kindergartens of the county that are registered there on a day and not closed."""
    there = (
        KindergartenStatus.objects.visible_to(user)
        .on(day)
        .filter(town__county=county, kindergarten=OuterRef("pk"))
        .exclude(operating_state=KindergartenStatus.OperatingState.CLOSED)
    )
    return Kindergarten.objects.visible_to(user).filter(Exists(there)).order_by("code")
