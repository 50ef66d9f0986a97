"""The last hour before the deadline: `python -m benchmarks.file_returns`.

Five hundred directors of one county, each of a kindergarten of twelve classes, sign in and file
through the portal as it runs in production: web and worker on this machine, every request a real
one. Each opens the month, is saved by the script three times and submits; one in ten presses the
button twice. Sixteen file at a time, then two hundred at once, and a hundred have everything typed
and only press the button, sixteen at a time.

Afterwards every return is compared with what its director typed: none lost, none doubled, none
changed, one event each. Beside it stands the bare cost of the same writes: the same rows into the
same tables, triggers and history included, by SQL alone on as many connections.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from benchmarks import directors, last_hour, portal, scratch
from benchmarks.directors import Browser, NotAsExpected

DIRECTORS = last_hour.KINDERGARTENS
# Of them, those who file sixteen at a time, and all at once; the others only press the button.
IN_TURN, AT_ONCE = 200, 200
CLIENTS = 16
PRESSED_TWICE = 10
GOAL_PER_SECOND = 279
GOAL_P99_MS = 111


def measure() -> list[str]:
    """The results, a line for each part."""
    period, kindergartens = last_hour.build()
    lines = []
    with portal.whole() as address:
        with ThreadPoolExecutor(CLIENTS) as people:
            browsers = list(
                people.map(
                    lambda n: directors.sign_in(address, f"d{n}", last_hour.PASSWORD),
                    range(DIRECTORS),
                )
            )
        lines += [
            _part("16 at a time", browsers, range(IN_TURN), _file(browsers, period), CLIENTS),
            _part(
                f"{AT_ONCE} at once", browsers, range(IN_TURN, IN_TURN + AT_ONCE),
                _file(browsers, period), AT_ONCE,
            ),
            _part(
                "only submitted", browsers, range(IN_TURN + AT_ONCE, DIRECTORS),
                _press(browsers, period), CLIENTS,
            ),
        ]  # fmt: skip
        waited = _until_figures_stand()
    _compare(period, kindergartens)
    bare = _bare(period)
    lines.append(
        f"file_returns: {DIRECTORS} returns of {last_hour.CLASSES} classes as typed, 0 lost, 0 doubled, "
        f"0 errors; their figures stood {waited:.1f} s after the last; the same writes by SQL alone "
        f"on {CLIENTS} connections: {bare:.0f} returns/s"
    )
    return lines


Act = Callable[[int], None]


def _file(browsers: Sequence[Browser], period: int) -> Act:
    def file(number: int) -> None:
        twice = number % PRESSED_TWICE == 0
        directors.file_return(browsers[number], period=period, more=more_of(number), twice=twice)

    return file


def _press(browsers: Sequence[Browser], period: int) -> Act:
    """Everything is typed before the clock starts."""
    fillings = {
        number: directors.begin(browsers[number], period=period, more=more_of(number))
        for number in range(IN_TURN + AT_ONCE, DIRECTORS)
    }
    for filling in fillings.values():
        filling.browser.times.clear()
    return lambda number: directors.submit(fillings[number]) and None


def _part(
    name: str, browsers: Sequence[Browser], numbers: Sequence[int], act: Act, at_a_time: int
) -> str:
    failures: list[str] = []

    def one(number: int) -> None:
        try:
            act(number)
        except (NotAsExpected, OSError) as error:
            failures.append(f"director {number}: {error}")

    started = perf_counter()
    _together(one, numbers, at_a_time)
    seconds = perf_counter() - started
    if failures:
        raise SystemExit(f"{len(failures)} returns failed; the last: {failures[-1]}")
    times = [time for number in numbers for time in browsers[number].times]
    kinds = [kind for kind in ("form", "save", "submit") if any(what == kind for what, _ in times)]
    said = "; ".join(_said(kind, [s for what, s in times if what == kind]) for kind in kinds)
    return (
        f"file_returns, {name}: {len(numbers) / seconds:.1f} returns/s "
        f"(goal {GOAL_PER_SECOND}, p99 {GOAL_P99_MS} ms), {len(times) / seconds:.0f} requests/s; {said}"
    )


def _said(name: str, times: Iterable[float]) -> str:
    inorder = sorted(times)

    def at(share: float) -> float:
        return inorder[min(len(inorder) - 1, int(len(inorder) * share))] * 1000

    return f"{name} p50 {at(0.5):.0f} p95 {at(0.95):.0f} p99 {at(0.99):.0f} ms"


def more_of(number: int) -> int:
    """How many children are added in this kindergarten's first class: its own pattern."""
    return 1 + number % 4


def _together(one: Callable[[int], None], numbers: Iterable[int], at_a_time: int) -> None:
    """Raises the first failure: a figure of returns that failed would be a wrong one."""
    with ThreadPoolExecutor(at_a_time) as people:
        list(people.map(one, numbers))


def _until_figures_stand(seconds: float = 120) -> float:
    """How long the worker still computed after the last return."""
    from accounts.models import Job

    started = perf_counter()
    waiting = Job.objects.filter(state__in=["queued", "running"])
    while perf_counter() - started < seconds:
        if not waiting.exists():
            return perf_counter() - started
        threading.Event().wait(0.1)
    raise SystemExit("The figures were not computed within two minutes.")


def _compare(period: int, kindergartens: Sequence[int]) -> None:
    """Every return is there once, as typed. Ends the measurement otherwise."""
    from django.db.models import Sum

    from kindergartens.models import ClassCount, FilingEvent, FilingVersion, MonthlyFiling
    from kindergartens.models.filing import MORE_COUNTS

    filings = {
        filing.kindergarten_id: filing for filing in MonthlyFiling.objects.filter(period=period)
    }
    versions = FilingVersion.objects.filter(filing__period=period)
    events = FilingEvent.objects.filter(filing__period=period)
    sums = {
        row["filing_version__filing"]: row
        for row in ClassCount.objects.filter(filing_version__filing__period=period)
        .order_by()
        .values("filing_version__filing")
        .annotate(**{column: Sum(column) for column in ("boys", "girls", "age3", *MORE_COUNTS)})
    }
    counts = (len(filings), versions.count(), events.count())
    if counts != (DIRECTORS, DIRECTORS, DIRECTORS):
        raise SystemExit(f"returns, versions, events: {counts}, expected {DIRECTORS} of each")
    for number, kindergarten in enumerate(kindergartens):
        filing = filings[kindergarten]
        row = sums[filing.pk]
        found = {column: row[column] for column in _typed(number)}
        if (filing.state, filing.version, found) != ("submitted", 1, _typed(number)):
            raise SystemExit(
                f"return {number}: {filing.state} {filing.version} {found}"
                f" instead of {_typed(number)}"
            )


def _typed(number: int) -> dict[str, int]:
    """The sums over all classes of what this director typed: every column of the form."""
    from kindergartens.models.filing import MORE_COUNTS

    more, all_classes = more_of(number), last_hour.CLASSES
    return dict.fromkeys(MORE_COUNTS, 0) | {
        "boys": 10 * all_classes,
        "girls": 10 * all_classes + more,
        "age3": 20 * all_classes // len(last_hour.GRADES) + more,
        "entered": more,
        "attended": int(directors.ATTENDED) * all_classes,
    }


# ---- the floor -----------------------------------------------------------------------------------


def _bare(period: int) -> float:
    """Returns a second when the same rows are written by SQL alone, in as many transactions."""
    import psycopg2
    from django.db import connection

    from kindergartens.models import MonthlyFiling, ReportingPeriod

    of_october = ReportingPeriod.objects.get(pk=period)
    august = ReportingPeriod.objects.create(
        county=of_october.county, month=dt.date(2026, 8, 1), opens_at=of_october.opens_at,
        reference_date=dt.date(2026, 8, 28), due_at=of_october.due_at, locks_at=of_october.locks_at,
    )  # fmt: skip
    settings = connection.get_connection_params()
    settings.pop("cursor_factory", None)
    drafts = MonthlyFiling.objects.filter(period=period).order_by("kindergarten")
    filed = [(pk, json.dumps(draft)) for pk, draft in drafts.values_list("pk", "draft")]
    steps = _steps(august.pk)
    own = threading.local()

    def one(number: int) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg2.connect(**settings)
        pk, draft = filed[number]
        for step in steps:
            with own.connection, own.connection.cursor() as cursor:
                for statement in step:
                    cursor.execute(statement, {"filed": pk, "draft": draft, "month": august.month})

    started = perf_counter()
    _together(one, range(len(filed)), CLIENTS)
    return len(filed) / (perf_counter() - started)


def _steps(period: int) -> list[list[str]]:
    """Opened, saved three times, submitted: what is written in each, after the return `filed`."""
    from kindergartens.models import ClassCount, FilingEvent, FilingVersion, MonthlyFiling
    from safety.models import SafetyAnswer
    from staffing.models import StaffCount

    # The new rows are found again by what they are of; no key has to come back.
    filing = (
        f"(SELECT new.id FROM {MonthlyFiling._meta.db_table} new JOIN"
        f" {MonthlyFiling._meta.db_table} old USING (kindergarten_id)"
        " WHERE old.id = %(filed)s AND new.month = %(month)s)"
    )
    version = f"(SELECT id FROM {FilingVersion._meta.db_table} WHERE filing_id = {filing})"
    of_filing = "old.filing_id = %(filed)s"
    of_version = (
        f"old.filing_version_id = (SELECT id FROM {FilingVersion._meta.db_table}"
        " WHERE filing_id = %(filed)s)"
    )
    opened = {
        "period_id": str(period), "month": "%(month)s", "state": "'draft'", "version": "0",
        "first_submitted_at": "NULL", "draft": "%(draft)s",
    }  # fmt: skip
    save = (
        f"UPDATE {MonthlyFiling._meta.db_table} SET draft = %(draft)s, revision = revision + 1,"
        f" updated_at = now() WHERE id = {filing}"
    )
    submitted = (
        f"UPDATE {MonthlyFiling._meta.db_table} SET state = 'submitted', version = 1,"
        f" revision = revision + 1, first_submitted_at = now() WHERE id = {filing}"
    )
    return [
        [_copy(MonthlyFiling, opened, "old.id = %(filed)s")],
        [save],
        [save],
        [save],
        [
            save,
            _copy(FilingVersion, {"filing_id": filing}, of_filing),
            _copy(ClassCount, {"filing_version_id": version}, of_version),
            _copy(StaffCount, {"filing_version_id": version}, of_version),
            _copy(SafetyAnswer, {"filing_version_id": version}, of_version),
            submitted,
            _copy(FilingEvent, {"filing_id": filing}, of_filing),
        ],
    ]


def _copy(model: Any, other: dict[str, str], where: str) -> str:
    """Rows of a table once more, with other values in some columns."""
    columns = [
        field.column
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated)
    ]
    values = ", ".join(other.get(column, f'old."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return (
        f"INSERT INTO {model._meta.db_table} ({names})"
        f" SELECT {values} FROM {model._meta.db_table} old WHERE {where}"
    )


def main() -> None:
    with scratch.database("benchmark_file_returns"):
        print("\n".join(measure()))


if __name__ == "__main__":
    main()
