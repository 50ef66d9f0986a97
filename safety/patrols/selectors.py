"""What patrols saw: of cameras, of kindergartens, of a county's week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
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


def watched(user: User, day: dt.date, region: Region | None = None) -> QuerySet[Kindergarten]:
    """Kindergartens the person sees (of a region, where one is asked for) that run on the day, by place."""
    running = KindergartenStatus.objects.unscoped("whether a kindergarten in the query runs").on(
        day
    )
    within = Q() if region is None else Q(
        organisation__region__in=Region.objects.within(region).values("pk")
    )  # fmt: skip
    return (
        Kindergarten.objects.visible_to(user)
        .filter(
            within, Exists(running.filter(kindergarten=OuterRef("pk"), operating_state="operating"))
        )
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
    """As patrols until the end of a day tell it. Four queries, however many kindergartens."""
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
    rows = (
        PatrolLook.objects.unscoped(IN_HAND)
        .standing()
        .filter(kindergarten__in=with_faults, **within)
        .order_by("patrol__patrolled_at", "pk")
        .values_list("kindergarten", "patrol")
    )
    made = list(rows)
    patrols = {
        pk: Looked(at, local_day(at), pk)
        for pk, at in VideoPatrol.objects.unscoped(IN_HAND)
        .filter(pk__in={patrol for _, patrol in made})
        .values_list("pk", "patrolled_at")
    }
    looks: dict[int, list[Looked]] = defaultdict(list)
    for key, patrol in made:
        looks[key].append(patrols[patrol])
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
        .select_related("look__patrol", "hazard")
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


def patrols_of(user: User) -> QuerySet[VideoPatrol]:
    """Patrols the person sees, the newest first; not read yet."""
    return (
        VideoPatrol.objects.visible_to(user)
        .select_related("patrolled_as__organisation", "patrolled_as__user")
        .order_by("-patrolled_at", "-pk")
    )


@dataclass(frozen=True)
class PatrolLine:
    """One patrol and what it saw of the kindergartens one sees: how many, faults, findings."""

    patrol: VideoPatrol
    looked: int
    faulty: int
    found: int


def patrol_lines(user: User, patrols: Sequence[VideoPatrol]) -> list[PatrolLine]:
    """Three queries, however many are on the page."""
    kinds: tuple[tuple[QuerySet[Any], str], ...] = (
        (PatrolLook.objects.visible_to(user), "patrol"),
        (DeviceFault.objects.visible_to(user), "look__patrol"),
        (PatrolFinding.objects.visible_to(user), "look__patrol"),
    )
    counts = [
        dict(
            rows.filter(**{f"{path}__in": patrols})
            .order_by()
            .values_list(path)
            .annotate(n=Count("pk"))
        )
        for rows, path in kinds
    ]
    return [PatrolLine(one, *(each.get(one.pk, 0) for each in counts)) for one in patrols]


def looks_of(user: User, patrol: VideoPatrol) -> list[PatrolLook]:
    """The kindergartens of one patrol that the person sees, those with something seen first."""
    rows = (
        PatrolLook.objects.visible_to(user)
        .filter(patrol=patrol)
        .select_related("kindergarten__organisation__region")
        .prefetch_related("faults__device", "findings__hazard")
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
