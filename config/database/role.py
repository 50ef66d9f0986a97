"""The application's role: it signs in and, without grants, may do nothing.

Plain SQL over psycopg2's own cursor, because the servers of one machine make the role before Django is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2 import sql
from psycopg2.extensions import encrypt_password


@dataclass(frozen=True)
class Application:
    """The role under which web, worker and beat connect, as DATABASE_URL names it."""

    role: str
    password: str

    def __repr__(self) -> str:
        return f"Application({self.role})"


# Somebody else is just making or altering the role, in the same way.
MADE_MEANWHILE = (
    psycopg2.errors.DuplicateObject,
    psycopg2.errors.UniqueViolation,
    psycopg2.errors.InternalError_,
)
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"


def make_role(cursor: Any, application: Application) -> None:
    """Make the role, or give the one that is there its password and take every attribute away.

    Needs a superuser or a role that may create roles, unless the role is as it should be. Safe to
    run twice. Of two at once one may raise MADE_MEANWHILE, for the caller to let pass once the
    transaction or savepoint is left. The server gets a SCRAM verifier: the password itself would
    stand in its log.
    """
    if _is_as_it_should_be(cursor, application):
        return
    verifier = encrypt_password(
        application.password, application.role, scope=cursor, algorithm="scram-sha-256"
    )
    told = sql.SQL("{} WITH " + ATTRIBUTES + " PASSWORD {}").format(
        sql.Identifier(application.role), sql.Literal(verifier)
    )
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [application.role])
    verb = sql.SQL("ALTER ROLE " if cursor.fetchone() else "CREATE ROLE ")
    cursor.execute(verb + told)


def _is_as_it_should_be(cursor: Any, application: Application) -> bool:
    """Whether the role signs in with its password and has no attribute of a powerful one."""
    cursor.execute(
        "SELECT NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
        " OR rolinherit) FROM pg_roles WHERE rolname = %s",
        [application.role],
    )
    if cursor.fetchone() != (True,):
        return False
    server = cursor.connection.info
    try:
        psycopg2.connect(
            host=server.host,
            port=server.port,
            dbname=server.dbname,
            user=application.role,
            password=application.password,
            connect_timeout=5,
        ).close()
    except psycopg2.OperationalError:
        return False
    return True
