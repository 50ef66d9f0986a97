"""Entering population and births, one region's or a whole table's; figures follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.context import because
from accounts.models import Job, Region, User
from kindergartens.models import BirthCount, Population
from kindergartens.population import selectors
from kindergartens.population.selectors import Affected, months_affected
from kindergartens.recompute import ask_for_figures

RATE_AGES = frozenset({3, 4, 5})


class Refused(Exception):
    """It cannot be entered like this; the text says why and what to do."""


class ChangedMeanwhile(Exception):
    """Somebody changed a region's values after the form was made from them."""


@dataclass(frozen=True)
class Entry:
    """One region's children on a date: `children` by age, None takes a value away again.

    `seen` is the stamp of what was there when the person started (selectors.Entered); None for a
    table, which is compared with what it was checked against.
    """

    region: Region
    reference_date: dt.date
    base: str
    children: Mapping[int, int | None]
    source: str
    seen: str | None = None


@dataclass
class Entered:
    """What was written, and which figures follow."""

    changed: int = 0
    affected: list[Affected] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


def editable_county(by: User) -> Region:
    """The county whose population the person enters. Raises PermissionDenied."""
    home = home_region(by)
    if home is None or home.level != Region.Level.COUNTY or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("只有区县教育局可以登记学前人口。")
    return home


@transaction.atomic
def enter_population(
    *, entries: Sequence[Entry], reason: str, by: User, now: dt.datetime
) -> Entered:
    """Write population rows of the person's own county, and have open figures computed again.

    Again with the same values, it changes nothing. Months that are locked keep their figures.
    Raises Refused without a reason or source, ChangedMeanwhile for values that are others than the
    person saw, PermissionDenied for another county's region.
    """
    county = editable_county(by)
    # One after the other: two who both find a date empty would not see each other's rows.
    Region.objects.select_for_update(no_key=True).get(pk=county.pk)
    if not reason.strip():
        raise Refused("请写明原因：数从哪里来，为什么改。")
    _check_regions(county, [entry.region for entry in entries])
    for entry in entries:
        _check_entry(entry)
    there = {
        (row.region_id, row.reference_date, row.base, row.age): row
        for row in Population.objects.select_for_update().filter(
            region__in={entry.region.pk for entry in entries},
            reference_date__in={entry.reference_date for entry in entries},
        )
    }
    new: list[Population] = []
    changed: list[Population] = []
    gone: list[int] = []
    moved: list[tuple[Region, dt.date, str]] = []
    for entry in entries:
        for age, children in entry.children.items():
            row = there.get((entry.region.pk, entry.reference_date, entry.base, age))
            if row is None and children is not None:
                new.append(_row(entry, age, children))
            elif row is not None and children is None:
                gone.append(row.pk)
            elif row is not None and children is not None:
                if (row.children, row.source) == (children, entry.source.strip()):
                    continue
                if row.children == children:
                    row.source = entry.source.strip()
                    changed.append(row)
                    continue
                row.children, row.source = children, entry.source.strip()
                changed.append(row)
            else:
                continue
            if age in RATE_AGES:
                moved.append((entry.region, entry.reference_date, entry.base))
    with because(reason.strip()):
        Population.objects.bulk_create(new, batch_size=2000)
        Population.objects.bulk_update(changed, ["children", "source"], batch_size=2000)
        Population.objects.filter(pk__in=gone).delete()
    entered = Entered(changed=len(new) + len(changed) + len(gone))
    entered.affected = months_affected(county, moved, now=now)
    months = [one.month for one in entered.affected if not one.locked]
    if months:
        entered.jobs = [ask_for_figures(county=county, month=min(months), now=now)]
    return entered


def _check_entry(entry: Entry) -> None:
    if not entry.source.strip():
        raise Refused("请写明来源，如“区统计局年报”。")
    if entry.seen is None:
        return
    there = selectors.entered(entry.region, day=entry.reference_date, base=entry.base)
    if entry.seen != there.stamp:
        raise ChangedMeanwhile


def _row(entry: Entry, age: int, children: int) -> Population:
    return Population(
        region=entry.region,
        reference_date=entry.reference_date,
        base=entry.base,
        age=age,
        children=children,
        source=entry.source.strip(),
    )


@dataclass(frozen=True)
class Births:
    """One region's births of one year."""

    region: Region
    year: int
    base: str
    children: int
    source: str


@transaction.atomic
def enter_births(*, births: Sequence[Births], reason: str, by: User) -> int:
    """Write births of the person's own county; returns how many rows changed. No figure moves."""
    county = editable_county(by)
    if not reason.strip():
        raise Refused("请写明原因：数从哪里来，为什么改。")
    _check_regions(county, [one.region for one in births])
    there = {
        (row.region_id, row.year, row.base): row
        for row in BirthCount.objects.select_for_update().filter(
            region__in={one.region.pk for one in births}, year__in={one.year for one in births}
        )
    }
    new, changed = [], []
    for one in births:
        row = there.get((one.region.pk, one.year, one.base))
        values = (one.children, one.source.strip())
        if row is None:
            new.append(
                BirthCount(
                    region=one.region, year=one.year, base=one.base,
                    children=one.children, source=one.source.strip(),
                )
            )  # fmt: skip
        elif (row.children, row.source) != values:
            row.children, row.source = values
            changed.append(row)
    with because(reason.strip()):
        BirthCount.objects.bulk_create(new, batch_size=2000)
        BirthCount.objects.bulk_update(changed, ["children", "source"], batch_size=2000)
    return len(new) + len(changed)


def _check_regions(county: Region, regions: Sequence[Region]) -> None:
    outside = [region.name for region in regions if not county.contains(region)]
    if outside:
        raise PermissionDenied(f"{'、'.join(sorted(set(outside))[:3])}不在{county}，不能登记。")
