"""What a bureau does with groups: found, correct, take in, let go, dissolve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.groups.rules import (
    DIVIDES,
    leaving_problem,
    may_hold_towns,
    member_dates_problem,
)
from kindergartens.models import Group, GroupMember, Kindergarten
from kindergartens.policies import NotAllowedNow
from kindergartens.registering.selectors import earliest_day
from kindergartens.stamps import CHANGED_SINCE, stamp_of

DESCRIBED = ("name", "lead", "lead_name", "document")


class GroupRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


@dataclass(frozen=True)
class GroupDescription:
    """What is written about a group. `lead` or `lead_name`, never both."""

    name: str
    lead: Kindergarten | None
    lead_name: str
    document: str


def _locked(group_id: int, by: User) -> Group:
    return (
        Group.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("county")
        .get(pk=group_id)
    )


def _check_open(group: Group, day: dt.date, now: dt.datetime, field: str) -> None:
    """Figures of a group are added up anew from who is in it: locked months keep their members."""
    earliest = earliest_day(group.county, today=timezone.localdate(now), now=now)
    if earliest is not None and day < earliest:
        raise GroupRefused(
            f"{group.county.name}到{zhdate(earliest - dt.timedelta(days=1))}为止的月份已经锁定，"
            f"不能再动。最早填{zhdate(earliest)}。",
            field,
        )


def _check_name(county_id: int, name: str, but: int = 0) -> None:
    same = Group.objects.unscoped("a name is taken in a county whoever asks").filter(
        county=county_id, name=name
    )
    if same.exclude(pk=but).exists():
        raise GroupRefused(f"本区县已有“{name}”，请换一个名称，或到那里改成员。", "name")


@transaction.atomic
def found_group(
    *, county: Region, kind: str, description: GroupDescription, valid_from: dt.date, by: User
) -> Group:
    """A new group without members. Raises GroupRefused when the name is taken."""
    _check_name(county.pk, description.name)
    try:
        with transaction.atomic(), because("成立"):
            return Group.objects.create(
                county=county,
                kind=kind,
                name=description.name,
                lead=description.lead,
                lead_name=description.lead_name,
                document=description.document,
                valid_from=valid_from,
            )
    except IntegrityError:
        # Somebody founded it a moment ago.
        raise GroupRefused(f"本区县已有“{description.name}”，请换一个名称。", "name") from None


@transaction.atomic
def describe_group(
    *, group_id: int, description: GroupDescription, reason: str, seen: str, by: User
) -> Group:
    """Correct name, lead or document; members and dates have their own ways.

    `seen` is the stamp of DESCRIBED the person started from. Raises GroupRefused where somebody
    changed one of them since.
    """
    group = _locked(group_id, by)
    if seen != stamp_of(group, DESCRIBED):
        raise GroupRefused(CHANGED_SINCE)
    _check_name(group.county_id, description.name, but=group.pk)
    group.name = description.name
    group.lead = description.lead
    group.lead_name = description.lead_name
    group.document = description.document
    with because(reason):
        group.save(update_fields=DESCRIBED)
    return group


@transaction.atomic
def take_in(
    *,
    group_id: int,
    towns: Sequence[Region],
    kindergartens: Sequence[Kindergarten],
    first: dt.date,
    by: User,
    now: dt.datetime,
) -> int:
    """Take towns and kindergartens in from a day on; says how many.

    Raises GroupRefused, naming who is elsewhere, when one is in this group or, for a kind that
    divides the county, in another of the kind on any day from `first` on.
    """
    group = _locked(group_id, by)
    problem = member_dates_problem(
        first=first, group_from=group.valid_from, group_to=group.valid_to
    )
    if problem:
        raise GroupRefused(problem, "first")
    _check_open(group, first, now, "first")
    if towns and not may_hold_towns(group.kind):
        raise GroupRefused(f"{group.get_kind_display()}的成员是幼儿园，不是乡镇街道。", "towns")
    if not towns and not kindergartens:
        raise GroupRefused(
            "请至少选一个成员。", "towns" if may_hold_towns(group.kind) else "kindergartens"
        )
    _check_free(group, towns, kindergartens, first)
    new = [
        GroupMember(group=group, kind=group.kind, town=town, valid_from=first) for town in towns
    ] + [
        GroupMember(group=group, kind=group.kind, kindergarten=one, valid_from=first)
        for one in kindergartens
    ]
    for member in new:
        member.valid_to = group.valid_to
    try:
        with transaction.atomic(), because("加入"):
            GroupMember.objects.bulk_create(new)
    except IntegrityError:
        raise GroupRefused("有成员刚刚被别人加入了别处。请刷新后再试。") from None
    return len(new)


def _check_free(
    group: Group,
    towns: Sequence[Region],
    kindergartens: Sequence[Kindergarten],
    first: dt.date,
) -> None:
    rows = GroupMember.objects.unscoped("who is in another group of the county").select_related(
        "group", "town", "kindergarten"
    )
    same_kind = group.kind in DIVIDES
    rows = rows.filter(kind=group.kind) if same_kind else rows.filter(group=group)
    rows = rows.exclude(valid_to__lte=first)
    for field, chosen in (("town", towns), ("kindergarten", kindergartens)):
        taken = rows.filter(**{f"{field}__in": [one.pk for one in chosen]})
        elsewhere = [f"{row.name}在{row.group.name}" for row in taken]
        if elsewhere:
            raise GroupRefused(f"{'，'.join(elsewhere)}。请先从那里退出，再加入。", f"{field}s")


@transaction.atomic
def let_go(*, member_id: int, on: dt.date, reason: str, by: User, now: dt.datetime) -> GroupMember:
    """End a membership: `on` is the first day without it. Raises GroupRefused."""
    member = (
        GroupMember.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("group__county", "town", "kindergarten")
        .get(pk=member_id)
    )
    problem = leaving_problem(last=on, joined=member.valid_from, left=member.valid_to)
    if problem:
        raise GroupRefused(problem, "on")
    _check_open(member.group, on, now, "on")
    member.valid_to = on
    with because(reason):
        member.save(update_fields=["valid_to"])
    return member


@transaction.atomic
def dissolve(*, group_id: int, on: dt.date, reason: str, by: User, now: dt.datetime) -> Group:
    """End a group and, on the same day, whoever would be in it after. Earlier figures stay."""
    group = _locked(group_id, by)
    if group.valid_to is not None:
        raise GroupRefused(f"已于{zhdate(group.valid_to)}解散，不用再办。", "on")
    _check_open(group, on, now, "on")
    after = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    members = list(group.members.select_for_update().filter(after))
    latest = max([group.valid_from, *(member.valid_from for member in members)])
    if on <= latest:
        raise GroupRefused(f"解散日期要晚于成立和最后一次加入的日期{zhdate(latest)}。", "on")
    group.valid_to = on
    with because(reason):
        group.save(update_fields=["valid_to"])
        for member in members:
            member.valid_to = on
            member.save(update_fields=["valid_to"])
    return group
