"""Bringing the region rows of a month up to date: what is locked, what is summed, what is written.

A county that runs kindergartens but has no period in a month in which another county of its
province has one is "silent": it owes everything, as of the month's last day, so that its city and
province are not taken for complete without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from accounts.models import Region
from indicators.models import RegionFacts
from indicators.services.statements import FORGET_SUMS, RECOMPUTE_COUNTY, STORE_ALL, SUM_ALL
from kindergartens.models import KindergartenStatus, ReportingPeriod
from kindergartens.rules import last_day

# Locks of recompute: a whole month excludes everything of that month; a county excludes only
# other counties of its province and month, whose rows it adds to.
MONTH_LOCK_SPACE = 73_000_000
# Sums of a city and a province are of all their counties, whoever asked for them.
ALL_COUNTIES = "which counties of a province have figures; only sums come of it"
STATEMENT_TIMEOUT = "60s"
LOCK_TIMEOUT = "30s"
# 41,000 towns of sums fit into memory with this; the default spills them to disk.
WORK_MEM = "64MB"


def recompute(*, month: dt.date, now: dt.datetime, county: Region | None = None) -> int:
    """Bring the region rows of a month up to date with the accepted returns.

    Without a county: every region with a reporting period that month, and silent counties. With
    one: its towns, itself, its city and its province. Safe to run twice, late or in parallel; rows whose sums are as
    before are not touched. Returns how many rows were written or removed. Raises ValueError when
    the county has no reporting period that month.
    """
    if (
        county is not None
        and not ReportingPeriod.objects.unscoped(ALL_COUNTIES)
        .filter(county=county, month=month)
        .exists()
    ):
        raise ValueError(f"{county}没有{month:%Y-%m}的报送期。")
    month_key = _month_key(month)
    parameters: dict[str, Any] = {
        "month": month,
        "now": now,
        "county": county.pk if county else None,
        "province": county.province_id if county else None,
        "scope": [],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        prepare(cursor)
        # The locks are statements of their own: the sums below then see all that was
        # committed by whoever held them before.
        if county is None:
            lock_month(cursor, month)
            parameters |= silent_counties(month, None)
            cursor.execute(SUM_ALL, parameters)
            cursor.execute(STORE_ALL, parameters)
        else:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [month_key])
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)",
                [month_key % MONTH_LOCK_SPACE, county.province_id],
            )
            parameters |= silent_counties(month, county.province_id)
            # The silent are few and computed each time, for no return of theirs asks for it.
            parameters["scope"] = [
                county.pk, *sisters_never_computed(county, month), *parameters["silent"]
            ]  # fmt: skip
            cursor.execute(RECOMPUTE_COUNTY, parameters)
        (changed,) = cursor.fetchone()
        if county is None:
            cursor.execute(FORGET_SUMS)
        return int(changed)


def prepare(cursor: Any) -> None:
    """For the rest of the transaction: time and memory for sums of the whole nation."""
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, true),"
        " set_config('lock_timeout', %s, true), set_config('work_mem', %s, true),"
        # Compiling so wide a statement would take longer than running it.
        " set_config('jit', 'off', true),"
        # Few groups leave the processes that share the reading, whatever the planner fears.
        " set_config('parallel_tuple_cost', '0.01', true),"
        " set_config('parallel_setup_cost', '100', true)",
        [STATEMENT_TIMEOUT, LOCK_TIMEOUT, WORK_MEM],
    )


def lock_month(cursor: Any, month: dt.date) -> None:
    """Keep every other run away from a month's rows until the transaction ends."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_month_key(month)])


def _month_key(month: dt.date) -> int:
    return MONTH_LOCK_SPACE + month.year * 100 + month.month


@contextmanager
def figures_at_rest(*, region: Region, month: dt.date) -> Iterator[None]:
    """Keep recompute away from a month's rows around a region while statements read them.

    Rows that are read one after the other then belong to one run. Only for reading: what is
    written inside is undone. Waits for a run under way; OperationalError when that takes too long.
    """
    province = region.province_id or region.pk
    month_key = _month_key(month)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [month_key])
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s)",
            [month_key % MONTH_LOCK_SPACE, province],
        )
        yield
        # Back to the savepoint: lets the locks go now, not when the caller's transaction ends.
        transaction.set_rollback(True)


def silent_counties(month: dt.date, province: int | None) -> dict[str, Any]:
    """The active counties (of a province) that owe returns without having a period."""
    periods = ReportingPeriod.objects.unscoped(ALL_COUNTIES).filter(month=month)
    without = Region.objects.filter(level=Region.Level.COUNTY, is_active=True).exclude(
        pk__in=periods.values("county")
    )
    if province is not None:
        without = without.filter(province=province)
    # Asked in two steps: mostly every county has its period, and the statuses are left alone.
    beside = without.filter(province__in=periods.values("county__province"))
    counties = list(beside.values_list("pk", flat=True))
    day = last_day(month)
    if counties:
        running = KindergartenStatus.objects.on(day).expected_to_file()
        counties = list(
            Region.objects.filter(pk__in=counties)
            .filter(Exists(running.filter(town__county=OuterRef("pk"))))
            .values_list("pk", flat=True)
        )
    return {"silent": counties, "silent_day": day if counties else None}


def sisters_never_computed(county: Region, month: dt.date) -> list[int]:
    """Counties of the province that have a period but no row yet, which city and province lack."""
    sisters = ReportingPeriod.objects.unscoped(ALL_COUNTIES).filter(
        county__province=county.province_id, month=month
    )
    computed = RegionFacts.objects.unscoped(ALL_COUNTIES).filter(
        month=month, region__province=county.province_id
    )
    never = sisters.exclude(county=county).exclude(county__in=computed.values("region"))
    return list(never.values_list("county_id", flat=True))


def months_from(*, county: Region, month: dt.date, now: dt.datetime) -> list[dt.date]:
    """A county's month and its later ones, whose open returns lean on it.

    A month that has not opened has no figures yet: nobody could have filed.
    """
    return list(
        ReportingPeriod.objects.filter(county=county, month__gte=month, opens_at__lte=now)
        .order_by("month")
        .values_list("month", flat=True)
    )


def recompute_from(*, county: Region, month: dt.date, now: dt.datetime) -> int:
    """Recompute a county's month and its later ones; how many rows were written or removed."""
    months = months_from(county=county, month=month, now=now)
    return sum(recompute(month=each, now=now, county=county) for each in months)
