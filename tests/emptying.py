"""Empties the database after a test that committed, in a tenth of the time TRUNCATE takes.

TRUNCATE makes new files for each of some 170 tables and their indexes, though such a test wrote to a
few of them. Rows are deleted instead, where there are any.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations


def delete_rows(
    operations: DatabaseOperations, style: Any, tables: list[str], **options: Any
) -> list[str]:
    """The statements of `flush`: in its transaction, without triggers and foreign keys in the way."""
    quoted = {table: operations.quote_name(table) for table in tables}
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608
                for table, name in quoted.items()
            )
        )
        filled = [table for (table,) in cursor.fetchall()]
    return [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {quoted[table]}" for table in filled),  # noqa: S608
    ]
