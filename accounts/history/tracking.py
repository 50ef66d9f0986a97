"""How a model's rows enter history: one decorator above the class, and its migration.

``@tracked()``     rows change: every version is copied, with who, when and why.
``@sealed()``      rows never change: they are their own history, and only sealed.
``@not_kept("…")`` derived or passing rows: the reason says why losing them loses nothing.

A test walks every model of the portal and fails for one that has none of the three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pghistory
import pghistory.trigger
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from accounts.history.canonical import columns_of, digest_sql

AnyModel = TypeVar("AnyModel", bound=type[models.Model])

# Nothing younger can be removed, by anybody: the Cybersecurity Law's six months.
KEPT_DAYS = 180
# Set by the archive for its own transaction; without it nothing can be removed at all.
ARCHIVING = "history.archiving"


@dataclass(frozen=True)
class Tracked:
    """`leave_out` are fields that no event copies; a change of a secret shows without its value."""

    event: type[models.Model]
    leave_out: frozenset[str]
    secrets: frozenset[str]


@dataclass(frozen=True)
class Sealed:
    columns: str
    # The field that tells a row's age, where old rows may go to the archive.
    age: str


TRACKED: dict[type[models.Model], Tracked] = {}
SEALED: dict[type[models.Model], Sealed] = {}
NOT_KEPT: dict[type[models.Model], str] = {}


def tracked(
    *, secrets: Sequence[str] = (), leave_out: Sequence[str] = ()
) -> Callable[[AnyModel], AnyModel]:
    """Copy every version of a row into an event table of its own, by database triggers.

    `secrets` are fields whose change is an event, but whose value is never copied: password
    hashes, keys, encrypted identifiers. `leave_out` are fields whose change is no event; say why
    beside the decorator.
    """

    def keep(model: AnyModel) -> AnyModel:
        trackers: list[pghistory.Tracker] = [
            _SetWiseInsert(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
        ]
        if secrets:
            changed = pgtrigger.AnyChange(*secrets)
            trackers.append(pghistory.UpdateEvent("secret", condition=changed))
        name = f"{model.__name__}Change"
        pghistory.track(
            *trackers,
            exclude=[*secrets, *leave_out],
            model_name=name,
            obj_field=pghistory.ObjForeignKey(related_name="changes"),
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,
            meta={
                "verbose_name": f"{model._meta.verbose_name}改动",
                "verbose_name_plural": f"{model._meta.verbose_name}改动",
                # The audit list looks at days: rows lie in the order of time anyway.
                "indexes": [
                    BrinIndex(
                        fields=["pgh_created_at"],
                        name=f"{model.__name__.lower()[:24]}_when",
                        autosummarize=True,
                    )
                ],
                "triggers": [_Origin(), _Keep("pgh_created_at"), Seal()],
            },
        )(model)
        event = model._meta.apps.all_models[model._meta.app_label][name.lower()]
        TRACKED[model] = Tracked(event, frozenset([*secrets, *leave_out]), frozenset(secrets))
        return model

    return keep


def sealed(
    *, leave_out: Sequence[str] = (), age: str = "", guard: bool = True
) -> Callable[[AnyModel], AnyModel]:
    """Seal every row as it is written, and let the database refuse to change or remove it.

    `age` names the field by which old rows may be archived; without it they stay for ever.
    `guard=False` where a trigger of the app's own refuses already.
    """

    def keep(model: AnyModel) -> AnyModel:
        triggers: list[pgtrigger.Trigger] = [Seal(leave_out)]
        if guard:
            triggers.append(_Keep(age))
        pgtrigger.register(*triggers)(model)
        SEALED[model] = Sealed(columns_of(model, leave_out), age)
        return model

    return keep


def not_kept(reason: str) -> Callable[[AnyModel], AnyModel]:
    """These rows have no history; the reason says why losing or changing one loses nothing."""

    def keep(model: AnyModel) -> AnyModel:
        NOT_KEPT[model] = reason
        return model

    return keep


class _WithoutContextTable(pghistory.trigger.Event):
    """The library's set-wise trigger, less its use of a context table that we do not keep."""

    def get_func(self, model: type[models.Model]) -> Any:
        made = super().get_func(model)
        text = re.sub(r"^WITH _pgh_attached_context AS \(.*? AS value \) ", "", made.func)
        return pgtrigger.Func(text.replace(", _pgh_attached_context;", ";"))


class _SetWiseInsert(pghistory.InsertEvent):
    """Copies all rows of a bulk insert in one statement: an import is no slower for it."""

    def __init__(self) -> None:
        super().__init__(level=pgtrigger.Statement)

    def add_event_trigger(self, event_model: type[models.Model]) -> None:
        trigger = _WithoutContextTable(
            event_model=event_model,
            label=self.label,
            name=self.trigger_name,
            row=self.row,
            operation=self.operation,
            condition=self.condition,
            level=self.level,
        )
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)  # type: ignore[attr-defined]


class _Origin(pgtrigger.Trigger):
    """Adds to each event which database role and program wrote it.

    A change made past the portal has nothing else, and one that only claims to be a person's
    stands out by its program.
    """

    name = "origin"
    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        NEW.pgh_context := coalesce(NEW.pgh_context, '{}'::jsonb) || jsonb_build_object(
            'database_role', session_user, 'program', current_setting('application_name'));
        RETURN NEW;
    """


class _Keep(pgtrigger.Trigger):
    """Refuses to change or remove a row, but for the archive taking what is old enough."""

    name = "keep"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def __init__(self, age: str = "") -> None:
        self.age = age
        super().__init__()

    def get_func(self, model: type[models.Model]) -> str:
        archive = ""
        if self.age:
            column = model._meta.get_field(self.age).column  # type: ignore[union-attr]
            archive = f"""
                IF TG_OP = 'DELETE' AND current_setting('{ARCHIVING}', true) = 'on'
                    AND OLD."{column}" < now() - interval '{KEPT_DAYS} days' THEN
                    RETURN OLD;
                END IF;"""
        return f"""{archive}
            RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        """


class Seal(pgtrigger.Trigger):
    """Enters the digests of new rows, to be chained when the transaction commits (chain.py)."""

    name = "seal"
    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="added")

    def __init__(self, leave_out: Sequence[str] = ()) -> None:
        self.leave_out = leave_out
        super().__init__()

    def get_func(self, model: type[models.Model]) -> str:
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
