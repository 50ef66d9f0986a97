"""The triggers that keep history, written as django-pgtrigger migrations.

The library lets any session switch its triggers off with a setting (`pgtrigger.ignore`). These
cannot be: whoever wants past them must own the table or be a superuser, and then the chain shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pghistory
import pghistory.trigger
import pgtrigger
import pgtrigger.compiler
from django.db import models

from accounts.history.canonical import columns_of, digest_sql, fingerprint_sql

# Nothing younger can be removed, by anybody: the Cybersecurity Law's six months.
KEPT_DAYS = 180
# Set by the archive for its own transaction; without it nothing can be removed at all.
ARCHIVING = "history.archiving"


class FirmTriggerSql(pgtrigger.compiler.UpsertTriggerSql):
    """The library's SQL without its way out. Migrations name this class: never change the text."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class _Firm:
    """For triggers: installed so that no setting switches them off."""

    def compile(self, model: Any) -> pgtrigger.compiler.Trigger:
        made = super().compile(model)  # type: ignore[misc]
        wanted = {key: value for key, value in made.sql.kwargs.items() if key != "ignore_func_name"}
        return pgtrigger.compiler.Trigger(name=made.name, sql=FirmTriggerSql(**wanted))


# ---- copying versions of rows -------------------------------------------------------------------

LIBRARYS_CONTEXT = (
    "COALESCE(NULLIF(CURRENT_SETTING('pghistory.context_metadata', TRUE), ''), NULL)::JSONB"
)
ORIGIN = (
    "jsonb_build_object('database_role', session_user,"
    " 'program', current_setting('application_name'))"
)
CONTEXT = f"(COALESCE({LIBRARYS_CONTEXT}, '{{}}') || {ORIGIN})"


class _Copy(_Firm, pghistory.trigger.Event):
    """The library's trigger, with the origin in its context and without a table of contexts."""

    def get_func(self, model: Any) -> Any:
        text = super().get_func(model).func.replace(LIBRARYS_CONTEXT, CONTEXT)
        text = re.sub(r"^WITH _pgh_attached_context AS \(.*? AS value \) ", "", text)
        text = text.replace(", _pgh_attached_context;", ";")
        event: Any = self.event_model
        if event.pgh_secret_columns:
            text = self._with_fingerprint(text, event)
        # Braces of the empty context must outlive the formatting of a trigger on statements.
        return pgtrigger.Func(text.replace("'{}'", "'{{}}'"))

    def _with_fingerprint(self, text: str, event: Any) -> str:
        """Adds what shows a secret changed later past this trigger, without its value."""
        tracked = event.pgh_tracked_model._meta
        row = self.row
        if self.level == pgtrigger.Statement:
            row = {"NEW": "new_values", "OLD": "old_values"}[row]
        made = fingerprint_sql(tracked.db_table, tracked.pk.column, event.pgh_secret_columns, row)
        text, columns = re.subn(r'\("', '("pgh_secrets", "', text, count=1)
        text, values = re.subn(r"(VALUES \(|\) SELECT )", rf"\g<1>{made}, ", text, count=1)
        if (columns, values) != (1, 1):
            raise AssertionError("the library writes its trigger in another way now")
        return text


class _Copying:
    """For the library's trackers: they install our trigger."""

    def add_event_trigger(self, event_model: Any) -> None:
        trigger = _Copy(
            event_model=event_model,
            label=self.label,  # type: ignore[attr-defined]
            name=self.trigger_name,  # type: ignore[attr-defined]
            row=self.row,  # type: ignore[attr-defined]
            operation=self.operation,  # type: ignore[attr-defined]
            condition=self.condition,  # type: ignore[attr-defined]
            level=self.level,  # type: ignore[attr-defined]
        )
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class Inserted(_Copying, pghistory.InsertEvent):
    """Copies all rows of a bulk insert in one statement: an import is no slower for it."""

    def __init__(self) -> None:
        super().__init__(level=pgtrigger.Statement)


class Updated(_Copying, pghistory.UpdateEvent):
    """Copies the new version of a row whose tracked fields changed."""


class Deleted(_Copying, pghistory.DeleteEvent):
    """Copies a row as it was when it was deleted."""


# ---- keeping what was written -------------------------------------------------------------------


class Origin(_Firm, pgtrigger.Trigger):
    """Whoever writes an event by hand leaves the database role and program all the same.

    A change made past the portal has nothing else, and one that only claims to be a person's
    stands out by its program.
    """

    name = "origin"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    condition = pgtrigger.Condition(
        "NEW.pgh_context ->> 'program' IS DISTINCT FROM current_setting('application_name')"
        " OR NEW.pgh_context ->> 'database_role' IS DISTINCT FROM session_user::text"
    )
    func = f"""
        NEW.pgh_context := coalesce(NEW.pgh_context, jsonb_build_object()) || {ORIGIN};
        RETURN NEW;
    """


class Keep(_Firm, pgtrigger.Trigger):
    """Refuses to change or remove a row, but for the archive taking what is old enough."""

    name = "keep"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def __init__(self, age: str = "") -> None:
        self.age = age
        super().__init__()

    def get_func(self, model: Any) -> str:
        archive = ""
        if self.age:
            column = model._meta.get_field(self.age).column
            archive = f"""
                IF TG_OP = 'DELETE' AND current_setting('{ARCHIVING}', true) = 'on'
                    AND OLD."{column}" < now() - interval '{KEPT_DAYS} days' THEN
                    RETURN OLD;
                END IF;"""
        return f"""{archive}
            RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        """


class Seal(_Firm, pgtrigger.Trigger):
    """Enters the digests of new rows, to be chained when the transaction commits (chain.py)."""

    name = "seal"
    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="added")

    def __init__(self, leave_out: Sequence[str] = ()) -> None:
        self.leave_out = leave_out
        super().__init__()

    def get_func(self, model: Any) -> str:
        entering = self.entering(model, columns_of(model, self.leave_out), "added")
        return f"{entering};\n            RETURN NULL;\n        "

    @staticmethod
    def entering(model: type[models.Model], columns: str, source: str) -> str:
        """SQL that enters the rows of `source`, and says once that this transaction has some."""
        key = model._meta.pk.column
        return f"""
            WITH entered AS (
                INSERT INTO accounts_historyentry (transaction, shape_id, row_id, digest)
                SELECT pg_current_xact_id()::text::bigint,
                    (SELECT history_shape('{model._meta.db_table}', '{columns}')),
                    added."{key}"::text, {digest_sql(columns, "added")}
                FROM {source} added ORDER BY added."{key}"
                RETURNING id
            )
            INSERT INTO accounts_historyopen (transaction, first_entry, closing)
            SELECT pg_current_xact_id()::text::bigint, min(id), false
            FROM entered HAVING count(*) > 0
            ON CONFLICT (transaction) DO NOTHING"""  # noqa: S608 - names of our own tables
