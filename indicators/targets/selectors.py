"""Documents of a place, where each target stands there, and what a changed one would make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import F, Q, QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS, Indicator
from indicators.models import Policy, RegionFacts, Target
from indicators.rules import Counts, Verdict, counts_of, value_of
from indicators.selectors.judging import (
    LEVEL_NAMES,
    Judgement,
    MonthContext,
    judgements,
    leading,
    reference_date,
    starts,
)
from indicators.selectors.kindergarten import outlook_of_one
from indicators.selectors.region_sums import outlook, region_sums
from indicators.selectors.withholding import told
from indicators.sums import SUMS
from indicators.targets.gardens import Garden, gardens
from indicators.targets.rules import Combined, combined, is_softer
from kindergartens.models.demand import ancestors

KINDERGARTEN = "kindergarten"
Unit = RegionFacts | Garden


def policies_holding_in(home: Region) -> QuerySet[Policy]:
    """Documents of the nation, of the places above and of those below, the highest first."""
    within = Region.objects.within(home).values("pk")
    return (
        Policy.objects.filter(Q(region=None) | Q(region__in=ancestors(home)) | Q(region__in=within))
        .select_related("region")
        .order_by(F("region__level").asc(nulls_first=True), "region__code", "valid_from", "pk")
    )


@dataclass(frozen=True)
class Judged:
    """One region or kindergarten against one target."""

    target: Target
    indicator: Indicator
    level: str
    unit: Unit
    counts: Counts
    judgement: Judgement

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict

    @property
    def name(self) -> str:
        unit = self.unit
        return unit.region.name if isinstance(unit, RegionFacts) else unit.name

    @property
    def key(self) -> tuple[str, int]:
        """Tells units apart, whatever target judges them."""
        unit = self.unit
        pk = unit.region_id if isinstance(unit, RegionFacts) else unit.kindergarten_id
        return self.level, pk


@dataclass
class Scene:
    """Everything that is judged in a place in one month, read once."""

    region: Region
    context: MonthContext
    regions: Sequence[RegionFacts]
    kindergartens: Sequence[Garden]
    _sums: dict[tuple[str, int], Mapping[str, int | None]] = field(default_factory=dict)

    @property
    def month(self) -> dt.date:
        return self.context.month

    def judged(self, targets: Sequence[Target] | None = None) -> Iterator[Judged]:
        """Each unit against each target that judges it; `targets` in place of those in force."""
        context = self.context if targets is None else replace(self.context, targets=list(targets))
        for level in (*LEVEL_NAMES.values(), KINDERGARTEN):
            here = [t for t in context.targets_at(level) if t.indicator in INDICATORS]
            if not here:
                continue
            for unit in self._units(level):
                places, sums = _places(unit), self._sums_of(level, unit)
                for target in here:
                    indicator = INDICATORS[target.indicator].on(context.month)
                    # What is of a place only, nobody knows of a single kindergarten.
                    if target.policy.region_id in places and sums.keys() >= {*indicator.sums}:
                        yield _judge(target, indicator, level, unit, sums, context)

    def _units(self, level: str) -> Iterable[Unit]:
        if level == KINDERGARTEN:
            return self.kindergartens
        return [
            row
            for row in self.regions
            if LEVEL_NAMES[Region.Level(row.region.level)] == level
            and (level != "town" or row.region.is_township)
        ]

    def _sums_of(self, level: str, unit: Unit) -> Mapping[str, int | None]:
        if isinstance(unit, Garden):
            return unit.sums
        key = (level, unit.pk)
        if key not in self._sums:
            self._sums[key] = region_sums(unit)
        return self._sums[key]


def _judge(
    target: Target,
    indicator: Indicator,
    level: str,
    unit: Unit,
    sums: Mapping[str, int | None],
    context: MonthContext,
) -> Judged:
    counts = told(indicator, counts_of(indicator, sums))
    if isinstance(unit, RegionFacts):
        way = context.way_of(indicator, unit.region, value_of(indicator, counts))
        ahead, level_of = outlook(indicator, unit), unit.region.level
        [found] = judgements(indicator, counts, [target], ahead, way, level=level_of)
    else:
        ahead, level_of = outlook_of_one(indicator, sums), Region.Level.TOWN
        [found] = judgements(indicator, counts, [target], ahead, level=level_of)
    return Judged(target, indicator, level, unit, counts, found)


def _places(unit: Unit) -> set[int | None]:
    """Keys of all places whose documents reach a unit; None is the nation."""
    if isinstance(unit, RegionFacts):
        return {None, *ancestors(unit.region)}
    return {None, unit.county_id, unit.city_id, unit.province_id}


def scene(
    region: Region,
    month: dt.date,
    *,
    kindergartens: bool,
    also: Collection[str] = (),
    trying: bool = False,
) -> Scene:
    """Six queries at most, whatever the size.

    `kindergartens`: whether single ones may be judged. Read are the levels that some target in
    force names, and those `also` named; of kindergartens what targets ask about, or everything where
    it is to be seen what others would make of them.
    """
    day = reference_date(region, month)
    reaching = Q(policy__region=None) | Q(policy__region__in=ancestors(region))
    below = Q(policy__region__in=Region.objects.within(region).values("pk"))
    targets = list(
        Target.objects.in_force(day or month)
        .filter(reaching | below)
        .select_related("policy__region")
        .order_by("policy__region__level", "policy__slug", "pk")
    )
    named = {*also, *(level for target in targets for level in target.levels)}
    levels = [
        level for level, name in LEVEL_NAMES.items() if level >= region.level and name in named
    ]
    inside = Region.objects.within(region).values("pk")
    rows = list(
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(Q(region=region) | Q(region__in=inside, region__level__in=levels), month=month)
        .select_related("region")
        .order_by("region__level", "region__code")
    )
    single: list[Garden] = []
    if kindergartens and KINDERGARTEN in named:
        single = gardens(region, month, SUMS if trying else _asked_of_each(targets, month))
    begun = starts(region, month, targets, Q(region__in=[row.region_id for row in rows]))
    return Scene(region, MonthContext(month, day, None, targets, begun), rows, single)


def _asked_of_each(targets: Iterable[Target], month: dt.date) -> set[str]:
    """Sums that targets of single kindergartens are about."""
    asked = (INDICATORS.get(t.indicator) for t in targets if KINDERGARTEN in t.levels)
    return {name for indicator in asked if indicator for name in indicator.on(month).sums}


# ---- where targets stand -----------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where one target stands in the person's place: by level, and its own region's judgement.

    `whole` where the target names the region's level and those below: met when all meet it; `below`
    says so of each of those levels.
    `softer_than` is a target of a place above that asks more of the same level; `replaced` says by
    level which newer document judges in its place.
    """

    target: Target
    indicator: Indicator | None
    own: Judged | None = None
    by_level: Mapping[str, list[Judged]] = field(default_factory=dict)
    whole: Combined | None = None
    below: Mapping[str, Combined] = field(default_factory=dict)
    softer_than: Target | None = None
    replaced: Mapping[str, Target] = field(default_factory=dict)


def standings(found: Scene, targets: Iterable[Target]) -> list[Standing]:
    """Of each target, in the order given; one that is not in force that day stands nowhere."""
    by_target: dict[int, dict[str, list[Judged]]] = {}
    for one in found.judged():
        by_target.setdefault(one.target.pk, {}).setdefault(one.level, []).append(one)
    return [
        _standing(found, target, by_target.get(target.pk, {}), found.context.targets)
        for target in targets
    ]


def _standing(
    found: Scene, target: Target, by_level: dict[str, list[Judged]], in_force: Sequence[Target]
) -> Standing:
    home = LEVEL_NAMES[Region.Level(found.region.level)]
    own = next((one for one in by_level.get(home, [])), None)
    below = {
        level: [one.verdict for one in rows]
        for level, rows in by_level.items()
        if level not in (home, KINDERGARTEN)
    }
    return Standing(
        target,
        INDICATORS.get(target.indicator),
        own,
        by_level,
        combined(own.verdict, [one for rows in below.values() for one in rows])
        if own and below
        else None,
        {level: combined(own.verdict, rows) for level, rows in below.items()} if own else {},
        _softer_than(target, in_force),
        _replaced(target, in_force, found.context.day),
    )


def _replaced(target: Target, in_force: Sequence[Target], day: dt.date) -> dict[str, Target]:
    if target not in in_force:
        return {}
    by_level = {
        level: [t for t in in_force if level in t.levels and target.is_replaced_by(t, day)]
        for level in target.levels
    }
    return {level: newer[-1] for level, newer in by_level.items() if newer}


def _softer_than(target: Target, in_force: Sequence[Target]) -> Target | None:
    """The strictest of those above that ask more of a level both name."""
    own = target.policy.region
    if own is None:
        return None
    above = {None, *ancestors(own)} - {own.pk}
    stricter = [
        other
        for other in in_force
        if other.policy.region_id in above
        and (other.indicator, other.operator) == (target.indicator, target.operator)
        and set(other.levels) & set(target.levels)
        and is_softer(target.operator, target.value, other.value)
    ]
    return max(stricter, key=lambda t: t.value if t.operator == ">=" else -t.value, default=None)


# ---- what a change would make ------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """Units of one level that a change takes from one leading verdict to another; None: unjudged."""

    level: str
    before: Verdict | None
    after: Verdict | None
    names: list[str]

    @property
    def changes(self) -> bool:
        return self.before != self.after


def effect(found: Scene, indicators: Iterable[str], targets: Sequence[Target]) -> list[Move]:
    """What the leading verdicts of some indicators become with `targets` in place of those in force.

    Nothing is written and no code asked: the very judgement of the pages, twice.
    """
    codes = set(indicators)
    before = _leading(found.judged(), codes)
    after = _leading(found.judged(targets), codes)
    moves: dict[tuple[str, Verdict | None, Verdict | None], list[str]] = {}
    for key in [*before, *(key for key in after if key not in before)]:
        was, became = before.get(key), after.get(key)
        name = (was or became or ("", None))[0]
        move = (key[0][0], was and was[1], became and became[1])
        moves.setdefault(move, []).append(name)
    return [Move(level, was, became, names) for (level, was, became), names in moves.items()]


def _leading(
    judged: Iterable[Judged], codes: set[str]
) -> dict[tuple[tuple[str, int], str], tuple[str, Verdict]]:
    """By unit and indicator: the unit's name and the verdict that leads there."""
    found: dict[tuple[tuple[str, int], str], tuple[str, list[Judgement]]] = {}
    for one in judged:
        if one.indicator.code in codes:
            _, verdicts = found.setdefault((one.key, one.indicator.code), (one.name, []))
            verdicts.append(one.judgement)
    return {
        key: (name, first.verdict)
        for key, (name, verdicts) in found.items()
        if (first := leading(verdicts)) is not None
    }
