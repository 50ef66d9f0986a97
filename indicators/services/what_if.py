"""What a month's figures would have been, had one kindergarten been something else.

The statement is recompute's own, word for word; in front of it stand two common table expressions
with the names of the tables it reads, which PostgreSQL then reads instead. Nothing is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import INDICATORS, THREE_RATES
from indicators.models import KindergartenFacts, RegionFacts
from indicators.selectors.figures import Figure, build_figure
from indicators.selectors.judging import month_context
from indicators.services.recompute import (
    STATEMENT_TIMEOUT,
    WORK_MEM,
    silent_counties,
    sisters_never_computed,
)
from indicators.services.statements import COLUMNS, sums_sql
from kindergartens.models import Kindergarten, ReportingPeriod

# Columns of the frozen facts that repeat the status, with their types.
OF_STATUS = {
    "town_id": "bigint",
    "county_id": "bigint",
    "city_id": "bigint",
    "province_id": "bigint",
    "ownership": "varchar",
    "sponsor_type": "varchar",
    "counts_enrolment": "boolean",
    "counts_public": "boolean",
    "counts_inclusive": "boolean",
    "counts_staff": "boolean",
    "half_day": "boolean",
    "level": "varchar",
    "urban_rural": "varchar",
}
FACTS_COLUMNS = [field.column for field in KindergartenFacts._meta.concrete_fields]
SHADOWS = f"""
indicators_kindergartenfacts AS NOT MATERIALIZED (
    SELECT {", ".join(f"f.{name}" for name in FACTS_COLUMNS)}
    FROM indicators_kindergartenfacts f
    WHERE f.kindergarten_id <> %(changed)s OR f.month <> %(month)s OR f.superseded_at IS NOT NULL
    UNION ALL
    SELECT {
    ", ".join(
        f"%({name})s::{OF_STATUS[name]}" if name in OF_STATUS else f"f.{name}"
        for name in FACTS_COLUMNS
    )
}
    FROM indicators_kindergartenfacts f
    WHERE f.kindergarten_id = %(changed)s AND f.month = %(month)s AND f.superseded_at IS NULL
        AND %(owes)s
), kindergartens_kindergartenstatus AS NOT MATERIALIZED (
    SELECT s.kindergarten_id, s.town_id, s.valid_from, s.valid_to, s.operating_state,
        s.counts_enrolment
    FROM kindergartens_kindergartenstatus s WHERE s.kindergarten_id <> %(changed)s
    UNION ALL
    SELECT %(changed)s::bigint, %(town_id)s::bigint, date '1900-01-01', NULL::date,
        %(operating_state)s::varchar, %(counts_enrolment)s::boolean
), """  # noqa: S608 - built from the column names above, never from input
AS_IT_IS = f"{sums_sql(one_county=True)} SELECT * FROM fresh WHERE region_id = ANY(%(wanted)s)"  # noqa: S608
AS_IT_WOULD_BE = AS_IT_IS.replace("WITH ", f"WITH {SHADOWS}", 1)


@dataclass(frozen=True)
class RegionEffect:
    """The three rates of one region, in their order, as they are and as they would be."""

    region: Region
    before: list[Figure]
    after: list[Figure]


@dataclass(frozen=True)
class Effect:
    """`month` is whose figures were taken; `counted` says that the kindergarten is in them.

    `earlier_changes`: what is registered to come before the change moves rates by itself, and
    `before` of the regions has it in already.
    """

    month: dt.date
    reference_date: dt.date
    counted: bool
    children: int | None
    regions: list[RegionEffect]
    earlier_changes: bool = False

    def digest(self) -> list[list[Any]]:
        """Everything compared when a change is confirmed: counts, verdicts, coverage."""
        return [
            [
                region.region.code, figure.indicator.code, figure.numerator, figure.denominator,
                figure.verdict, figure.expected, figure.accepted,
            ]
            for region in self.regions
            for figure in (*region.before, *region.after)
        ]  # fmt: skip


def newest_month(kindergarten: Kindergarten, county: Region) -> dt.date | None:
    """The last month in which the kindergarten is counted there; else the county's newest."""
    counted = (
        KindergartenFacts.objects.unscoped("of a kindergarten in hand")
        .current()
        .filter(kindergarten=kindergarten, county=county, counts_enrolment=True)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )
    if counted is not None:
        return counted
    periods = ReportingPeriod.objects.unscoped(REGION_CHECKED).filter(county=county)
    return (
        RegionFacts.objects.unscoped(REGION_CHECKED)
        .filter(region=county, month__in=periods.values("month"), kindergartens__gt=0)
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )


def effect_of(
    *,
    kindergarten: Kindergarten,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
    now: dt.datetime,
    home: Region | None = None,
) -> Effect | None:
    """The three rates of town and county with another status of one kindergarten.

    Of city and province too, where they hold more counties of the portal than the row below does,
    and where `home`, the area of whoever asks, reaches so far (None: whoever asks).

    `before` and `after` are whole statuses (kindergartens.changes.rules.FIELDS; a town is its
    key). The newest month in which the kindergarten is counted is taken, with its own head-counts.
    Both sides are computed, so that what is registered already for the time between that month and
    the change is in both, and the change answers for itself alone. None where there are no figures
    yet.
    """
    towns = list(
        Region.objects.select_related("county__city", "county__province").filter(
            pk__in=[one["town"] for one in (before, after) if one]
        )
    )
    town = next(one for one in towns if one.pk == after["town"])
    county = town.county
    if county is None:
        return None
    month = newest_month(kindergarten, county)
    if month is None:
        return None
    regions = [*towns, county, *_above(county, home)]
    regions.sort(key=lambda region: (-region.level, region.code))
    parameters = _parameters(kindergarten, county, month, regions)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', %s, true),"
            " set_config('jit', 'off', true)",
            [STATEMENT_TIMEOUT, WORK_MEM],
        )
        counted_now = _read(cursor, AS_IT_IS, parameters)
        is_now = counted_now
        if before is not None:
            is_now = _read(cursor, AS_IT_WOULD_BE, parameters | _status(before, towns))
        would_be = _read(cursor, AS_IT_WOULD_BE, parameters | _status(after, towns))
    facts = (
        KindergartenFacts.objects.unscoped("of a kindergarten in hand")
        .current()
        .filter(kindergarten=kindergarten, month=month, counts_enrolment=True)
        .first()
    )
    found = []
    reference_date = month
    for region in regions:
        context = month_context(region, month, THREE_RATES)
        reference_date = context.reference_date or reference_date

        def figures(
            rows: dict[int, dict[str, Any]], region: Region = region, context: Any = context
        ) -> list[Figure]:
            row = rows.get(region.pk)
            sums = RegionFacts(month=month, computed_at=now, **row) if row else None
            return [
                build_figure(INDICATORS[code], region, month, sums, None, context)
                for code in THREE_RATES
            ]

        found.append(RegionEffect(region, figures(is_now), figures(would_be)))
    return Effect(
        month=month,
        reference_date=reference_date,
        counted=facts is not None,
        children=facts.enrolled_children if facts else None,
        regions=found,
        earlier_changes=is_now != counted_now,
    )


def _above(county: Region, home: Region | None) -> list[Region]:
    """City and province, as far as they say anything that the county's own row does not."""
    places = Region.objects.active().filter(level=Region.Level.COUNTY, province=county.province_id)
    counties = {county.pk: county.city_id} | dict(places.values_list("pk", "city_id"))
    sets = {
        county.city_id: frozenset(pk for pk, city in counties.items() if city == county.city_id),
        county.province_id: frozenset(counties),
    }
    above = [one for one in (county.city, county.province) if one is not None]
    wider = wider_than_below([frozenset({county.pk}), *(sets[one.pk] for one in above)])
    return [
        one
        for one, differs in zip(above, wider[1:], strict=True)
        if differs and (home is None or home.contains(one))
    ]


def wider_than_below(sets: Sequence[frozenset[int]]) -> list[bool]:
    """Of the counties that rows sum over, the smallest row first: which rows are not repeats."""
    return [place == 0 or held != sets[place - 1] for place, held in enumerate(sets)]


def _status(values: Mapping[str, object], towns: Sequence[Region]) -> dict[str, Any]:
    """A whole status as the statement's parameters."""
    town = next(one for one in towns if one.pk == values["town"])
    county = town.county
    assert county is not None  # noqa: S101 - every town is in one
    status = {name: values.get(name.removesuffix("_id"), values.get(name)) for name in OF_STATUS}
    return status | {
        "town_id": town.pk,
        "county_id": county.pk,
        "city_id": county.city_id,
        "province_id": county.province_id,
        "operating_state": values["operating_state"],
        "owes": values["operating_state"] == "operating" and bool(values["counts_enrolment"]),
    }


def _parameters(
    kindergarten: Kindergarten, county: Region, month: dt.date, regions: Sequence[Region]
) -> dict[str, Any]:
    silent = silent_counties(month, county.province_id)
    return {
        "month": month,
        "county": county.pk,
        "province": county.province_id,
        "scope": [county.pk, *sisters_never_computed(county, month), *silent["silent"]],
        "wanted": [region.pk for region in regions],
        "changed": kindergarten.pk,
        **silent,
    }


def _read(cursor: Any, statement: str, parameters: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    cursor.execute(statement, parameters)
    names = [column.name for column in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return {row["region_id"]: {name: row[name] for name in ("region_id", *COLUMNS)} for row in rows}
