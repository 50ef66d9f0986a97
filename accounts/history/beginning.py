"""Entering the rows that were there before history was: once, when a database is upgraded."""

from __future__ import annotations

import datetime as dt

from django.db import connection, models, transaction

from accounts.history.archives import archived_up_to
from accounts.history.canonical import fingerprint_sql
from accounts.history.recording import Action, Outcome
from accounts.history.request import this_request
from accounts.history.tracking import SEALED, TRACKED
from accounts.history.triggers import Seal
from accounts.models import AccessRecord, HistoryBlock

BEGIN = "begin"


class BegunBefore(Exception):
    """History has been begun; a row without history is then something to look into."""


def begin_history(*, now: dt.datetime) -> int:
    """Copy and seal every row that has no history yet. Returns how many. Raises BegunBefore."""
    begun = AccessRecord.objects.filter(
        action=Action.IMPORT, object_kind=HistoryBlock._meta.label_lower
    )
    if begun.exists() or archived_up_to():
        raise BegunBefore
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
        rows = sum(_copy(model) for model in TRACKED) + sum(_seal(model) for model in SEALED)
        AccessRecord.objects.create(
            at=now,
            action=Action.IMPORT,
            outcome=Outcome.DONE,
            rows=rows,
            object_kind=HistoryBlock._meta.label_lower,
            request_id=this_request().number,
        )
    return rows


def _copy(model: type[models.Model]) -> int:
    """Events of a sort of their own for rows without any; the event table's trigger seals them."""
    tracked = TRACKED[model]
    columns = [
        field.column for field in model._meta.concrete_fields if field.name not in tracked.leave_out
    ]
    quote = connection.ops.quote_name
    listed = ", ".join(map(quote, columns))
    key = quote(model._meta.pk.column)
    secrets, made = "", ""
    if tracked.secrets:
        secrets = ", pgh_secrets"
        table = model._meta.db_table
        made = f", {fingerprint_sql(table, model._meta.pk.column, tracked.secrets, 'kept')}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(tracked.event._meta.db_table)}"  # noqa: S608 - our own tables
            f" ({listed}, pgh_created_at, pgh_label, pgh_obj_id{secrets})"
            f" SELECT {listed}, now(), %s, {key}{made} FROM {quote(model._meta.db_table)} kept"
            f" WHERE NOT EXISTS (SELECT 1 FROM {quote(tracked.event._meta.db_table)} e"
            f" WHERE e.pgh_obj_id = kept.{key}) ORDER BY {key}",
            [BEGIN],
        )
        return cursor.rowcount


def _seal(model: type[models.Model]) -> int:
    """Entries for rows of a table that is its own history."""
    quote = connection.ops.quote_name
    key = quote(model._meta.pk.column)
    unsealed = (
        f"(SELECT * FROM {quote(model._meta.db_table)} kept WHERE NOT EXISTS ("  # noqa: S608
        "SELECT 1 FROM accounts_historyentry e JOIN accounts_historyshape s ON s.id = e.shape_id"
        f" WHERE s.\"table\" = '{model._meta.db_table}' AND e.row_id = kept.{key}::text))"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {unsealed} missing")  # noqa: S608
        (rows,) = cursor.fetchone()
        if rows:
            cursor.execute(Seal.entering(model, SEALED[model].columns, unsealed))
        return rows
