"""Encrypting everything anew with the present key, while the portal runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from accounts.history.context import changing_secret
from accounts.privacy import cipher
from accounts.privacy.fields import BlindIndexField, EncryptedTextField


@dataclass
class Rotated:
    column: str
    changed: int = 0
    left: int = 0


def encrypted_fields() -> Iterator[EncryptedTextField]:
    """Of the present rows. Rows of history are never changed, so they keep the key they had."""
    for model in apps.get_models():
        if hasattr(model, "pgh_tracked_model"):
            continue
        yield from (
            field for field in model._meta.local_fields if isinstance(field, EncryptedTextField)
        )


def rotate(*, batch: int = 500) -> Iterator[Rotated]:
    """One result a column. Rows are locked a batch at a time; a row saved meanwhile is current.

    Safe to stop and to run again. Raises NotDecrypted or UnknownKey where a value does not open;
    that batch is then as it was.
    """
    for field in encrypted_fields():
        result = Rotated(field.column_name)
        last: object = None
        while (numbers := _outdated(field, last, batch)) != []:
            result.changed += _encrypt_anew(field, numbers)
            last = numbers[-1]
        result.left = len(_outdated(field, None, None))
        yield result


def _outdated(field: EncryptedTextField, after: object, size: int | None) -> list[object]:
    """Keys of rows that are encrypted in an older way, in order."""
    key = field.model._meta.pk
    assert key is not None  # noqa: S101 - every model has one
    table, column, pk = (
        connection.ops.quote_name(name)
        for name in (field.model._meta.db_table, field.column, key.column)
    )
    current = cipher.current_start()
    text = (
        f"SELECT {pk} FROM {table} WHERE {column} <> '' "  # noqa: S608 - names of our own tables
        f"AND NOT starts_with({column}, %s)"
    )
    values: list[Any] = [current]
    if after is not None:
        text += f" AND {pk} > %s"
        values.append(after)
    text += f" ORDER BY {pk}"
    if size is not None:
        text += " LIMIT %s"
        values.append(size)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _encrypt_anew(field: EncryptedTextField, numbers: list[object]) -> int:
    rows = field.model._base_manager.select_for_update().filter(pk__in=numbers).order_by("pk")
    found = list(rows.only("pk", field.name))
    indexes = [
        index
        for index in field.model._meta.local_fields
        if isinstance(index, BlindIndexField) and index.source == field.name
    ]
    for row in found:
        setattr(row, field.attname, str(getattr(row, field.attname)))
        with changing_secret(field.name):
            row.save(update_fields=[column.name for column in (field, *indexes)])
    return len(found)
