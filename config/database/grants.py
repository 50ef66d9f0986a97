"""Gives the application's role its privileges, after every change of the schema.

Only the owner of the tables runs this. What a table needs comes from its model, so that a later
migration's tables get theirs without anybody thinking of it. Until then the default privileges
hold: rows of a new table may be read and added, and take their numbers.
"""

from __future__ import annotations

from typing import Any

import psycopg2.errors
from django.core.management import CommandError
from django.db import connection, transaction

from config.database.privileges import INSERT, privileges_of_tables
from config.database.role import MADE_MEANWHILE, Application, make_role

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
            f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}",
        ):
            cursor.execute(statement)
        _grant_tables(cursor, role)
        _let_triggers_write(cursor, role)


def _make_role(application: Application) -> None:
    """The role, unless an administrator of the server keeps it and this owner may not."""
    try:
        with transaction.atomic(), connection.connection.cursor() as bare:
            make_role(bare, application)
    except MADE_MEANWHILE:
        return  # Caught out here: inside, the savepoint would be left aborted.
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
        if INSERT in privileges and table in there:
            _grant_numbers(cursor, role, table)


def _grant_numbers(cursor: Any, role: str, table: str) -> None:
    """Numbers may be taken ahead, for rows of several tables that name one another; never set."""
    cursor.execute(
        "SELECT s.oid::regclass::text FROM pg_class s JOIN pg_depend d ON d.objid = s.oid"
        " AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
        " WHERE s.relkind = 'S' AND d.deptype IN ('a', 'i')"
        " AND d.refobjid = to_regclass('public.' || quote_ident(%s))",
        [table],
    )
    for (sequence,) in cursor.fetchall():
        cursor.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {role}")


def _let_triggers_write(cursor: Any, role: str) -> None:
    """Triggers run as the owner, so that nobody needs the right to write history by hand.

    Their text names tables and functions of the schema only; with a search path of their own no
    temporary table or function of the caller takes their place. Firing one asks for no right to
    its function, but making a trigger does: on a temporary table of the caller's own, filled as the
    caller likes, it would write made-up events.
    """
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC, {role}")
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
