"""Is history as it was written? Reads the whole chain and names every row that does not fit.

May run while people work: each comparison is one statement, which sees one moment. The database
compares, with formulas spelt here again and not with functions stored there, which whoever
rewrites history could rewrite too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, models, transaction

from accounts.history import anchors, archives
from accounts.history.canonical import columns_of, digest_sql, fingerprint_sql, spelling_sql
from accounts.history.tracking import SEALED, TRACKED

# More of one sort are counted as one: then it is no longer about single rows.
MOST_OF_A_SORT = 10_000


class What(StrEnum):
    """What happened to a row or a block; the value is what people read."""

    ALTERED = "内容被改动"
    DELETED = "被删除"
    INSERTED = "不是由系统写入"
    UNCHAINED = "记录链里没有它的位置"
    MISSING_BLOCK = "记录链缺这一块"
    ALTERED_BLOCK = "记录链的这一块与摘要不符"
    HEAD = "记录链末端不符，末尾被截断或改动"
    ANCHOR = "与锚点不符，记录链被重写，或恢复过旧备份"
    FORGED_ANCHOR = "锚点的签名不对"
    ARCHIVE = "归档过的记录与归档时不符"
    LIVE = "现有数据与最近一次记录不符"
    UNKNOWN_TABLE = "指向不认识的表或字段"


@dataclass(frozen=True)
class Finding:
    """`holds` names the rows of a block, which may all be concerned."""

    what: What
    table: str
    id: str
    holds: str = ""

    def as_dict(self) -> dict[str, str]:
        return {
            "table": self.table,
            "id": self.id,
            "what": self.what.name.lower(),
            "says": self.what.value,
            **({"holds": self.holds} if self.holds else {}),
        }

    def __str__(self) -> str:
        holds = f"（含{self.holds}）" if self.holds else ""
        return f"{self.table} {self.id}：{self.what}{holds}"


@dataclass(frozen=True)
class Verified:
    """`rows` counts the history rows in the chain, `position` is its last block."""

    rows: int
    position: int
    anchors: int
    findings: list[Finding]

    @property
    def sound(self) -> bool:
        return not self.findings


Report = Callable[[int, int, str], None]


def verify(*, printed_anchors: str = "", report: Report = lambda *_: None) -> Verified:
    """Compare every history row, every block and every anchor, and what is with what was.

    `printed_anchors` are anchors kept outside the database, one a line: they show what even
    somebody who rewrites the whole database cannot hide. Raises anchors.NotAnAnchor.
    """
    outside = anchors.parse(printed_anchors)
    steps: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("核对记录链", _blocks),
        ("核对记录内容", _rows),
        ("核对末端和锚点", lambda: _ends(outside)),
        ("核对归档", _archives),
        ("核对现有数据", _live_rows),
    ]
    findings: list[Finding] = []
    with transaction.atomic():
        _run(
            "SELECT set_config('statement_timeout', '0', true),"
            " set_config('work_mem', '96MB', true), set_config('jit', 'off', true)"
        )
        for number, (title, step) in enumerate(steps):
            report(number, len(steps), title)
            findings += step()
        ((rows, position, kept),) = _run(
            "SELECT (SELECT count(*) FROM accounts_historyentry),"
            " (SELECT coalesce(max(position), 0) FROM accounts_historyblock),"
            " (SELECT count(*) FROM accounts_historyanchor)"
        )
    report(len(steps), len(steps), "核对完毕")
    return Verified(rows, position, kept + len(outside), findings)


def _run(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


# Entries find their block by the block's first entry: sorted together, the last block seen is it.
PLACED = """
WITH placed AS MATERIALIZED (
    SELECT id, is_entry, shape_id, row_id, digest, transaction,
        max(position) OVER seen AS position, max(last_entry) OVER seen AS last_entry
    FROM (
        SELECT transaction, first_entry AS id, false AS is_entry, position, last_entry,
            NULL::int AS shape_id, NULL::text AS row_id, NULL::bytea AS digest
        FROM accounts_historyblock
        UNION ALL
        SELECT transaction, id, true, NULL, NULL, shape_id, row_id, digest
        FROM accounts_historyentry
    ) marks
    WINDOW seen AS (PARTITION BY transaction ORDER BY id, is_entry)
)
"""

BLOCKS = f"""{PLACED}, gathered AS (
    SELECT position, string_agg(
        concat_ws('|', id, shape_id, row_id, encode(digest, 'hex')), E'\n' ORDER BY id) AS lines
    FROM placed WHERE is_entry AND id <= last_entry GROUP BY position
), linked AS (
    SELECT b.*, lag(b.position) OVER along AS position_before,
        lag(b.digest) OVER along AS digest_before
    FROM accounts_historyblock b WINDOW along AS (ORDER BY b.position)
), compared AS (
    SELECT l.position, coalesce(l.position_before, 0) AS before,
        l.digest = sha256(coalesce(l.digest_before, '') || convert_to(concat_ws('|', l.position,
            l.transaction, (extract(epoch FROM l.sealed_at) * 1000000)::bigint, l.entries,
            l.first_entry, l.last_entry, g.lines), 'UTF8')) AS fits
    FROM linked l LEFT JOIN gathered g ON g.position = l.position
), suspect AS (
    SELECT * FROM compared WHERE before <> position - 1 OR NOT fits
    ORDER BY position LIMIT {MOST_OF_A_SORT}
)
SELECT 'block', s.position, s.before, (
    SELECT string_agg(format('%s %s', h."table", p.row_id), '、' ORDER BY p.id)
    FROM placed p JOIN accounts_historyshape h ON h.id = p.shape_id
    WHERE p.is_entry AND p.position = s.position AND p.id <= p.last_entry
) FROM suspect s
UNION ALL
SELECT 'entry', NULL, NULL, format('%s %s', coalesce(h."table", '?'), p.row_id)
FROM placed p LEFT JOIN accounts_historyshape h ON h.id = p.shape_id
WHERE p.is_entry AND (p.position IS NULL OR p.id > p.last_entry)
    -- What this transaction has just written itself is chained when it commits.
    AND p.transaction IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
"""  # noqa: S608 - constants only


def _blocks() -> Iterator[Finding]:
    for sort, position, before, holds in _run(BLOCKS):
        if sort == "entry":
            yield Finding(What.UNCHAINED, *holds.split(" ", 1))
        elif before != position - 1:
            last = position - 1
            missing = str(last) if before == last - 1 else f"{before + 1}–{last}"
            yield Finding(What.MISSING_BLOCK, "accounts_historyblock", missing)
        else:
            yield Finding(What.ALTERED_BLOCK, "accounts_historyblock", str(position), holds or "")


def _kept_models() -> dict[str, type[models.Model]]:
    """Models whose rows are history, by table."""
    kept = [*SEALED, *(tracked.event for tracked in TRACKED.values())]
    return {model._meta.db_table: model for model in kept}


def _rows() -> Iterator[Finding]:
    kept = _kept_models()
    quote = connection.ops.quote_name
    archived = archives.archived_up_to()
    for shape, table, columns in _run(
        'SELECT id, "table", columns FROM accounts_historyshape ORDER BY id'
    ):
        model = kept.get(table)
        if model is None or not _exist(table, columns):
            yield Finding(What.UNKNOWN_TABLE, table, columns)
            continue
        key = quote(model._meta.pk.column)
        compared = _run(
            f"""
            SELECT e.row_id, r.id IS NULL
            FROM accounts_historyentry e
            LEFT JOIN (
                SELECT kept.{key}::text AS id, {digest_sql(columns, "kept")} AS digest
                FROM {quote(table)} kept
            ) r ON r.id = e.row_id
            WHERE e.shape_id = %s AND (r.id IS NULL OR r.digest <> e.digest)
                AND NOT (r.id IS NULL AND EXISTS (
                    SELECT 1 FROM accounts_historyblock b
                    WHERE b.transaction = e.transaction AND b.position <= %s
                        AND e.id BETWEEN b.first_entry AND b.last_entry))
            ORDER BY e.id LIMIT {MOST_OF_A_SORT}
            """,  # noqa: S608 - names of our own tables and checked columns
            [shape, archived if archives.may_hold(model) else 0],
        )
        for row_id, gone in compared:
            yield Finding(What.DELETED if gone else What.ALTERED, table, row_id)
    for table, model in kept.items():
        key = quote(model._meta.pk.column)
        for (row_id,) in _run(
            f"""
            SELECT kept.{key}::text FROM {quote(table)} kept
            WHERE NOT EXISTS (
                SELECT 1 FROM accounts_historyentry e
                JOIN accounts_historyshape s ON s.id = e.shape_id AND s."table" = %s
                WHERE e.row_id = kept.{key}::text)
            ORDER BY kept.{key} LIMIT {MOST_OF_A_SORT}
            """,  # noqa: S608 - names of our own tables
            [table],
        ):
            yield Finding(What.INSERTED, table, row_id)


def _exist(table: str, columns: str) -> bool:
    """Whether a shape, which may have been tampered with, names columns that there are."""
    there = {
        name
        for (name,) in _run(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s",
            [table],
        )
    }
    return {part.rstrip("@#") for part in columns.split(",")} <= there


def _ends(outside: list[anchors.Anchor]) -> Iterator[Finding]:
    (last,) = _run(
        "SELECT * FROM (SELECT position, digest FROM accounts_historyblock"
        " ORDER BY position DESC LIMIT 1) b"
        " FULL JOIN (SELECT position AS ends, digest AS closes FROM accounts_historyhead) h ON true"
    ) or [(None, None, None, None)]
    position, digest, ends, closes = last
    if position != ends or bytes(digest or b"") != bytes(closes or b""):
        yield Finding(What.HEAD, "accounts_historyhead", f"{ends}→{position}")
    kept = [("accounts_historyanchor", *row) for row in anchors.stored()]
    for table, name, anchor in [*kept, *(("锚点文件", str(a.position), a) for a in outside)]:
        if not anchors.is_genuine(anchor):
            yield Finding(What.FORGED_ANCHOR, table, name)
            continue
        found = _run(
            "SELECT encode(digest, 'hex') FROM accounts_historyblock WHERE position = %s",
            [anchor.position],
        )
        if [(anchor.digest,)] != found:
            yield Finding(What.ANCHOR, table, name)


def _archives() -> Iterator[Finding]:
    for pk in archives.unfit():
        yield Finding(What.ARCHIVE, "accounts_historyarchive", str(pk))


def _live_rows() -> Iterator[Finding]:
    """Rows that somebody changed past the triggers: they differ from their newest event.

    Of secrets the event has a digest only; that of the row is made here again.
    """
    quote = connection.ops.quote_name
    for model, tracked in TRACKED.items():
        columns = columns_of(model, tuple(tracked.leave_out))
        key = quote(model._meta.pk.column)
        said = kept_said = "NULL"
        if tracked.secrets:
            said = "e.pgh_secrets"
            kept_said = fingerprint_sql(
                model._meta.db_table, model._meta.pk.column, tracked.secrets, "kept"
            )
        for (row_id,) in _run(
            f"""
            SELECT coalesce(live.id, last.id)::text
            FROM (
                SELECT DISTINCT ON (e.pgh_obj_id) e.pgh_obj_id AS id,
                    e.pgh_label = 'delete' AS gone, {spelling_sql(columns, "e")} AS said,
                    {said} AS fingerprint
                FROM {quote(tracked.event._meta.db_table)} e
                ORDER BY e.pgh_obj_id, e.pgh_id DESC
            ) last
            FULL JOIN (
                SELECT kept.{key} AS id, {spelling_sql(columns, "kept")} AS says,
                    {kept_said} AS fingerprint
                FROM {quote(model._meta.db_table)} kept
            ) live ON live.id = last.id
            WHERE CASE WHEN live.id IS NULL THEN NOT last.gone
                WHEN last.id IS NULL THEN true ELSE last.gone OR last.said <> live.says
                    OR last.fingerprint IS DISTINCT FROM live.fingerprint END
            ORDER BY 1 LIMIT {MOST_OF_A_SORT}
            """  # noqa: S608 - names of our own tables and columns
        ):
            yield Finding(What.LIVE, model._meta.db_table, row_id)
