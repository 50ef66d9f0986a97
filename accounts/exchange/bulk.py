"""Many rows into a table at once, past the cost of a model instance each.

The rows go by COPY into a scratch table and from there in one INSERT, which carries who and why
like any statement and fires the history triggers once for all of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

# Stands for NULL on the way; no text that people type keeps a control character.
NULL = "\x07N"


def new_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that the database sets aside, so that rows of several tables can be linked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def insert_many(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert rows of the named fields (attnames); other fields get their default. Returns how many.

    Values are as PostgreSQL reads them (str, int, bool, Decimal, date, None). Constraints of the
    database hold; model validation is the caller's. Call it inside a transaction.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    missing = [
        field
        for name, field in fields.items()
        if name not in columns
        and not (field.primary_key or field.generated or _has_db_default(field))
    ]
    constants = [field.get_db_prep_save(field.get_default(), connection) for field in missing]
    wanted = [*(fields[name] for name in columns), *missing]
    return _through_scratch(
        model,
        [field.column for field in wanted],
        rows,
        "INSERT INTO {table} ({names}) SELECT {names} FROM {scratch}",
        constants,
    )


def update_many(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Set the named fields (attnames) of rows that exist; returns how many rows were given.

    Each row is its primary key and then the values, as for `insert_many`. Keys that are not there
    change nothing. Call it inside a transaction.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    names = [fields[name].column for name in columns]
    pk = model._meta.pk
    assert pk is not None  # noqa: S101 - every model of the portal has one
    key = quote(pk.column)
    values = ", ".join(f"{quote(name)} = scratch.{quote(name)}" for name in names)
    statement = (
        f"UPDATE {{table}} AS target SET {values}"  # noqa: S608 - names of our own columns
        f" FROM {{scratch}} AS scratch WHERE target.{key} = scratch.{key}"
    )
    return _through_scratch(model, [pk.column, *names], rows, statement, [])


def _through_scratch(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    statement: str,
    constants: Sequence[Any],
) -> int:
    """COPY rows of these columns, each ending in the constants, and run one statement on them."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    tail = [NULL if value is None else value for value in constants]
    count = 0
    for row in rows:
        writer.writerow([*(NULL if value is None else value for value in row), *tail])
        count += 1
    if not count:
        return 0
    buffer.seek(0)
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    scratch, table = quote(f"scratch_{model._meta.db_table}"[:60]), quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {scratch} ON COMMIT DROP AS"  # noqa: S608 - names of our own tables
            f" SELECT {names} FROM {table} WITH NO DATA"
        )
        cursor.copy_expert(
            f"COPY {scratch} ({names}) FROM STDIN (FORMAT csv, NULL '{NULL}')", buffer
        )
        cursor.execute(statement.format(table=table, names=names, scratch=scratch))
        cursor.execute(f"DROP TABLE {scratch}")
    return count


def _has_db_default(field: models.Field[Any, Any]) -> bool:
    return field.db_default is not models.NOT_PROVIDED
