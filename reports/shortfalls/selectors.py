"""How far each region and kindergarten is from each target in force (达标差距)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q, Sum

from accounts.models import Region, User
from indicators.catalogue import Indicator
from indicators.models import RegionFacts, Target
from indicators.rules import Verdict
from indicators.targets.gardens import Garden
from indicators.targets.rules import Progress
from indicators.targets.selectors import Judged, Scene, scene
from kindergartens.models import ConstructionProject
from reports.shortfalls.rules import Need, need_of


@dataclass(frozen=True)
class Asked:
    """What part of it a page shows; empty: all."""

    policy: int | None = None
    indicator: str = ""
    level: str = ""
    ownership: str = ""

    def takes(self, one: Judged) -> bool:
        facts = one.unit
        return (
            (self.policy is None or one.target.policy_id == self.policy)
            and (not self.indicator or one.target.indicator == self.indicator)
            and (not self.level or one.level == self.level)
            and (
                not self.ownership
                or (isinstance(facts, Garden) and facts.ownership == self.ownership)
            )
        )


@dataclass(frozen=True)
class Shortfall:
    judged: Judged
    need: Need


@dataclass
class TargetSum:
    """One target at one level: how many units are judged, and what those that miss it are short of.

    Only units of one level are added: a county's children are those of its towns. Those that wait
    for returns (待报齐) are counted apart and in no sum.
    """

    target: Target
    indicator: Indicator
    level: str
    # Of the region asked for itself, where the target judges it.
    progress: Progress | None = None
    judged: int = 0
    met: int = 0
    unmet: int = 0
    pending: int = 0
    unavailable: int = 0
    short: int = 0


@dataclass
class Shortfalls:
    scene: Scene
    sums: list[TargetSum] = field(default_factory=list)
    unmet: list[Shortfall] = field(default_factory=list)
    pending: list[Shortfall] = field(default_factory=list)
    # What may be chosen, whatever is chosen now.
    targets: list[Target] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)


def shortfalls(
    region: Region, month: dt.date, asked: Asked, *, kindergartens: bool, most_first: bool = False
) -> Shortfalls:
    """Everything that is short, in order; queries do not grow with targets, towns or kindergartens."""
    found = Shortfalls(scene(region, month, kindergartens=kindergartens))
    sums: dict[tuple[int, str], TargetSum] = {}
    targets: dict[int, Target] = {}
    levels: dict[str, None] = {}
    for one in found.scene.judged():
        targets[one.target.pk] = one.target
        levels[one.level] = None
        if asked.takes(one):
            key = (one.target.pk, one.level)
            total = sums.setdefault(key, TargetSum(one.target, one.indicator, one.level))
            _count(total, one, found)
    for rows in (found.unmet, found.pending):
        rows.sort(key=lambda row: row.need.order, reverse=most_first)
    found.sums = list(sums.values())
    found.targets, found.levels = list(targets.values()), list(levels)
    return found


def _count(total: TargetSum, one: Judged, found: Shortfalls) -> None:
    verdict, gap = one.verdict, one.judgement.gap
    total.judged += 1
    if isinstance(one.unit, RegionFacts) and one.unit.region_id == found.scene.region.pk:
        total.progress = one.judgement.progress
    if verdict in (Verdict.MET, Verdict.NEAR):
        total.met += 1
    elif verdict is Verdict.UNAVAILABLE:
        total.unavailable += 1
    elif gap is None:
        # Pay is short by yuan that are not told there (indicators.selectors.withholding).
        total.pending += verdict is Verdict.PENDING
        total.unmet += verdict is Verdict.UNMET
    else:
        row = Shortfall(one, need_of(one.indicator, one.counts, gap))
        if verdict is Verdict.PENDING:
            total.pending += 1
            found.pending.append(row)
        else:
            total.unmet += 1
            total.short += gap
            found.unmet.append(row)


def seats_being_built(user: User, rows: Iterable[Shortfall], day: dt.date) -> Mapping[int, int]:
    """By region's key, seats planned in projects that were not handed over on a day. One query.

    Of the counties that the person reads; a province or city has those of its counties.
    """
    places = {
        row.judged.unit.region_id
        for row in rows
        if isinstance(row.judged.unit, RegionFacts) and row.judged.indicator.by_population
    }
    if not places:
        return {}
    waiting = (
        ConstructionProject.objects.visible_to(user)
        .filter(Q(delivered_on=None) | Q(delivered_on__gt=day), seats_planned__isnull=False)
        .order_by()
        .values_list("town", "county", "county__city", "county__province")
        .annotate(Sum("seats_planned"))
    )
    seats: Counter[int] = Counter()
    for *around, planned in waiting:
        for place in places.intersection(around):
            seats[place] += planned
    return seats
