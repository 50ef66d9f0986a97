"""What the pages of buildings and equipment show: each kindergarten against the standards in force.

Read for a whole area in a constant number of queries; everything is derived from counts, nothing
of it is stored.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Sum

from accounts.exports import CHUNK
from accounts.models import Region, User
from kindergartens.groups.filtering import EVERYONE
from kindergartens.models import (
    ClassCount,
    EquipmentCount,
    EquipmentItem,
    FireAcceptance,
    Kindergarten,
    KindergartenStatus,
    Measure,
    MonthlyFiling,
    PremisesCount,
    PremisesFigure,
    PremisesStandard,
    Site,
)
from kindergartens.models.demand import nearest
from kindergartens.premises import rules
from kindergartens.premises.figures import (
    FIRE_ORDER,
    AreaLine,
    EquipmentLine,
    HeadCount,
    MeasureSum,
    Overview,
    PremisesOf,
)
from kindergartens.premises.rules import Standing, Supply


def head_counts(user: User, kindergartens: Iterable[int], day: dt.date) -> dict[int, HeadCount]:
    """By kindergarten: what the newest return accepted up to a day counts."""
    newest = (
        MonthlyFiling.objects.visible_to(user)
        .filter(kindergarten__in=list(kindergartens), accepted_version__isnull=False)
        .filter(month__lte=day)
        .order_by("kindergarten_id", "-month")
        .distinct("kindergarten_id")
        .values_list("pk", "kindergarten", "month")
    )
    months = {pk: (kindergarten, month) for pk, kindergarten, month in newest}
    heads = (
        ClassCount.objects.visible_to(user)
        .filter(filing_version__filing__in=list(months))
        .filter(filing_version__version=F("filing_version__filing__accepted_version"))
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values_list("filing_version__filing")
        .annotate(head_count=Sum(F("boys") + F("girls")), classes=Count("pk"))
    )
    return {
        months[filing][0]: HeadCount(months[filing][1], children, classes)
        for filing, children, classes in heads
    }


def running(user: User, region: Region, day: dt.date, where: Q = EVERYONE) -> QuerySet[Any]:
    """Kindergartens of a region that run on a day, each with `current`, its status; `where`
    narrows them (a group's).
    """
    in_force = Q(statuses__valid_from__lte=day) & (
        Q(statuses__valid_to__isnull=True) | Q(statuses__valid_to__gt=day)
    )
    rows: Any = Kindergarten.objects.visible_to(user)
    return (
        rows.annotate(current=FilteredRelation("statuses", condition=in_force))
        .filter(current__operating_state=KindergartenStatus.OperatingState.OPERATING)
        .filter(where, current__town__in=Region.objects.within(region).values("pk"))
        .select_related("current__town__county")
        .order_by("current__town__code", "code")
    )


class Demands:
    """What is in force on a day, read once; for each county its nearest documents' rows."""

    def __init__(self, day: dt.date) -> None:
        self._standards: list[Any] = list(
            PremisesStandard.objects.in_force(day).select_related("region")
        )
        self._items: list[Any] = list(EquipmentItem.objects.in_force(day).select_related("region"))
        self._of: dict[int, tuple[dict[str, PremisesStandard], dict[str, EquipmentItem]]] = {}

    def of(self, county: Region) -> tuple[dict[str, PremisesStandard], dict[str, EquipmentItem]]:
        """(standards by measure, items by code in the order of the list)."""
        if county.pk not in self._of:
            standards = nearest(self._standards, county, lambda row: row.measure)
            items = nearest(self._items, county, lambda row: row.code)
            ordered = sorted(items.items(), key=lambda pair: (pair[1].position, pair[1].pk))
            self._of[county.pk] = (standards, dict(ordered))
        return self._of[county.pk]


@dataclass
class _Counted:
    """What has been confirmed of many sites, read once."""

    figures: dict[int, dict[str, tuple[Decimal, dt.date]]] = field(default_factory=dict)
    equipment: dict[int, dict[str, EquipmentCount]] = field(default_factory=dict)
    fire: dict[int, str] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)


def premises(user: User, kindergartens: Sequence[Any], day: dt.date) -> list[PremisesOf]:
    """Each kindergarten's buildings and equipment; `current` is its status on the day."""
    keys = [kindergarten.pk for kindergarten in kindergartens]
    heads = head_counts(user, keys, day)
    sites = _sites(user, keys, day)
    counted = _counted(user, [site.pk for group in sites.values() for site in group], day)
    demands = Demands(day)
    return [
        _premises_of(
            one,
            heads.get(one.pk),
            sites.get(one.pk, []),
            counted,
            *demands.of(one.current.town.county),
        )
        for one in kindergartens
    ]


def premises_one_by_one(
    user: User, region: Region, day: dt.date, where: Q = EVERYONE
) -> Iterator[PremisesOf]:
    """Those that run in a region, for a file: a chunk of them is read at a time."""
    rows = running(user, region, day, where).iterator(CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield from premises(user, chunk, day)
        for one in chunk:
            # The status points back: such a ring stays until the collector's next full round.
            del one.current


def overview(user: User, region: Region, day: dt.date, where: Q = EVERYONE) -> Overview:
    """The kindergartens of a county or town and the sums over them."""
    rows = premises(user, list(running(user, region, day, where)), day)
    county = region if region.level == Region.Level.COUNTY else region.county
    return _sums(rows, Demands(day), county or region)


def overviews(
    user: User, region: Region, day: dt.date, where: Q = EVERYONE
) -> list[tuple[Region, Overview]]:
    """By county of a city: those that have kindergartens, in the order of their codes."""
    demands = Demands(day)
    by_county: dict[int, list[PremisesOf]] = defaultdict(list)
    counties: dict[int, Region] = {}
    for row in premises(user, list(running(user, region, day, where)), day):
        county = row.status.town.county
        if county is not None:
            counties[county.pk] = county
            by_county[county.pk].append(row)
    ordered = sorted(counties.values(), key=lambda county: county.code)
    return [(county, _sums(by_county[county.pk], demands, county)) for county in ordered]


def _sums(rows: list[PremisesOf], demands: Demands, county: Region) -> Overview:
    standards, items = demands.of(county)
    supplies: dict[str, list[Supply]] = defaultdict(list)
    fire = dict.fromkeys(FIRE_ORDER, 0)
    for row in rows:
        fire[row.fire] += 1
        for line in row.equipment:
            supplies[line.item.code].append(line.supply)
    return Overview(
        rows=rows,
        measures=[
            _measure_sum(standards[measure], rows) for measure in Measure if measure in standards
        ],
        equipment=[(item, rules.sum_supplies(supplies[code])) for code, item in items.items()],
        fire=fire,
    )


def waiting_counts(user: User) -> Any:
    """Counts that wait to be confirmed, the oldest first."""
    return (
        PremisesCount.objects.visible_to(user)
        .filter(state=PremisesCount.State.SUBMITTED)
        .select_related(
            "site__kindergarten__organisation__region",
            "entered_as__user",
            "entered_as__organisation",
        )
        .order_by("entered_at")
    )


def counts_of(user: User, kindergarten: Kindergarten) -> list[PremisesCount]:
    """A kindergarten's counts with their lines, the newest first."""
    return list(
        PremisesCount.objects.visible_to(user)
        .filter(site__kindergarten=kindergarten)
        .select_related("site", "entered_as__user", "entered_as__organisation", "decided_as__user")
        .prefetch_related("figures", "equipment__item")[:20]
    )


def last_lines(site: Site, day: dt.date) -> tuple[dict[str, Decimal], dict[str, EquipmentCount]]:
    """What the newest count of a site that was not sent back says, to begin the next from."""
    counts = list(
        site.counts.exclude(state=PremisesCount.State.RETURNED)
        .filter(counted_on__lte=day)
        .prefetch_related("figures", "equipment__item")
        .order_by("counted_on", "pk")
    )
    figures: dict[str, Decimal] = {}
    equipment: dict[str, EquipmentCount] = {}
    for count in counts:
        figures |= {line.measure: line.value for line in count.figures.all()}
        equipment |= {line.item.code: line for line in count.equipment.all()}
    return figures, equipment


def _sites(user: User, kindergartens: list[int], day: dt.date) -> dict[int, list[Site]]:
    found: dict[int, list[Site]] = defaultdict(list)
    for site in Site.objects.visible_to(user).on(day).filter(kindergarten__in=kindergartens):
        found[site.kindergarten_id].append(site)
    return found


def _counted(user: User, sites: list[int], day: dt.date) -> _Counted:
    counted = _Counted()
    confirmed = Q(
        count__site__in=sites,
        count__state=PremisesCount.State.CONFIRMED,
        count__counted_on__lte=day,
    )
    newest = ("-count__counted_on", "-count_id")
    for site, measure, value, counted_on in (
        PremisesFigure.objects.visible_to(user)
        .filter(confirmed)
        .order_by("count__site_id", "measure", *newest)
        .distinct("count__site_id", "measure")
        .values_list("count__site_id", "measure", "value", "count__counted_on")
    ):
        counted.figures.setdefault(site, {})[measure] = (value, counted_on)
    for line in (
        EquipmentCount.objects.visible_to(user)
        .filter(confirmed)
        .order_by("count__site_id", "item__code", *newest)
        .distinct("count__site_id", "item__code")
        .select_related("count", "item")
    ):
        counted.equipment.setdefault(line.count.site_id, {})[line.item.code] = line
    for site, state in (
        FireAcceptance.objects.visible_to(user)
        .filter(site__in=sites, since__lte=day)
        .order_by("site_id", "-since", "-pk")
        .distinct("site_id")
        .values_list("site", "state")
    ):
        counted.fire[site] = state
    counted.waiting = set(
        PremisesCount.objects.visible_to(user)
        .filter(site__in=sites, state=PremisesCount.State.SUBMITTED)
        .values_list("site", flat=True)
    )
    return counted


def _premises_of(
    kindergarten: Any,
    heads: HeadCount | None,
    sites: list[Site],
    counted: _Counted,
    standards: Mapping[str, PremisesStandard],
    items: Mapping[str, EquipmentItem],
) -> PremisesOf:
    main = next((site for site in sites if site.is_main), None)
    states = [counted.fire.get(site.pk, "unknown") for site in sites] or ["unknown"]
    public = kindergarten.current.ownership == KindergartenStatus.Ownership.PUBLIC
    return PremisesOf(
        kindergarten=kindergarten,
        status=kindergarten.current,
        heads=heads,
        sites=sites,
        designed_in=main.designed_in if main else None,
        areas=[_area(m, heads, sites, counted, standards.get(m)) for m in Measure],
        equipment=[
            _equipment(item, heads, sites, counted)
            for item in items.values()
            if public or not item.public_only
        ],
        fire=min(states, key=FIRE_ORDER.index),
        waiting=any(site.pk in counted.waiting for site in sites),
    )


def _area(
    measure: Measure,
    heads: HeadCount | None,
    sites: list[Site],
    counted: _Counted,
    standard: PremisesStandard | None,
) -> AreaLine:
    found = [counted.figures.get(site.pk, {}).get(measure) for site in sites]
    value = rules.total(one[0] if one else None for one in found)
    children = heads.children if heads else None
    least = standard.at_least if standard else None
    return AreaLine(
        measure=measure,
        standard=standard,
        value=value,
        counted_on=min((one[1] for one in found if one), default=None),
        per_child=rules.per_child(value, children),
        standing=rules.standing(value, children, least) if least else Standing.UNKNOWN,
        shortfall=rules.shortfall(value, children, least) if least else None,
    )


def _equipment(
    item: EquipmentItem, heads: HeadCount | None, sites: list[Site], counted: _Counted
) -> EquipmentLine:
    lines = [counted.equipment.get(site.pk, {}).get(item.code) for site in sites]
    surveyed = rules.total(line.needed if line else None for line in lines)
    children, classes = (heads.children, heads.classes) if heads else (None, None)
    needed = rules.needed(
        item.need,
        item.amount,
        surveyed=surveyed,
        children=children,
        classes=classes,
        whole=item.whole,
    )
    lack = rules.why_not_needed(
        item.need,
        item.amount,
        surveyed=surveyed,
        counted=bool(lines) and all(lines),
        children=children,
        classes=classes,
    )
    present = rules.total(line.present if line else None for line in lines)
    return EquipmentLine(
        item=item,
        supply=Supply(present=present, needed=needed, unit_cost=item.unit_cost_yuan, lack=lack),
        counted_on=min((line.count.counted_on for line in lines if line), default=None),
    )


def _measure_sum(standard: PremisesStandard, rows: Sequence[PremisesOf]) -> MeasureSum:
    by_design: dict[bool | None, list[Standing]] = {True: [], False: [], None: []}
    for row in rows:
        is_new = rules.is_new_design(row.designed_in, standard.designed_since)
        found = [line.standing for line in row.areas if line.measure == standard.measure]
        by_design[is_new] += found
    new, old = rules.cohort(by_design[True]), rules.cohort(by_design[False])
    return MeasureSum(
        standard=standard,
        new=new,
        old=old,
        undated=rules.cohort(by_design[None]),
        new_verdict=rules.judge_cohort(new, standard.share_of_new),
        old_verdict=rules.judge_cohort(old, standard.share_of_old),
    )
