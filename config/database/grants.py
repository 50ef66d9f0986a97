"""Gives the application's role its privileges, after every change of the schema.

Only the owner of the tables runs this. What a table needs comes from its model, so that a later
migration's tables get theirs without anybody thinking of it. Until then the default privileges
hold: rows of a new table may be read and added.
"""

from __future__ import annotations

from typing import Any

import psycopg2.errors
from django.core.management import CommandError
from django.db import connection, transaction

from config.database.privileges import privileges_of_tables
from config.database.role import Application, make_role

# Whoever could call it with other arguments would write into the chain.
SHAPE = "history_shape(text, text)"


@transaction.atomic
def grant(application: Application) -> None:
    """Set what the role may do in this database, whatever it could do before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if cursor.fetchone() == (application.role,):
            return  # One role for everything: it owns the tables anyway.
        _make_role(application)
        role = connection.ops.quote_name(application.role)
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        for statement in (
            f"REVOKE ALL ON DATABASE {database} FROM {role}",
            # Temporary tables hold sums while they are compared.
            f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"REVOKE ALL ON SCHEMA public FROM {role}",
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            # Numbers of rows come from identity columns, which ask for no right to a sequence.
            f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role}",
        ):
            cursor.execute(statement)
        _grant_tables(cursor, role)
        _let_triggers_write(cursor)


def _make_role(application: Application) -> None:
    """The role, unless an administrator of the server keeps it and this owner may not."""
    try:
        with transaction.atomic(), connection.connection.cursor() as bare:
            make_role(bare, application)
    except psycopg2.errors.InsufficientPrivilege:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [application.role])
            if cursor.fetchone() is None:
                raise CommandError(
                    f"The role {application.role} is missing and this owner may not make it: "
                    f"let an administrator of the server run CREATE ROLE {application.role} "
                    "LOGIN NOINHERIT PASSWORD …, with the password of DATABASE_URL."
                ) from None


def _grant_tables(cursor: Any, role: str) -> None:
    there = set(connection.introspection.table_names(cursor))
    for table, privileges in privileges_of_tables().items():
        if privileges and table in there:
            listed = ", ".join(sorted(privileges))
            cursor.execute(f"GRANT {listed} ON {connection.ops.quote_name(table)} TO {role}")


def _let_triggers_write(cursor: Any) -> None:
    """Triggers run as the owner, so that nobody needs the right to write history by hand.

    Their text names tables and functions of the schema only; with a search path of their own no
    temporary table or function of the caller takes their place.
    """
    cursor.execute(
        "SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND p.pronamespace = 'public'::regnamespace"
        " AND p.prorettype = 'trigger'::regtype AND NOT p.prosecdef"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(
            f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp"
        )
    cursor.execute("SELECT to_regprocedure(%s)", [SHAPE])
    if cursor.fetchone() != (None,):
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {SHAPE} FROM PUBLIC")
