"""The application's role in PostgreSQL: it does its work, and nothing to schema or history."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.errors
import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.exchange.bulk import new_keys
from accounts.history.chain import verify
from accounts.history.recording import Action, record_access
from accounts.history.tracking import SEALED, TRACKED
from accounts.models import AccessRecord, HistoryEntry, Organisation, Region
from config.database.grants import _make_role as make_or_find_role
from config.database.grants import grant
from config.database.privileges import privileges_of_tables
from config.database.role import Application, make_role
from tests.acting_role import become
from tests.conftest import test_database_url, without_owner
from tests.small_county import NOW, SmallCounty

ROOT = Path(settings.BASE_DIR)
KINDS = (
    *("SELECT", "INSERT", "UPDATE", "DELETE"),
    *("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"),
)


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def application(db: None) -> Iterator[None]:
    become(settings.APPLICATION.role)
    yield
    if not connection.needs_rollback:
        become(None)


@pytest.mark.django_db
def test_every_table_gives_what_the_portal_does_with_it_and_no_more() -> None:
    role = settings.APPLICATION.role
    given = {
        table: set(held)
        for table, held in rows(
            "SELECT relname, ARRAY(SELECT kind FROM unnest(%s) kind"
            " WHERE has_table_privilege(%s, c.oid, kind))"
            " FROM pg_class c WHERE relkind IN ('r', 'v', 'm', 'p')"
            " AND relnamespace = 'public'::regnamespace",
            list(KINDS),
            role,
        )
    }
    wanted = privileges_of_tables()
    assert given == {table: set(wanted.get(table, ())) for table in given}
    assert wanted.keys() <= given.keys()
    assert len(given) > 60


@pytest.mark.django_db
def test_history_and_what_was_submitted_can_only_be_added_to() -> None:
    wanted = privileges_of_tables()
    for tracked in TRACKED.values():
        assert wanted[tracked.event._meta.db_table] == {"SELECT"}
    for model in SEALED:
        assert wanted[model._meta.db_table] <= {"SELECT", "INSERT"}
    for table in ("kindergartens_filingversion", "kindergartens_classcount", "staffing_staffcount",
                  "kindergartens_filingevent", "accounts_accessrecord"):  # fmt: skip
        assert wanted[table] == {"SELECT", "INSERT"}


@pytest.mark.django_db
def test_the_role_is_nobody_and_owns_nothing() -> None:
    role = settings.APPLICATION.role
    [attributes] = rows(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        " FROM pg_roles WHERE rolname = %s",
        role,
    )
    assert attributes == (False,) * 5
    for catalogue, owner in (("pg_class", "relowner"), ("pg_proc", "proowner"),
                             ("pg_namespace", "nspowner"), ("pg_database", "datdba")):  # fmt: skip
        assert rows(f"SELECT 1 FROM {catalogue} WHERE {owner} = %s::regrole", role) == []  # noqa: S608
    assert rows("SELECT 1 FROM pg_auth_members WHERE member = %s::regrole", role) == []


@pytest.mark.django_db
def test_triggers_run_as_the_owner_on_a_search_path_of_their_own() -> None:
    found = rows(
        "SELECT DISTINCT p.proname, p.prosecdef, p.proconfig,"
        " has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_trigger t JOIN pg_proc p"
        " ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND p.pronamespace = 'public'::regnamespace",
        settings.APPLICATION.role,
    )
    assert len(found) > 50
    for name, definer, path, callable_ in found:
        assert definer, name
        assert "search_path=public, pg_temp" in path, name
        assert not callable_, name


FORBIDDEN = {
    "alter an event": "UPDATE accounts_userchange SET pgh_label = 'x'",
    "remove an event": "DELETE FROM accounts_userchange",
    "make up an event": "INSERT INTO accounts_regionchange (pgh_created_at, pgh_label) VALUES (now(), 'x')",
    "alter an act": "UPDATE accounts_accessrecord SET reason = 'x'",
    "remove an act": "DELETE FROM accounts_accessrecord",
    "remove an act as the archive does": (
        "SELECT set_config('history.archiving', 'on', true); DELETE FROM accounts_accessrecord"
    ),
    "alter a submitted return": "UPDATE kindergartens_filingversion SET remarks = 'x'",
    "alter a submitted count": "UPDATE kindergartens_classcount SET boys = 0",
    "remove a submitted count": "DELETE FROM kindergartens_classcount",
    "alter the chain": "UPDATE accounts_historyblock SET digest = ''",
    "lengthen the chain": "INSERT INTO accounts_historyhead (id, position, digest) VALUES (1, 0, '')",
    "cut the chain": "DELETE FROM accounts_historyblock",
    "enter a row": "INSERT INTO accounts_historyentry (transaction, shape_id, row_id, digest)"
    " VALUES (1, 1, '1', '')",
    "make a shape": "SELECT history_shape('accounts_user', 'id')",
    "make up an archive": "INSERT INTO accounts_historyarchive (at) VALUES (now())",
    "remove an account": "DELETE FROM accounts_user",
    "remove a kindergarten": "DELETE FROM kindergartens_kindergarten",
    "empty a table": "TRUNCATE accounts_session",
    "drop a table": "DROP TABLE accounts_accessrecord",
    "add a column": "ALTER TABLE accounts_user ADD extra text",
    "switch triggers off": "ALTER TABLE accounts_user DISABLE TRIGGER ALL",
    "switch triggers off as a replica": "SET session_replication_role = replica",
    "drop a trigger": "DO $$ DECLARE t record; BEGIN SELECT tgname INTO t FROM pg_trigger WHERE tgrelid"
    " = 'accounts_user'::regclass AND NOT tgisinternal LIMIT 1;"
    " EXECUTE format('DROP TRIGGER %I ON accounts_user', t.tgname); END $$",
    "add a trigger": "CREATE TRIGGER x BEFORE INSERT ON accounts_user FOR EACH ROW"
    " EXECUTE FUNCTION history_refuse()",
    "fill a table of its own with a sealing trigger": (
        "CREATE TEMP TABLE t (LIKE accounts_user); DO $$ DECLARE f regproc; BEGIN"
        " SELECT tgfoid INTO STRICT f FROM pg_trigger WHERE tgrelid = 'accounts_user'::regclass"
        " AND NOT tgisinternal AND tgtype & 4 > 0 LIMIT 1;"
        " EXECUTE format('CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION %s()', f);"
        " END $$"
    ),
    "replace a function": "CREATE OR REPLACE FUNCTION history_close() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN NULL; END $$",
    "make a function": "CREATE FUNCTION public.x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "make a table": "CREATE TABLE public.x (a int)",
    "make a schema": "CREATE SCHEMA x",
    "make an extension": "CREATE EXTENSION dblink",
    "become the owner": "SET ROLE portal",
    "become a superuser": "ALTER ROLE CURRENT_USER SUPERUSER",
    "be made an owner": "GRANT portal TO CURRENT_USER",
    "read passwords of the server": "SELECT rolpassword FROM pg_authid",
    "read open transactions": "SELECT * FROM accounts_historyopen",
    "read unused tables": "SELECT * FROM auth_permission",
    "read a file": "SELECT pg_read_file('postgresql.conf')",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "change settings": "ALTER SYSTEM SET fsync = off",
    "take a number of the chain": "SELECT nextval(pg_get_serial_sequence('accounts_historyentry', 'id'))",
    "change numbers": "SELECT setval(pg_get_serial_sequence('accounts_accessrecord', 'id'), 1)",
}


@pytest.fixture
def signed_in(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """A connection with the application's own name and password, as web and worker have."""
    with django_db_blocker.unblock():
        address = test_database_url()
    link = psycopg2.connect(address)
    link.autocommit = True
    yield link
    link.close()


def test_the_application_signs_in_with_a_password_of_its_own(signed_in: Any) -> None:
    with signed_in.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == (settings.APPLICATION.role,) * 2
    assert settings.APPLICATION.password != settings.DATABASES["default"]["PASSWORD"]
    assert settings.APPLICATION.password not in repr(settings.APPLICATION)


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_application_cannot(signed_in: Any, statement: str) -> None:
    with (
        signed_in.cursor() as cursor,
        pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.UndefinedFile)) as no,
    ):
        cursor.execute(statement)
    assert isinstance(no.value, psycopg2.errors.InsufficientPrivilege)


@pytest.mark.django_db
def test_numbers_can_be_taken_where_rows_are_added() -> None:
    """An import takes them ahead, for rows that name one another."""
    role = settings.APPLICATION.role
    rows("CREATE TABLE later (id int GENERATED BY DEFAULT AS IDENTITY)")
    found = rows(
        "SELECT d.refobjid::regclass::text, has_sequence_privilege(%s, s.oid, 'USAGE'),"
        " has_sequence_privilege(%s, s.oid, 'SELECT, UPDATE'),"
        " has_table_privilege(%s, d.refobjid, 'INSERT')"
        " FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')"
        " AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass"
        " WHERE s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace",
        *(role, role, role),
    )
    assert len(found) > 60
    for table, taken, changed, added in found:
        assert (taken, changed) == (added, False), table


def test_rows_that_name_one_another_are_added_by_the_application(
    small: SmallCounty, application: None
) -> None:
    assert len(set(new_keys(Organisation, 3))) == 3
    call_command("load_regions", verbosity=0)
    assert Region.objects.count() > 40_000


def test_a_temporary_table_does_not_divert_the_chain(small: SmallCounty, application: None) -> None:
    before = HistoryEntry.objects.count()
    rows("CREATE TEMP TABLE accounts_historyentry (LIKE public.accounts_historyentry)")
    record_access(Action.PRINT, by=None, at=NOW)
    assert rows("SELECT count(*) FROM pg_temp.accounts_historyentry") == [(0,)]
    assert rows("SELECT count(*) FROM public.accounts_historyentry") == [(before + 1,)]
    rows("DROP TABLE pg_temp.accounts_historyentry")


def test_what_the_application_writes_names_its_role_and_verifies(
    small: SmallCounty, application: None
) -> None:
    small.officer()
    event = TRACKED[type(small.officer())].event._default_manager.latest("pgh_id")
    assert event.pgh_context["database_role"] == settings.APPLICATION.role
    record_access(Action.PRINT, by=None, at=NOW)
    rows("SET CONSTRAINTS ALL IMMEDIATE")
    assert AccessRecord.objects.exists()
    assert verify().findings == []


@pytest.mark.django_db
def test_a_new_table_can_be_read_and_added_to_until_its_model_says_more() -> None:
    rows("CREATE TABLE later (a int)")
    role = settings.APPLICATION.role
    held = {kind for kind in KINDS if rows("SELECT has_table_privilege(%s, 'later', %s)", role, kind) == [(True,)]}  # fmt: skip
    assert held == {"SELECT", "INSERT"}


@pytest.mark.django_db
def test_granting_again_takes_away_what_somebody_added() -> None:
    role = settings.APPLICATION.role
    rows(f"GRANT ALL ON accounts_accessrecord, accounts_historyblock TO {role}")
    rows(f"ALTER ROLE {role} CREATEROLE")
    grant(settings.APPLICATION)
    test_every_table_gives_what_the_portal_does_with_it_and_no_more()
    test_the_role_is_nobody_and_owns_nothing()


@pytest.mark.django_db
def test_one_role_for_everything_is_left_alone() -> None:
    become(None)
    owner = Application(connection.settings_dict["USER"], "x")
    with transaction.atomic():
        grant(owner)
    assert rows("SELECT has_table_privilege(current_user, 'accounts_user', 'DELETE')") == [(True,)]


@pytest.mark.django_db
def test_an_owner_who_may_make_no_roles_says_what_is_missing() -> None:
    rows("CREATE ROLE landlord NOLOGIN; ALTER SCHEMA public OWNER TO landlord")
    rows(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" OWNER TO landlord')
    for table, in rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"):  # fmt: skip
        rows(f'ALTER TABLE "{table}" OWNER TO landlord')
    for function, in rows("SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype"):  # fmt: skip
        rows(f"ALTER FUNCTION {function} OWNER TO landlord")
    rows("ALTER FUNCTION history_shape(text, text) OWNER TO landlord")
    become("landlord")
    grant(settings.APPLICATION)  # the administrator has made it
    with pytest.raises(CommandError, match="nobody_yet is missing"), transaction.atomic():
        grant(Application("nobody_yet", "x"))
    become(None)
    test_every_table_gives_what_the_portal_does_with_it_and_no_more()


@pytest.mark.django_db
def test_the_server_is_told_no_password() -> None:
    """What is said to it may stand in its log."""
    stranger = Application("stranger", "a-password-of-its-own")
    with connection.connection.cursor() as cursor:
        make_role(cursor, stranger)
        assert b'CREATE ROLE "stranger"' in cursor.query
        assert stranger.password.encode() not in cursor.query
    [(held,)] = rows("SELECT rolpassword FROM pg_authid WHERE rolname = 'stranger'")
    assert held.startswith("SCRAM-SHA-256$")


@pytest.mark.django_db
def test_of_two_who_make_the_role_at_once_neither_is_left_in_a_failed_transaction() -> None:
    rival = Application("rival", "x")
    owner = connection.get_connection_params()
    link, watch = (psycopg2.connect(**{**owner, "cursor_factory": None}) for _ in range(2))
    watch.autocommit = True

    def commit_once_the_other_waits() -> None:
        try:
            with watch.cursor() as cursor:
                for _ in range(600):
                    cursor.execute("SELECT %s = ANY(pg_blocking_pids(%s))", [mine, other])
                    if cursor.fetchone() == (True,):
                        break
                    time.sleep(0.05)
        finally:
            link.commit()

    try:
        with link.cursor() as cursor:
            make_role(cursor, rival)
        mine, other = link.info.backend_pid, connection.connection.info.backend_pid
        waiting = threading.Thread(target=commit_once_the_other_waits)
        waiting.start()
        make_or_find_role(rival)
        waiting.join()
        assert rows("SELECT 1 FROM pg_roles WHERE rolname = 'rival'") == [(1,)]
    finally:
        link.rollback()
        with watch.cursor() as cursor:
            cursor.execute("DROP ROLE IF EXISTS rival")
        link.close()
        watch.close()


def manage(*command: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


WHO = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT session_user'); print(k.fetchone()[0])"


def test_only_what_changes_the_schema_runs_as_the_owner(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        address = test_database_url()
    owner = os.environ["OWNER_DATABASE_URL"].rsplit("/", 1)[0] + "/" + address.rpartition("/")[2]
    said = manage("shell", "-v0", "-c", WHO, DATABASE_URL=address, OWNER_DATABASE_URL=owner)
    assert said.split()[-1] == settings.APPLICATION.role
    manage("migrate", "--plan", DATABASE_URL=address, OWNER_DATABASE_URL=owner)
    assert "OWNER_DATABASE_URL" not in without_owner(os.environ)


def test_no_service_but_migrate_is_given_the_owners_address() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    told = {name for name, service in services.items() if "OWNER_DATABASE_URL" in service.get("environment", {})}  # fmt: skip
    assert told == {"migrate"}
    for name in ("web", "worker", "beat"):
        environment = services[name]["environment"]
        assert "postgres://portal_app:${POSTGRES_APP_PASSWORD:?" in environment["DATABASE_URL"]
        assert not any("${POSTGRES_PASSWORD" in str(value) for value in environment.values())
    assert "postgres://portal:${POSTGRES_PASSWORD:?" in services["migrate"]["environment"]["OWNER_DATABASE_URL"]  # fmt: skip
