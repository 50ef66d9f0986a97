"""The recompute at national size beside its floor: `python -m benchmarks.recompute`.

The floor is one raw query: the same sums over the same kindergartens' facts for towns, counties,
cities and provinces by GROUPING SETS, on the same connection with the same memory. The recompute
does that and more: it finds who owes a return and what they last had, reads the population,
compares every row with the stored one and writes what changed.

Then the same of twelve months in a row. Rounds alternate, medians are printed. Before each recompute one kindergarten in a hundred changes.
"""

from __future__ import annotations

import datetime as dt
import resource
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from benchmarks import scratch

GOAL = 2.0
GOAL_MEMORY_MB = 200
GOAL_ACCEPT_SECONDS = 1.0
ROUNDS = 9
MONTHS, YEAR_ROUNDS = 12, 3


def measure() -> Iterator[str]:
    """The results, one line a benchmark."""
    from django.db import connection

    from benchmarks import national
    from indicators.services.recompute import LOCK_TIMEOUT, WORK_MEM, recompute
    from indicators.sums import SUMS

    national.build()
    # What the migrations took before anything was measured.
    migrated = _peak_memory()
    with connection.cursor() as cursor:
        cursor.execute(f"SET work_mem = '{WORK_MEM}'; SET lock_timeout = '{LOCK_TIMEOUT}'")
    sums = ", ".join(SUMS.values())
    floor_sql = f"""
        SELECT f.town_id, f.county_id, f.city_id, f.province_id, {sums}
        FROM indicators_kindergartenfacts f
        WHERE f.month = %s AND f.superseded_at IS NULL AND f.counts_enrolment
        GROUP BY GROUPING SETS ((f.town_id), (f.county_id), (f.city_id), (f.province_id))
    """

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    started = perf_counter()
    written = recompute(month=national.MONTH, now=now())
    first = perf_counter() - started
    if written != national.REGIONS:
        raise SystemExit(f"{written} rows were written, {national.REGIONS} were expected.")
    # The rows just written settle as they would by the time of the next recompute.
    _run("VACUUM ANALYZE indicators_regionfacts")

    floor, ours, changed = [], [], []
    for number in range(ROUNDS):
        _run(CHANGE_ONE_IN_A_HUNDRED, [number + national.NOT_COUNTED])
        floor.append(_seconds(lambda: _run(floor_sql, [national.MONTH])))
        started = perf_counter()
        changed.append(recompute(month=national.MONTH, now=now()))
        ours.append(perf_counter() - started)
    memory = _peak_memory()
    yield (
        f"recompute_nation: {median(ours) / median(floor):.2f}x (goal {GOAL}x) of one raw "
        f"GROUPING SETS, {median(ours):.3f} s against {median(floor):.3f} s, "
        f"{national.KINDERGARTENS} kindergartens, {national.REGIONS} regions, "
        f"{round(median(changed))} of them written, peak memory of Python {memory:.0f} MB "
        f"({migrated:.0f} MB of them once migrated; goal {GOAL_MEMORY_MB} MB), {ROUNDS} rounds"
    )
    yield (
        f"recompute_nation_first: {first / median(floor):.2f}x of the same floor, {first:.3f} s, "
        f"all {written} rows written for the first time"
    )
    yield _accept_one()
    yield _twelve_months(sums)


CHANGE_ONE_IN_A_HUNDRED = """
    UPDATE indicators_kindergartenfacts SET enrolled_children = enrolled_children + 1
    WHERE kindergarten_id %% 100 = %s
"""


def _twelve_months(sums: str) -> str:
    """A year of the nation: twelve recomputes beside one raw query over the same twelve months."""
    from benchmarks import national
    from indicators.services.recompute import recompute

    months = sorted([national.MONTH, *national.add_earlier_months(MONTHS - 1)])
    floor_sql = f"""
        SELECT f.month, f.town_id, f.county_id, f.city_id, f.province_id, {sums}
        FROM indicators_kindergartenfacts f
        WHERE f.month = ANY(%s) AND f.superseded_at IS NULL AND f.counts_enrolment
        GROUP BY GROUPING SETS ((f.month, f.town_id), (f.month, f.county_id),
            (f.month, f.city_id), (f.month, f.province_id))
    """
    for month in months:
        recompute(month=month, now=dt.datetime.now(dt.UTC))
    _run("VACUUM ANALYZE indicators_regionfacts")
    floor, ours = [], []
    for number in range(YEAR_ROUNDS):
        _run(CHANGE_ONE_IN_A_HUNDRED, [number + 50])
        floor.append(_seconds(lambda: _run(floor_sql, [months])))
        started = perf_counter()
        for month in months:
            recompute(month=month, now=dt.datetime.now(dt.UTC))
        ours.append(perf_counter() - started)
    return (
        f"recompute_nation_year: {median(ours) / median(floor):.2f}x (goal {GOAL}x) of one raw "
        f"GROUPING SETS over {MONTHS} months, {median(ours):.1f} s against {median(floor):.1f} s, "
        f"{YEAR_ROUNDS} rounds"
    )


def _accept_one() -> str:
    """Freezing one return and bringing its town, county, city and province up to date."""
    from benchmarks import national
    from indicators.services.freeze import freeze_facts
    from indicators.services.recompute import recompute
    from indicators.sums import SUMS
    from kindergartens.models import MonthlyFiling

    waiting = (
        MonthlyFiling.objects.filter(state="submitted", period__month=national.MONTH)
        .select_related("period__county")
        .order_by("pk")[:ROUNDS]
    )
    sums = ", ".join(SUMS.values())
    floor_sql = f"""
        SELECT f.town_id, f.county_id, f.city_id, f.province_id, {sums}
        FROM indicators_kindergartenfacts f
        WHERE f.month = %s AND f.county_id = %s AND f.superseded_at IS NULL AND f.counts_enrolment
        GROUP BY GROUPING SETS ((f.town_id), (f.county_id), (f.city_id), (f.province_id))
    """
    floor, ours = [], []
    for filing in waiting:
        version = national.version_of(filing)
        county = filing.period.county
        parameters = [national.MONTH, county.pk]
        floor.append(_seconds(lambda p=parameters: _run(floor_sql, p)))
        now = dt.datetime.now(dt.UTC)
        started = perf_counter()
        freeze_facts(version_ids=[version], accepted_at=now)
        changed = recompute(month=national.MONTH, now=now, county=county)
        ours.append(perf_counter() - started)
        if changed < 4:
            raise SystemExit(f"Only {changed} rows followed an accepted return.")
    return (
        f"accept_one_return: {median(ours) * 1000:.0f} ms until town, county, city and province "
        f"are fresh (goal {GOAL_ACCEPT_SECONDS:.0f} s with the queue), "
        f"{median(ours) / median(floor):.0f}x of the same sums of one county read once "
        f"({median(floor) * 1000:.1f} ms), {len(ours)} rounds"
    )


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _run(sql: str, parameters: list[object] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _seconds(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started


def main() -> None:
    """Measure in a database of its own and print."""
    with scratch.database("bench_recompute"):
        for line in measure():
            print(line, flush=True)


if __name__ == "__main__":
    main()
