"""Ten thousand kindergartens from an xlsx file beside calamine and one COPY of the same file.

`python -m benchmarks.import_registry`. The floor reads the workbook with calamine and copies its
rows into a scratch table. The import does that and more: it scans the bytes, reads in a limited
process, checks every cell, compares with the registry, keeps the report, compares once more under
a lock and writes organisation, record and status of each, with their history, which is chained.
Both jobs run as in a worker. Rounds alternate, medians are printed; each round registers others,
in a county that has none yet, so that the third does not compare with fifty thousand.

A second floor copies the same rows into the registry's own four tables: the database's work of
keeping and chaining history is in it, and nothing else of the import. Times are of the processors,
the database's own process included: on a busy machine the clock on the wall measures the others.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import scratch
from benchmarks.county import make_county

GOAL = 3.0
GOAL_MEMORY_MB = 300
ROWS = 10_000
TOWNS = 30
ROUNDS = 3
PARTS = ("check", "write")


def make(path: Path, first: int) -> None:
    """A workbook of kindergartens with these numbers, as Excel would save the filled-in template."""
    import xlsxwriter

    heads = [
        "学校标识码", "园名", "乡镇街道", "办别", "办园性质", "营利性", "办园状态", "半日制", "建园日期",
        "计入在园幼儿", "计入公办", "计入普惠", "计入教职工", "状态起始日期", "变更原因", "依据文号",
    ]  # fmt: skip
    opened, since = dt.datetime(2012, 9, 1), dt.datetime(2020, 9, 1)  # noqa: DTZ001 - days
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("幼儿园名册")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, heads)
        for row in range(1, ROWS + 1):
            number = first + row
            sheet.write_row(row, 0, [
                f"1199{number:06d}", f"示例第{number}幼儿园", f"示例{number % TOWNS:02d}镇", "教育部门",
                "公办", "否", "在办", "否",
            ])  # fmt: skip
            sheet.write_datetime(row, 8, opened, day)
            sheet.write_row(row, 9, ["是", "是", "是", "是"])
            sheet.write_datetime(row, 13, since, day)
            sheet.write_row(row, 14, ["登记", f"示教〔2020〕{number}号"])


def measure() -> str:
    floor: list[float] = []
    floor_with_history: list[float] = []
    ours: list[float] = []
    parts: dict[str, list[float]] = {name: [] for name in PARTS}
    for number in range(ROUNDS):
        officer = _officer(number)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "名册.xlsx"
            # In another process: its memory is not the import's.
            subprocess.run(  # noqa: S603 - ours
                [sys.executable, "-m", __spec__.name, "--make", str(path), str(number * ROWS)],
                check=True,
            )
            content = path.read_bytes()
            floor.append(_timed(lambda content=content: _floor(content)))  # type: ignore[misc]
            floor_with_history.append(_timed(lambda: _floor_with_history(officer, content)))  # noqa: B023
            times = _import(officer, content)
            ours.append(sum(times.values()))
            for name, seconds in times.items():
                parts[name].append(seconds)
    ratio = median(ours) / median(floor)
    kept = median(ours) / median(floor_with_history)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said = "，".join(f"{name} {median(parts[name]):.2f} s" for name in PARTS)
    return (
        f"import_registry: {ratio:.2f}x (goal {GOAL}x) of calamine and COPY, "
        f"{median(ours):.2f} s against {median(floor):.2f} s ({said}); "
        f"{kept:.2f}x of calamine and COPY with history ({median(floor_with_history):.2f} s), "
        f"{ROWS} kindergartens, "
        f"{own:.0f} MB, its reader {child:.0f} MB (goal {GOAL_MEMORY_MB} MB each), {ROUNDS} rounds"
    )


def _timed(action: Callable[[], object]) -> float:
    started = _cpu()
    action()
    return _cpu() - started


def _cpu() -> float:
    """Seconds of processor time of this process, its children and the database's process."""
    from django.db import connection

    connection.ensure_connection()
    times = os.times()
    backend = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    spent = backend.read_text().rpartition(")")[2].split()
    ticks = int(spent[11]) + int(spent[12])
    return (
        times.user + times.system + times.children_user + times.children_system
        + ticks / os.sysconf("SC_CLK_TCK")
    )  # fmt: skip


def _floor(content: bytes) -> None:
    import csv

    import python_calamine
    from django.db import connection, transaction

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows[1:])
    buffer.seek(0)
    names = ", ".join(f"c{number}" for number in range(len(rows[0])))
    columns = names.replace(",", " text,") + " text"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE floor_rows ({columns})")
        cursor.copy_expert("COPY floor_rows FROM STDIN (FORMAT csv)", buffer)
        cursor.execute("DROP TABLE floor_rows")


def _floor_with_history(officer: Any, content: bytes) -> None:
    """The rows of the file into organisation, record, status and its paper by COPY."""
    import python_calamine
    from django.db import transaction

    from accounts.exchange.bulk import insert_many, new_keys
    from accounts.models import Organisation, Region
    from kindergartens.models import Kindergarten, KindergartenStatus, StatusChange

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_index(0).to_python()[1:]
    county = officer.acting.organisation.region
    towns = dict(Region.objects.filter(level=4, county=county).values_list("name", "pk"))
    with transaction.atomic():
        ids = list(zip(new_keys(Organisation, ROWS), new_keys(Kindergarten, ROWS), strict=True))
        insert_many(
            Organisation,
            ["id", "name", "kind", "region_id"],
            (
                (own, f"底{row[1]}", "kindergarten", towns[row[2]])
                for (own, _), row in zip(ids, rows, strict=True)
            ),
        )
        insert_many(
            Kindergarten,
            ["id", "organisation_id", "name", "code", "opened_on"],
            (
                (key, own, f"底{row[1]}", f"1198{row[0][4:]}", row[8])
                for (own, key), row in zip(ids, rows, strict=True)
            ),
        )
        insert_many(
            KindergartenStatus,
            ["kindergarten_id", "valid_from", "town_id", "sponsor_type", "ownership"],
            (
                (key, row[13], towns[row[2]], "education", "non_inclusive_private")
                for (_, key), row in zip(ids, rows, strict=True)
            ),
        )
        insert_many(
            StatusChange,
            ["kindergarten_id", "valid_from", "values", "before", "reason", "document_number",
             "made_as_id", "made_at"],
            (
                (key, row[13], f'{{"town": {towns[row[2]]}}}', "{}", row[14], row[15],
                 officer.acting.pk, "2026-11-26 12:00+08")
                for (_, key), row in zip(ids, rows, strict=True)
            ),
        )  # fmt: skip


def _import(officer: Any, content: bytes) -> dict[str, float]:
    from django.utils import timezone

    from accounts.exchange import services
    from accounts.jobs.runner import run_job
    from accounts.models import ImportBatch

    batch = services.upload(
        code="registry", raw_name="名册.xlsx", content=content, by=officer, now=timezone.now()
    )
    check = _timed(lambda: run_job(batch.job.pk, clock=timezone.now))  # type: ignore[union-attr]
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert (batch.state, batch.new_count) == ("ready", ROWS), (batch.state, batch.refusal)  # noqa: S101
    batch = services.confirm(
        batch_id=batch.pk, seen=batch.fingerprint, by=officer, now=timezone.now()
    )
    write = _timed(lambda: run_job(batch.job.pk, clock=timezone.now))  # type: ignore[union-attr]
    assert ImportBatch.objects.get(pk=batch.pk).state == "written"  # noqa: S101
    return {"check": check, "write": write}


def _officer(number: int) -> Any:
    """An officer of a county of its own, with towns and no kindergarten."""
    from accounts.access.acting import choose_membership
    from accounts.models import Membership, Organisation, User

    county, _ = make_county(TOWNS, number=number + 1)
    user = User.objects.create(username=f"officer{number}", full_name="示例经办人")
    Membership.objects.create(
        user=user,
        organisation=Organisation.objects.create(name="示例教育局", kind="bureau", region=county),
        role="bureau_officer",
        valid_from=dt.date(2020, 1, 1),
    )
    choose_membership(user, None, today=dt.date(2026, 11, 26))
    return user


if __name__ == "__main__":
    if "--make" in sys.argv:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        os.environ.setdefault("SECRET_KEY", "a-benchmark-needs-no-secret")
        with tempfile.TemporaryDirectory() as kept:
            os.environ["FILES_ROOT"] = kept
            with scratch.database("portal_bench_import"):
                print(measure())
