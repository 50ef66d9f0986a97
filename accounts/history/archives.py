"""Moving history that is old enough out of the database, without breaking the chain.

The rows go to a file, their entries stay. The file holds each row as it was spelt when it was
sealed, so that its digest can be made again from the file alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from accounts.history.canonical import spelling_sql
from accounts.history.tracking import SEALED, TRACKED
from accounts.history.triggers import ARCHIVING, KEPT_DAYS
from accounts.models import HistoryArchive, HistoryBlock


class ArchiveRefused(Exception):
    """Why nothing was archived, and what to do."""


def may_hold(model: type[models.Model]) -> bool:
    """Whether old rows of this model may go to an archive; returns and papers never do."""
    return model._meta.db_table in _archivable()


def _archivable() -> dict[str, type[models.Model]]:
    found = [tracked.event for tracked in TRACKED.values()]
    found += [model for model, sealed in SEALED.items() if sealed.age]
    return {model._meta.db_table: model for model in found}


def archived_up_to() -> int:
    """The last block whose rows may be in an archive; 0 without any."""
    last = HistoryArchive.objects.aggregate(models.Max("last_block"))["last_block__max"]
    return last or 0


ENTRIES = """
    FROM accounts_historyentry e
    JOIN accounts_historyblock b ON b.transaction = e.transaction
        AND e.id BETWEEN b.first_entry AND b.last_entry
    JOIN accounts_historyshape s ON s.id = e.shape_id
    WHERE b.position > %s AND b.position <= %s AND s."table" = ANY(%s)
"""


def archive(*, older_than: dt.datetime, path: Path, now: dt.datetime) -> HistoryArchive | None:
    """Write history older than a moment to a new file and remove it from the database.

    None when there is nothing that old. Raises ArchiveRefused below the days that must stay
    online, for an existing file, and when a row is not as it was sealed.
    """
    if older_than > now - dt.timedelta(days=KEPT_DAYS):
        raise ArchiveRefused(f"{KEPT_DAYS}天以内的记录必须留在系统里，请把日期改早。")
    first = archived_up_to()
    with transaction.atomic():
        _lift_time_limit()
        block = HistoryBlock.objects.filter(sealed_at__lt=older_than).order_by("-position").first()
        if block is None or block.position <= first:
            return None
        tables = sorted(_archivable())
        span = [first, block.position, tables]
        rows, digest = _summary(span)
        if not rows:
            return None
        file_digest = _write(path, span)
        _remove(span)
        return HistoryArchive.objects.create(
            at=now,
            older_than=older_than,
            last_block=block.position,
            tables=tables,
            rows=rows,
            entries_digest=digest,
            file_name=path.name,
            file_digest=file_digest,
        )


def export(*, since: dt.datetime, until: dt.datetime, path: Path) -> tuple[int, str]:
    """Write the history sealed from `since` to before `until` to a new file; nothing is removed.

    Returns how many rows, and the file's digest. Raises ArchiveRefused for an existing file, and
    when a row is not as it was sealed. Rows that an archive holds are in its file, not in this.
    """
    with transaction.atomic():
        _lift_time_limit()
        blocks = HistoryBlock.objects.filter(sealed_at__gte=since, sealed_at__lt=until)
        ends = blocks.aggregate(first=models.Min("position"), last=models.Max("position"))
        if ends["last"] is None:
            return 0, ""
        span: list[Any] = [
            max(ends["first"] - 1, archived_up_to()),
            ends["last"],
            sorted({*_archivable(), *(model._meta.db_table for model in SEALED)}),
        ]
        rows, _ = _summary(span)
        return rows, _write(path, span)


def _lift_time_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '0', true),"
            " set_config('idle_in_transaction_session_timeout', '0', true)"
        )


def _summary(span: list[Any]) -> tuple[int, str]:
    """How many entries a span has, and one digest over them all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', e.id,"
            " e.shape_id, e.row_id, encode(e.digest, 'hex')), E'\\n' ORDER BY e.id), ''),"
            f" 'UTF8')), 'hex') {ENTRIES}",
            span,
        )
        return cursor.fetchone()


def _shapes(span: list[Any]) -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT DISTINCT s.id, s."table", s.columns {ENTRIES} ORDER BY 1', span)
        return cursor.fetchall()


def _write(path: Path, span: list[Any]) -> str:
    """One line a row, flushed to disk before anything is removed. The file's digest."""
    if path.exists():
        raise ArchiveRefused(f"{path}已经存在，请换一个文件名。")
    digest = hashlib.sha256()
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        for line in _lines(span):
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return digest.hexdigest()


def _lines(span: list[Any]) -> Iterator[bytes]:
    quote = connection.ops.quote_name
    models_of = _archivable() | {model._meta.db_table: model for model in SEALED}
    for shape, table, columns in _shapes(span):
        key = quote(models_of[table]._meta.pk.column)
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"SELECT e.id, e.row_id, encode(e.digest, 'hex'), {spelling_sql(columns, 'kept')}"
                f" {ENTRIES.replace('WHERE', _join(table, key) + ' WHERE')} AND s.id = %s"
                " ORDER BY e.id",
                [*span, shape],
            )
            for entry, row_id, digest, spelling in cursor:
                if spelling is None or hashlib.sha256(spelling.encode()).hexdigest() != digest:
                    raise ArchiveRefused(
                        f"{table} {row_id}与记录链不符，没有归档。请先运行verify_history查明。"
                    )
                yield _line(entry, table, row_id, columns, spelling)


def _join(table: str, key: str) -> str:
    return f"LEFT JOIN {connection.ops.quote_name(table)} kept ON kept.{key}::text = e.row_id"


def _line(entry: int, table: str, row_id: str, columns: str, spelling: str) -> bytes:
    kept = {"entry": entry, "table": table, "id": row_id, "columns": columns, "row": spelling}
    return (json.dumps(kept, ensure_ascii=False) + "\n").encode()


def _remove(span: list[Any]) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [ARCHIVING])
        for table, model in _archivable().items():
            key = quote(model._meta.pk.column)
            cursor.execute(
                f"DELETE FROM {quote(table)} WHERE {key}::text IN (SELECT e.row_id {ENTRIES})",  # noqa: S608
                [span[0], span[1], [table]],
            )
        cursor.execute("SELECT set_config(%s, 'off', true)", [ARCHIVING])


def unfit() -> Iterator[int]:
    """Archives whose entries in the chain are no longer those that were archived."""
    before = 0
    for kept in HistoryArchive.objects.order_by("last_block"):
        if _summary([before, kept.last_block, kept.tables]) != (kept.rows, kept.entries_digest):
            yield kept.pk
        before = kept.last_block


def archived_before() -> dt.datetime | None:
    """What is older may be in an archive; None while nothing is."""
    return HistoryArchive.objects.aggregate(at=models.Max("older_than"))["at"]
