"""How a model's rows enter history: one decorator above the class, and its migration.

``@tracked()``     rows change: every version is copied, with who, when and why.
``@sealed()``      rows never change: they are their own history, and only sealed.
``@not_kept("…")`` derived or passing rows: the reason says why losing them loses nothing.

A test walks every model of the portal and fails for one that has none of the three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from accounts.access.scoping import ScopedQuerySet
from accounts.history.canonical import columns_of
from accounts.history.triggers import Deleted, Inserted, Keep, Origin, Seal, Updated


class ChangeQuerySet(ScopedQuerySet[Any]):
    """Copies of rows. They say all the rows said, so they stand behind the same wall."""

    def visible_to(self, user: Any) -> ChangeQuerySet:
        """Copies of the rows that a person may see as they stand.

        Of rows without a rule of their own, and of rows that are gone, only a reason opens copies.
        """
        rows = self.model.pgh_tracked_model._default_manager
        if not hasattr(rows, "visible_to"):
            return self.none()
        return self.filter(pgh_obj_id__in=rows.visible_to(user).values("pk"))


AnyModel = TypeVar("AnyModel", bound=type[models.Model])


@dataclass(frozen=True)
class Tracked:
    """`leave_out` are fields that no event copies; a change of a secret shows without its value."""

    event: type[models.Model]
    leave_out: frozenset[str]
    secrets: tuple[str, ...]

    def copies(self, reason: str) -> models.QuerySet[Any, Any]:
        """Copies of every row of the model; `reason` says who has decided whose may be read."""
        return self.event._default_manager.unscoped(reason)  # type: ignore[attr-defined]


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

    `secrets` are fields whose change is an event, but whose value is never copied, only a digest
    (canonical.fingerprint_sql says what they must hold for that): password hashes, encrypted
    identifiers and keys. `leave_out` are fields whose change is no event; say why
    beside the decorator.
    """

    def keep(model: AnyModel) -> AnyModel:
        trackers: list[pghistory.Tracker] = [
            Inserted(),
            Updated(),
            Deleted(),
        ]
        if secrets:
            changed = pgtrigger.AnyChange(*secrets)
            trackers.append(Updated("secret", condition=changed))
        name = f"{model.__name__}Change"
        columns = [field.column for field in model._meta.concrete_fields if field.name in secrets]
        # A digest over the secrets: changed later past the triggers, they no longer fit it.
        fingerprint: dict[str, Any] = {}
        if secrets:
            fingerprint["pgh_secrets"] = models.CharField(max_length=64, null=True)
        pghistory.track(
            *trackers,
            exclude=[*secrets, *leave_out],
            model_name=name,
            obj_field=pghistory.ObjForeignKey(related_name="changes"),
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,  # type: ignore[arg-type]
            attrs={
                "objects": ChangeQuerySet.as_manager(),
                "pgh_secret_columns": columns,
                **fingerprint,
            },
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
                "triggers": [Origin(), Keep("pgh_created_at"), Seal()],
            },
        )(model)
        event = model._meta.apps.all_models[model._meta.app_label][name.lower()]
        TRACKED[model] = Tracked(event, frozenset([*secrets, *leave_out]), tuple(columns))
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
            triggers.append(Keep(age))
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
