"""Everything that is stored, so that two states can be compared."""

from __future__ import annotations

from functools import cache

from django.db import connection, models

from tests.access.canary.planting import COPIES, own_models
from tests.acting_role import as_owner

# Written anew each time by chance, so that two runs of one act differ in it and in nothing else.
BY_CHANCE = {
    "accounts.AccessRecord": ["request_id"],
    "accounts.Session": ["session_data"],
    # Salted; a one-time password is drawn as well. Numbers are encrypted anew each time; their
    # digest is not.
    "accounts.User": ["password", "phone"],
    "accounts.UserChange": ["pgh_secrets"],
    "accounts.AuthenticatorKey": ["key"],
    "accounts.AuthenticatorKeyChange": ["pgh_secrets"],
    "accounts.RecoveryCode": ["digest"],
    "accounts.StoredFile": ["storage_name"],
    "staffing.EmploymentBan": ["number"],
    "staffing.EmploymentBanChange": ["pgh_secrets"],
    "staffing.StaffMember": ["number"],
    "staffing.StaffMemberChange": ["pgh_secrets"],
}
# The chain over history repeats in digests, with chance in them, what the history rows say.
CHAIN = {
    "accounts.HistoryShape",
    "accounts.HistoryEntry",
    "accounts.HistoryOpen",
    "accounts.HistoryBlock",
    "accounts.HistoryHead",
}
# When a browser was last heard of is no effect of an act; that something was refused is kept once a
# minute, whoever asks how often.
PASSING = {"accounts.Session"}
NOT_REFUSED = {"accounts.AccessRecord": "WHERE action <> 'denied'"}


def everything_stored() -> dict[str, list[str]]:
    """Every row of every table of ours but for its own key and what is drawn by chance."""
    stored = {}
    with connection.cursor() as cursor:
        for model in own_models():
            label = model._meta.label
            if label in CHAIN | PASSING:
                continue
            without = [model._meta.pk.column, *BY_CHANCE.get(label, ())]
            if model in COPIES:
                key = COPIES[model]._meta.pk
                without += BY_CHANCE.get(COPIES[model]._meta.label, ())
                without += ["pgh_obj_id", key.column] if isinstance(key, models.UUIDField) else []
            # The number of the request is a history row's only word of chance.
            row = "(to_jsonb(t) #- '{pgh_context,request}'::text[])"
            kept = f"{model._meta.db_table} t {NOT_REFUSED.get(label, '')}"
            cursor.execute(
                f"SELECT ({row} - %s::text[])::text FROM {kept} ORDER BY 1",  # noqa: S608
                [without],
            )
            stored[label] = [row for (row,) in cursor.fetchall()]
    return stored


def rewind_keys() -> None:
    """A sequence goes on where a transaction is undone: let the same rows get the same keys."""
    keys = [(model._meta.db_table, model._meta.pk.column) for model in own_models()]
    keys = [(table, key) for table, key in keys if has_a_sequence(table, key)]
    afresh = "SELECT setval(pg_get_serial_sequence(%s, %s), {}) FROM {}"
    highest = 'coalesce(max("{}"), 0) + 1, false'
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(afresh.format(highest.format(key), table) for table, key in keys),
            [part for pair in keys for part in pair],
        )


@cache
def has_a_sequence(table: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s) IS NOT NULL", [table, key])
        (found,) = cursor.fetchone()
    return bool(found)
