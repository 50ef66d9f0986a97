"""Lists of people sent to other kindergartens, and how many of which kindergarten and group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import User
from kindergartens.models import Group, GroupMember
from staffing.models import Secondment
from staffing.models.secondments import SecondmentQuerySet
from staffing.secondments.rules import months_served

STATES: Mapping[str, str] = {"": "在外的", "over": "已返回的", "all": "全部"}


def listed(user: User, state: str, today: dt.date) -> SecondmentQuerySet:
    """Not read yet; by sender, then the newest first."""
    rows = Secondment.objects.visible_to(user).standing()
    if state == "":
        rows = rows.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=today))
    elif state == "over":
        rows = rows.filter(ended_on__lte=today)
    return rows.select_related("person", "sender__organisation__region", "receiver").order_by(
        "sender__code", "-started_on", "pk"
    )


@dataclass
class Sent:
    """What a kindergarten, or those of a group, sent: people ever, people away today, and whole
    months served together.
    """

    name: str
    led_by: str = ""
    people: set[int] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    months: int = 0

    def add(self, row: Secondment, today: dt.date) -> None:
        self.people.add(row.person_id)
        if row.started_on <= today and not row.is_over(today):
            self.away.add(row.person_id)
        self.months += months_served(row.started_on, row.ended_on, today)


def by_sender(user: User, today: dt.date) -> tuple[list[Sent], list[Sent]]:
    """(by kindergarten, by group) of everybody who was ever sent. Three queries.

    A kindergarten belongs to a group that it leads, of which it is a member, or of which its town
    is; groups overlap, so theirs are never added.
    """
    rows = list(listed(user, "all", today))
    senders: dict[int, Sent] = {}
    towns: dict[int, int] = {}
    for row in rows:
        towns[row.sender_id] = row.sender.organisation.region_id
        senders.setdefault(row.sender_id, Sent(row.sender.name)).add(row, today)
    groups = Group.objects.visible_to(user).on(today).select_related("lead").order_by("kind", "pk")
    found = {group.pk: (group, Sent(group.name, group.led_by)) for group in groups}
    inside: dict[int, set[int]] = {
        pk: {group.lead_id} if group.lead_id else set() for pk, (group, _) in found.items()
    }
    members = GroupMember.objects.visible_to(user).on(today).filter(group__in=found)
    for group, town, kindergarten in members.values_list("group", "town", "kindergarten"):
        inside[group] |= {kindergarten} if kindergarten else {
            pk for pk, place in towns.items() if place == town
        }  # fmt: skip
    for row in rows:
        for pk, (_, sent) in found.items():
            if row.sender_id in inside[pk]:
                sent.add(row, today)
    return list(senders.values()), [sent for _, sent in found.values() if sent.people]
