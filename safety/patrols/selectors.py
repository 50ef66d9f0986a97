"""What patrols saw: of cameras, of kindergartens, of a county's week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Region, User
from kindergartens.models import Kindergarten, KindergartenStatus
from safety.models import DeviceFault, PatrolFinding, PatrolLook, VideoDevice, VideoPatrol
from safety.patrols.rules import Looked, Span, offline_spans

IN_HAND = "of the kindergartens in hand"
# How far back spans are followed: one that began earlier begins with the first look of that time.
FOLLOWED = dt.timedelta(days=400)


def local_day(moment: dt.datetime) -> dt.date:
    return timezone.localdate(moment)


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after the day."""
    return start_of(day + dt.timedelta(days=1))


def start_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def watched(user: User, day: dt.date) -> QuerySet[Kindergarten]:
    """Kindergartens the person sees that run on the day, by place."""
    running = KindergartenStatus.objects.unscoped("whether a kindergarten in the query runs").on(
        day
    )
    return (
        Kindergarten.objects.visible_to(user)
        .filter(Exists(running.filter(kindergarten=OuterRef("pk"), operating_state="operating")))
        .select_related("organisation__region")
        .order_by("organisation__region__code", "code")
    )


@dataclass
class Seen:
    """Of kindergartens in hand: cameras, and the spans in which each was offline."""

    devices: dict[int, list[VideoDevice]] = field(default_factory=lambda: defaultdict(list))
    spans: dict[int, list[Span]] = field(default_factory=dict)

    def spans_of(self, kindergarten: int) -> list[tuple[VideoDevice, Span]]:
        return [
            (device, span)
            for device in self.devices.get(kindergarten, [])
            for span in self.spans.get(device.pk, [])
        ]

    def offline_days(self, kindergarten: int, first: dt.date, last: dt.date) -> int:
        """Days of all cameras together within the days."""
        return sum(span.days_within(first, last) for _, span in self.spans_of(kindergarten))


def seen(kindergartens: Collection[int], until: dt.date) -> Seen:
    """As patrols until the end of a day tell it. Three queries, however many kindergartens."""
    found = Seen()
    for device in VideoDevice.objects.unscoped(IN_HAND).filter(kindergarten__in=kindergartens):
        found.devices[device.kindergarten_id].append(device)
    within = {"patrol__patrolled_at__lt": end_of(until)}
    within["patrol__patrolled_at__gte"] = start_of(until - FOLLOWED)
    offline: dict[int, set[int]] = defaultdict(set)
    faults = (
        DeviceFault.objects.unscoped(IN_HAND)
        .standing()
        .filter(device__kindergarten__in=kindergartens, state=DeviceFault.State.OFFLINE)
        .filter(**{f"look__{name}": value for name, value in within.items()})
        .order_by()
    )
    for key, patrol in faults.values_list("device", "look__patrol"):
        offline[key].add(patrol)
    with_faults = {
        one.kindergarten_id for rows in found.devices.values() for one in rows if one.pk in offline
    }
    looks: dict[int, list[Looked]] = defaultdict(list)
    rows = (
        PatrolLook.objects.unscoped(IN_HAND)
        .standing()
        .filter(kindergarten__in=with_faults, **within)
        .order_by("patrol__patrolled_at", "pk")
    )
    for key, moment, patrol in rows.values_list("kindergarten", "patrol__patrolled_at", "patrol"):
        looks[key].append(Looked(moment, local_day(moment), patrol))
    for rows_of_one in found.devices.values():
        for device in rows_of_one:
            if device.pk in offline:
                found.spans[device.pk] = offline_spans(
                    looks=looks[device.kindergarten_id],
                    offline=offline[device.pk],
                    ended_on=device.ended_on,
                )
    return found


def looks_within(kindergartens: Collection[int], first: dt.date, last: dt.date) -> dict[int, int]:
    """How many times each was looked at; one without a look is left out. One query."""
    rows = (
        PatrolLook.objects.unscoped(IN_HAND)
        .standing()
        .filter(
            kindergarten__in=kindergartens,
            patrol__patrolled_at__gte=start_of(first),
            patrol__patrolled_at__lt=end_of(last),
        )
        .order_by()
        .values("kindergarten")
        .annotate(n=Count("pk"))
    )
    return {row["kindergarten"]: row["n"] for row in rows}


def last_looks(kindergartens: Collection[int]) -> dict[int, dt.datetime]:
    """When each was last looked at; one that never was is left out. One query."""
    rows = (
        PatrolLook.objects.unscoped(IN_HAND)
        .standing()
        .filter(kindergarten__in=kindergartens)
        .order_by()
        .values("kindergarten")
        .annotate(last=Max("patrol__patrolled_at"))
    )
    return {row["kindergarten"]: row["last"] for row in rows}


def findings_within(
    kindergartens: Collection[int], first: dt.date, last: dt.date
) -> dict[int, list[PatrolFinding]]:
    """By kindergarten, the earliest first. One query."""
    rows = (
        PatrolFinding.objects.unscoped(IN_HAND)
        .standing()
        .filter(
            look__kindergarten__in=kindergartens,
            look__patrol__patrolled_at__gte=start_of(first),
            look__patrol__patrolled_at__lt=end_of(last),
        )
        .select_related("look__patrol")
        .order_by("look__patrol__patrolled_at", "pk")
    )
    found: dict[int, list[PatrolFinding]] = defaultdict(list)
    for row in rows:
        found[row.look.kindergarten_id].append(row)
    return found


def abnormal_within(
    kindergartens: Collection[int], first: dt.date, last: dt.date
) -> list[tuple[VideoDevice, int]]:
    """Cameras whose picture was abnormal, and on how many patrols. One query."""
    rows: QuerySet[Any] = (
        VideoDevice.objects.unscoped(IN_HAND)
        .filter(kindergarten__in=kindergartens)
        .annotate(
            n=Count(
                "faults",
                filter=Q(
                    faults__state=DeviceFault.State.ABNORMAL,
                    faults__look__patrol__withdrawn_at__isnull=True,
                    faults__look__patrol__patrolled_at__gte=start_of(first),
                    faults__look__patrol__patrolled_at__lt=end_of(last),
                ),
            )
        )
        .filter(n__gt=0)
        .order_by("kindergarten__organisation__region__code", "kindergarten__code", "number")
    )
    return [(row, row.n) for row in rows]


def patrols_of(user: User) -> QuerySet[Any]:
    """Patrols the person sees, the newest first, each with what it saw of the kindergartens seen.

    `looked`, `faulty`, `found`: kindergartens looked at, cameras with a fault, findings.
    """
    looks = PatrolLook.objects.visible_to(user)
    mine = Q(looks__in=looks)
    return (
        VideoPatrol.objects.visible_to(user)
        .select_related("patrolled_as__organisation", "patrolled_as__user")
        .annotate(
            looked=Count("looks", filter=mine, distinct=True),
            faulty=Count("looks__faults", filter=mine, distinct=True),
            found=Count("looks__findings", filter=mine, distinct=True),
        )
        .order_by("-patrolled_at", "-pk")
    )


def looks_of(user: User, patrol: VideoPatrol) -> list[PatrolLook]:
    """The kindergartens of one patrol that the person sees, those with something seen first."""
    rows = (
        PatrolLook.objects.visible_to(user)
        .filter(patrol=patrol)
        .select_related("kindergarten__organisation__region")
        .prefetch_related("faults__device", "findings")
        .order_by("kindergarten__organisation__region__code", "kindergarten__code")
    )
    return sorted(rows, key=lambda look: not (look.faults.all() or look.findings.all()))


def patrols_seeing(kindergartens: Collection[int], first: dt.date, last: dt.date) -> int:
    """Standing patrols that looked at one of them. One query."""
    return (
        PatrolLook.objects.unscoped(IN_HAND)
        .standing()
        .filter(
            kindergarten__in=kindergartens,
            patrol__patrolled_at__gte=start_of(first),
            patrol__patrolled_at__lt=end_of(last),
        )
        .aggregate(n=Count("patrol", distinct=True))["n"]
    )


def towns_watched(user: User, day: dt.date) -> list[tuple[Region, int]]:
    """Towns of the area with how many running kindergartens each has; for the form. One query."""
    rows = (
        watched(user, day).order_by().values(town=F("organisation__region")).annotate(n=Count("pk"))
    )
    numbers = {row["town"]: row["n"] for row in rows}
    towns = Region.objects.filter(pk__in=numbers).order_by("code")
    return [(town, numbers[town.pk]) for town in towns]


def devices_in_service(kindergartens: Iterable[int], day: dt.date) -> dict[int, list[VideoDevice]]:
    """By kindergarten. One query."""
    found: dict[int, list[VideoDevice]] = defaultdict(list)
    rows = VideoDevice.objects.unscoped(IN_HAND).in_service(day)
    for row in rows.filter(kindergarten__in=kindergartens).order_by("kindergarten", "number"):
        found[row.kindergarten_id].append(row)
    return found
