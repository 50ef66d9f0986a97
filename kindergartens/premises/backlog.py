"""Sites whose fire acceptance (消防验收) is still to be finished, by who runs the kindergarten."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import Region, User
from kindergartens.models import FireAcceptance, KindergartenStatus, Site
from kindergartens.premises.selectors import running

SponsorType = KindergartenStatus.SponsorType


@dataclass(frozen=True)
class Waiting:
    """One site and where its acceptance stands since `acceptance.since`."""

    kindergarten: Any
    acceptance: FireAcceptance
    days: int
    days_over: int

    @property
    def town(self) -> Region:
        town: Region = self.kindergarten.current.town
        return town


@dataclass(frozen=True)
class OfSponsor:
    """Those of one kind of sponsor (办别), the longest waiting first."""

    sponsor: SponsorType
    rows: Sequence[Waiting]

    @property
    def label(self) -> str:
        """教育部门办; 民办 says it by itself."""
        said = self.sponsor.label
        return said if said.endswith("办") else f"{said}办"

    @property
    def kindergartens(self) -> int:
        return len({row.kindergarten.pk for row in self.rows})


@dataclass(frozen=True)
class Backlog:
    """`unregistered`: kindergartens with a site of which nobody has registered how it stands."""

    groups: Sequence[OfSponsor]
    unregistered: int

    @property
    def kindergartens(self) -> int:
        """A kindergarten with two sites that wait is one."""
        return sum(group.kindergartens for group in self.groups)

    @property
    def overdue(self) -> int:
        """Sites past the day they were to be finished by."""
        return sum(row.days_over > 0 for group in self.groups for row in group.rows)


def backlog(user: User, region: Region, day: dt.date) -> Backlog:
    """Of the kindergartens that run in a region on a day. Three queries, however many."""
    places = {one.pk: one for one in running(user, region, day)}
    sites = Site.objects.visible_to(user).on(day).filter(kindergarten__in=places)
    newest = (
        FireAcceptance.objects.visible_to(user)
        .filter(site__in=sites.values("pk"), since__lte=day)
        .order_by("site_id", "-since", "-pk")
        .distinct("site_id")
        .select_related("site")
    )
    by_site = {row.site_id: row for row in newest}
    of_sponsor: dict[str, list[Waiting]] = defaultdict(list)
    unregistered = set()
    for pk, place in sites.values_list("pk", "kindergarten"):
        acceptance = by_site.get(pk)
        if acceptance is None:
            unregistered.add(place)
        elif acceptance.state != FireAcceptance.State.PASSED:
            sponsor = places[place].current.sponsor_type
            of_sponsor[sponsor].append(_waiting(places[place], acceptance, day))
    groups = [
        OfSponsor(sponsor, sorted(of_sponsor[sponsor], key=lambda row: -row.days))
        for sponsor in SponsorType
        if sponsor in of_sponsor
    ]
    return Backlog(groups, len(unregistered))


def _waiting(kindergarten: Any, acceptance: FireAcceptance, day: dt.date) -> Waiting:
    due = acceptance.due_on
    return Waiting(
        kindergarten,
        acceptance,
        (day - acceptance.since).days,
        max(0, (day - due).days) if due is not None else 0,
    )
