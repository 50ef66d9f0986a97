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

from accounts.history import anchors
from accounts.history.canonical import spelling_sql
from accounts.history.tracking import SEALED, TRACKED
from accounts.history.triggers import ARCHIVING, KEPT_DAYS
from accounts.models import HistoryArchive, HistoryBlock


class ArchiveRefused(Exception):
    """Why nothing was archived, and what to do."""


def may_hold(model: type[models.Model]) -> bool:
    """Whether old rows of this model may go to an archive; returns and papers never do."""
    return model._meta.db_table in _archivable()


# What an archive leaves in the database: the newest event of each row that still is. Without it
# nothing would say what the row must be now.
NEWEST = """
    kept.pgh_label <> 'delete' AND NOT EXISTS (
        SELECT 1 FROM {table} younger
        WHERE younger.pgh_obj_id = kept.pgh_obj_id AND younger.pgh_id > kept.pgh_id)
"""


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
        if not _leaving(span):
            return None
        file_digest = _write(path, span)
        _remove(span)
        rows, digest = _gone(span)
        kept = HistoryArchive(
            at=now,
            older_than=older_than,
            last_block=block.position,
            tables=tables,
            rows=rows,
            file_name=path.name,
            file_digest=file_digest,
        )
        kept.entries_digest = anchors.sign(_said(kept, digest))
        kept.save()
        return kept


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
        return _count(span), _write(path, span)


def _lift_time_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '0', true),"
            " set_config('idle_in_transaction_session_timeout', '0', true)"
        )


def _count(span: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {ENTRIES}", span)
        return cursor.fetchone()[0]


def _gone(span: list[Any]) -> tuple[int, str]:
    """How many entries of a span have no row in the database, and one digest over them all."""
    first, last, tables = span
    quote = connection.ops.quote_name
    known = _archivable()
    parts, parameters = [], []
    for table in tables:
        key = quote(known[table]._meta.pk.column)
        parts.append(
            f"SELECT e.id, e.shape_id, e.row_id, e.digest {ENTRIES}"  # noqa: S608 - our own tables
            f" AND NOT EXISTS (SELECT 1 FROM {quote(table)} kept WHERE kept.{key}::text = e.row_id)"
        )
        parameters += [first, last, [table]]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', g.id,"  # noqa: S608 - names of our own tables
            " g.shape_id, g.row_id, encode(g.digest, 'hex')), E'\\n' ORDER BY g.id), ''),"
            f" 'UTF8')), 'hex') FROM ({' UNION ALL '.join(parts)}) g",
            parameters,
        )
        return cursor.fetchone()


def _said(kept: HistoryArchive, digest: str) -> str:
    """What an archive's signature covers: everything it says, and which rows are gone for it."""
    moments = [moment.astimezone(dt.UTC).isoformat() for moment in (kept.at, kept.older_than)]
    return json.dumps(
        ["archive", *moments, kept.last_block, kept.tables, kept.rows, digest, kept.file_name,
         kept.file_digest],
        ensure_ascii=False,
    )  # fmt: skip


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


def _leaving_sql(table: str, model: type[models.Model]) -> str:
    quote = connection.ops.quote_name
    key = quote(model._meta.pk.column)
    stays = "" if model in SEALED else f" AND NOT ({NEWEST.format(table=quote(table))})"
    return f"FROM {quote(table)} kept WHERE {key}::text IN (SELECT e.row_id {ENTRIES}){stays}"


def _leaving(span: list[Any]) -> bool:
    """Whether any row of a span may leave the database."""
    with connection.cursor() as cursor:
        for table, model in _archivable().items():
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 {_leaving_sql(table, model)})",
                [span[0], span[1], [table]],
            )
            if cursor.fetchone()[0]:
                return True
    return False


def _remove(span: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [ARCHIVING])
        for table, model in _archivable().items():
            cursor.execute(f"DELETE {_leaving_sql(table, model)}", [span[0], span[1], [table]])
        cursor.execute("SELECT set_config(%s, 'off', true)", [ARCHIVING])


def unfit() -> Iterator[int]:
    """Archives that the portal did not make so, or for which other rows are gone than then.

    Whoever owns the database can add an archive that excuses rows deleted since. It has no
    signature, and nothing excuses rows younger than the days that must stay.
    """
    before = 0
    for kept in HistoryArchive.objects.order_by("last_block", "pk"):
        if not _fits(kept, before):
            yield kept.pk
        before = kept.last_block


def _fits(kept: HistoryArchive, before: int) -> bool:
    if not set(kept.tables) <= set(_archivable()):
        return False
    if kept.older_than > kept.at - dt.timedelta(days=KEPT_DAYS):
        return False
    blocks = HistoryBlock.objects.filter(position__lte=kept.last_block)
    if blocks.filter(sealed_at__gte=kept.older_than).exists():
        return False
    rows, digest = _gone([before, kept.last_block, kept.tables])
    return rows == kept.rows and anchors.is_signed(_said(kept, digest), kept.entries_digest)


def archived_before() -> dt.datetime | None:
    """What is older may be in an archive; None while nothing is."""
    return HistoryArchive.objects.aggregate(at=models.Max("older_than"))["at"]
