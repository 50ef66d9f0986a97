"""Are the stored figures what the facts say, and the frozen facts what the versions say?

Every month is summed anew by recompute's own statement into a temporary table and compared with the
stored rows in one statement. A difference in a month that is still open is mended and reported; one
in a month that somebody may have signed is only listed, until an officer decides with a reason.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.history.context import because
from accounts.models import Job, Membership, Region
from indicators.models import FigureDrift, KindergartenFacts, RecomputeRun, RegionFacts
from indicators.services.freeze import VERSIONS_SUMMED
from indicators.services.recompute import lock_month, prepare, recompute, silent_counties
from indicators.services.statements import COLUMNS, FORGET_SUMS, SUM_ALL, sums_sql
from kindergartens.models import ReportingPeriod
from kindergartens.recompute import KIND as RECOMPUTE_KIND
from kindergartens.rules import CLASS_SIZE_LIMITS

Kind = FigureDrift.Kind
Ending = FigureDrift.Ending
ALL_ARE_COMPARED = "the portal itself compares all rows; pages show them by visible_to"
# A province alone is summed like one county: as many constants as it has counties.
SUM_PROVINCE = f"""
CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS {sums_sql(one_county=True)} SELECT * FROM fresh
"""  # noqa: S608 - built from column names, never from input
IN_PROVINCE = "(%(province)s IS NULL OR g.id = %(province)s OR g.province_id = %(province)s)"

COMPARE = f"""
SELECT coalesce(n.region_id, old.region_id), to_jsonb(old), to_jsonb(n)
FROM fresh n
FULL JOIN (SELECT * FROM indicators_regionfacts WHERE month = %(month)s) old
    ON old.region_id = n.region_id
JOIN accounts_region g ON g.id = coalesce(n.region_id, old.region_id)
WHERE {IN_PROVINCE}
    AND (old.region_id IS NULL OR n.region_id IS NULL
        OR ({", ".join(f"n.{name}" for name in COLUMNS)})
            IS DISTINCT FROM ({", ".join(f"old.{name}" for name in COLUMNS)}))
ORDER BY g.level, g.code
"""  # noqa: S608 - built from the column names above, never from input

# What a director typed and freezing only added up: column of the facts -> the version's own sum.
TYPED = {
    "enrolled_children": "coalesce(k.enrolled, 0)",
    "nursery_children": "coalesce(k.nursery, 0)",
    "over_age_children": "coalesce(k.over_age, 0)",
    "classes": "coalesce(k.classes, 0)",
    "compliant_classes": "coalesce(k.compliant, 0)",
    "principals": "coalesce(p.principals, 0)",
    "full_time_teachers": "coalesce(p.teachers, 0)",
    "childcare_workers": "coalesce(p.carers, 0)",
    "health_staff": "coalesce(p.health, 0)",
    "other_staff": "coalesce(p.others, 0)",
    "certified_principals_and_teachers": "coalesce(p.certified, 0)",
}
VERSIONS_OF_MONTH = VERSIONS_SUMMED.replace(
    "%(versions)s",
    """ARRAY(SELECT filing_version_id FROM indicators_kindergartenfacts
        WHERE month = %(month)s AND superseded_at IS NULL)""",
)
COMPARE_FROZEN = f"""{VERSIONS_OF_MONTH}
SELECT f.kindergarten_id, f.town_id,
    jsonb_build_object({", ".join(f"'{name}', f.{name}" for name in TYPED)}),
    jsonb_build_object({", ".join(f"'{name}', {typed}" for name, typed in TYPED.items())})
FROM indicators_kindergartenfacts f
JOIN accounts_region g ON g.id = f.town_id
LEFT JOIN class_sums k ON k.version_id = f.filing_version_id
LEFT JOIN staff_sums p ON p.version_id = f.filing_version_id
WHERE f.month = %(month)s AND f.superseded_at IS NULL AND {IN_PROVINCE}
    AND ({", ".join(f"f.{name}" for name in TYPED)}) IS DISTINCT FROM ({", ".join(TYPED.values())})
ORDER BY g.code, f.kindergarten_id
"""  # noqa: S608 - built from the column names above, never from input
THAW = f"""{VERSIONS_SUMMED}
UPDATE indicators_kindergartenfacts f
SET {", ".join(f"{name} = {typed}" for name, typed in TYPED.items())}
FROM chosen c
LEFT JOIN class_sums k ON k.version_id = c.version_id
LEFT JOIN staff_sums p ON p.version_id = c.version_id
WHERE f.filing_version_id = c.version_id
"""  # noqa: S608 - built from the column names above, never from input


@dataclass(frozen=True)
class Difference:
    """One row that is not as it should be: column -> [stored, computed anew]."""

    region: int
    kind: str
    values: dict[str, list[Any]]
    kindergarten: int | None = None

    @property
    def key(self) -> tuple[int, int | None]:
        return self.region, self.kindergarten


@dataclass
class Outcome:
    """What one month's verification came to. `mended` are rows of open months."""

    found: int = 0
    mended: int = 0
    postponed: int = 0
    written: int = 0
    standing: list[FigureDrift] = field(default_factory=list)


def compare(*, month: dt.date, province: Region | None = None) -> list[Difference]:
    """Every row of a month that differs: sums of regions first, then frozen facts.

    Belongs in a transaction; keeps recompute away from the month until it ends.
    """
    parameters: dict[str, Any] = {
        "month": month,
        "province": province.pk if province else None,
        "scope": [],
        "grades": [str(grade) for grade in CLASS_SIZE_LIMITS],
        "limits": list(CLASS_SIZE_LIMITS.values()),
    }
    with connection.cursor() as cursor:
        prepare(cursor)
        lock_month(cursor, month)
        parameters |= silent_counties(month, province.pk if province else None)
        if province is not None:
            own = ReportingPeriod.objects.unscoped(ALL_ARE_COMPARED).filter(
                month=month, county__province=province
            )
            parameters["scope"] = [
                *own.values_list("county", flat=True), *parameters["silent"]
            ]  # fmt: skip
        cursor.execute(SUM_PROVINCE if province else SUM_ALL, parameters)
        cursor.execute(COMPARE, parameters)
        found = [_of_region(region, *_rows(sides)) for region, *sides in cursor.fetchall()]
        cursor.execute(FORGET_SUMS)
        cursor.execute(COMPARE_FROZEN, parameters)
        found += [
            Difference(town, Kind.FROZEN, _differing(TYPED, *_rows(sides)), kindergarten)
            for kindergarten, town, *sides in cursor.fetchall()
        ]
    return found


def _rows(sides: Sequence[str | None]) -> list[dict[str, Any]]:
    """Both sides of a comparison as they come from the database; empty where there is no row."""
    return [json.loads(side) if side else {} for side in sides]


def _of_region(region: int, stored: dict[str, Any], fresh: dict[str, Any]) -> Difference:
    kind = Kind.MISSING if not stored else Kind.EXTRA if not fresh else Kind.CHANGED
    return Difference(region, kind, _differing(COLUMNS, stored, fresh))


def _differing(
    names: Iterable[str], stored: dict[str, Any], fresh: dict[str, Any]
) -> dict[str, list[Any]]:
    pairs = {name: [stored.get(name), fresh.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@transaction.atomic
def verify_month(
    *, run: RecomputeRun, month: dt.date, now: dt.datetime, province: Region | None = None
) -> Outcome:
    """Compare one month, mend what is open, keep what is found, settle what agrees again.

    Rows of a province in which a recomputation of the month still waits are left for the next time:
    there the sums are behind for a moment, and rightly so.
    """
    found = compare(month=month, province=province)
    regions = Region.objects.in_bulk([one.region for one in found])
    busy = _provinces_at_work(month)
    waiting: list[Difference] = []
    counted: list[Difference] = []
    for one in found:
        behind = one.kind != Kind.FROZEN and _province(regions[one.region]) in busy
        (waiting if behind else counted).append(one)
    open_ones = _open(counted, regions, month, now)
    outcome = Outcome(found=len(counted), mended=len(open_ones), postponed=len(waiting))
    everywhere = province is None and not waiting and len(open_ones) == len(counted)
    outcome.written = _recompute_around(
        [regions[one.region] for one in open_ones], month, now, everywhere=everywhere
    )
    outcome.standing = _keep(run, month, province, counted, waiting, open_ones, now)
    return outcome


def _province(region: Region) -> int:
    return region.province_id or region.pk


def _provinces_at_work(month: dt.date) -> set[int | None]:
    """Provinces with a recomputation of this month that was asked for and is not done."""
    jobs = Job.objects.unscoped(ALL_ARE_COMPARED).filter(
        kind=RECOMPUTE_KIND,
        state__in=[Job.State.QUEUED, Job.State.RUNNING],
        arguments__month__lte=month.isoformat(),
    )
    return set(jobs.values_list("county__province", flat=True))


def _open(
    found: Sequence[Difference], regions: dict[int, Region], month: dt.date, now: dt.datetime
) -> list[Difference]:
    """Sums that nobody can have signed yet: of counties before their lock, and of places above
    them below which no locked county differs.
    """
    open_counties = set(
        ReportingPeriod.objects.unscoped(ALL_ARE_COMPARED)
        .filter(month=month, locks_at__gt=now)
        .values_list("county", flat=True)
    )
    sums = [one for one in found if one.kind != Kind.FROZEN]
    low = [one for one in sums if regions[one.region].level >= Region.Level.COUNTY]
    locked = [one for one in low if _county(regions[one.region]) not in open_counties]
    above_locked = {
        pk
        for one in locked
        for pk in (regions[one.region].city_id, regions[one.region].province_id)
    }
    period = ReportingPeriod.objects.unscoped(ALL_ARE_COMPARED).filter(month=month)
    with_open = period.filter(county__in=open_counties)
    above_open = {
        *with_open.values_list("county__city", flat=True),
        *with_open.values_list("county__province", flat=True),
    }
    low_open = [one for one in low if _county(regions[one.region]) in open_counties]
    high_open = [
        one
        for one in sums
        if regions[one.region].level < Region.Level.COUNTY
        and one.region in above_open
        and one.region not in above_locked
    ]
    return [*low_open, *high_open]


def _county(region: Region) -> int:
    return region.county_id or region.pk


def _recompute_around(
    places: Sequence[Region], month: dt.date, now: dt.datetime, *, everywhere: bool = False
) -> int:
    """Recompute what the rows of these places are sums of; how many rows were written."""
    if not places:
        return 0
    if everywhere:
        return recompute(month=month, now=now)
    return sum(
        recompute(month=month, now=now, county=county) for county in _counties_around(places, month)
    )


def _counties_around(places: Sequence[Region], month: dt.date) -> list[Region]:
    """The counties with a period whose recomputation brings the rows of these places up to date."""
    with_period = Region.objects.filter(
        level=Region.Level.COUNTY, pk__in=_periods_of(month).values("county")
    )
    own = {_county(place) for place in places if place.level >= Region.Level.COUNTY}
    chosen = {county.pk: county for county in with_period.filter(pk__in=own)}
    done_above = {pk for county in chosen.values() for pk in (county.city_id, county.province_id)}
    for place in places:
        if _county(place) in chosen or place.pk in done_above:
            continue
        # Any county of a place brings the row above up to date with all of them, and any of its
        # province a county that owes returns without having a period.
        wider = place.pk if place.level < Region.Level.COUNTY else place.province_id
        inside = with_period.filter(Q(city=wider) | Q(province=wider)).order_by("code").first()
        if inside is not None:
            chosen[inside.pk] = inside
    return sorted(chosen.values(), key=lambda county: county.code)


def _periods_of(month: dt.date) -> QuerySet[ReportingPeriod]:
    return ReportingPeriod.objects.unscoped(ALL_ARE_COMPARED).filter(month=month)


def _keep(
    run: RecomputeRun,
    month: dt.date,
    province: Region | None,
    found: Sequence[Difference],
    waiting: Sequence[Difference],
    mended: Sequence[Difference],
    now: dt.datetime,
) -> list[FigureDrift]:
    """Write what was found, once a row; what stood and agrees now is settled. What still stands."""
    standing = {
        (drift.region_id, drift.kindergarten_id): drift
        for drift in _standing(month, province).select_for_update()
    }
    ended = {one.key for one in mended}
    kept = []
    for one in found:
        drift = standing.pop(one.key, None) or FigureDrift(
            region_id=one.region, kindergarten_id=one.kindergarten, month=month, found_at=now
        )
        drift.run, drift.kind, drift.differences = run, one.kind, one.values
        if one.key in ended:
            drift.settled_at, drift.ending = now, Ending.OPEN_MONTH
        else:
            kept.append(drift)
        drift.save()
    still = {one.key for one in waiting}
    for key, drift in standing.items():
        if key not in still:
            drift.settled_at, drift.ending = now, Ending.AGREES
            drift.save(update_fields=["settled_at", "ending"])
    return kept


def _standing(month: dt.date, province: Region | None) -> Any:
    rows = FigureDrift.objects.unscoped(ALL_ARE_COMPARED).standing().filter(month=month)
    if province is not None:
        rows = rows.filter(Q(region=province) | Q(region__province=province))
    return rows


@transaction.atomic
def repair(*, drift: FigureDrift, reason: str, asked_as: Membership, now: dt.datetime) -> int:
    """Compute anew what a listed row says, and settle every row of its province that then agrees.

    The caller has checked that the person may, and that the row is within their place. Frozen facts
    are set back to the counts of their version first; a row that stands for nothing goes. The
    reason and the person stand beside what was recomputed for them; what agrees without that is
    settled as the nightly verification would. Returns how many rows agree now that did not.
    """
    is_extra = drift.kind == Kind.EXTRA
    province = drift.region if drift.region.province_id is None else drift.region.province
    with because(reason):
        if drift.kindergarten_id is not None:
            _set_back(drift)
        began = RecomputeRun(
            purpose=RecomputeRun.Purpose.REPAIR, region=drift.region, months=[drift.month], done=1,
            began_at=now, finished_at=now, state=RecomputeRun.State.DONE, asked_as=asked_as,
        )  # fmt: skip
        counties = [] if is_extra else _counties_around([drift.region], drift.month)
        began.rows = sum(recompute(month=drift.month, now=now, county=one) for one in counties)
        left = {one.key: one.kind for one in compare(month=drift.month, province=province)}
        key = (drift.region_id, drift.kindergarten_id)
        if is_extra and left.get(key) == Kind.EXTRA:
            began.rows += _remove(drift)
            del left[key]
        began.save()
        recomputed = _written_with(counties)
        settled = 0
        for row in _standing(drift.month, province).select_for_update():
            if (row.region_id, row.kindergarten_id) in left:
                continue
            row.settled_at, row.ending = now, Ending.AGREES
            if row == drift or (row.kindergarten_id is None and row.region_id in recomputed):
                row.ending, row.settled_as, row.reason = Ending.REPAIRED, asked_as, reason
            row.save()
            settled += 1
    return settled


def _remove(drift: FigureDrift) -> int:
    rows = RegionFacts.objects.unscoped(ALL_ARE_COMPARED).filter(
        region=drift.region, month=drift.month
    )
    return rows.delete()[0]


def _written_with(counties: Sequence[Region]) -> set[int | None]:
    """The places whose rows a recomputation of these counties writes."""
    own = [county.pk for county in counties]
    towns = Region.objects.filter(county__in=own).values_list("pk", flat=True)
    above = {pk for county in counties for pk in (county.city_id, county.province_id)}
    return {*own, *towns, *above}


def _set_back(drift: FigureDrift) -> None:
    versions = list(
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .current()
        .filter(kindergarten=drift.kindergarten_id, month=drift.month)
        .values_list("filing_version", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            THAW,
            {
                "versions": versions,
                "grades": [str(grade) for grade in CLASS_SIZE_LIMITS],
                "limits": list(CLASS_SIZE_LIMITS.values()),
            },
        )
