"""Migrating without building models that nobody looks at: it took nine tenths of the time.

After each operation Django builds anew not only the model that changed but all that are related to
it: here, through the history's tables, nearly all of them. An operation on the schema reads its own
model; one that runs Python reads any, and Django builds them all before it where some were put off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

Key = tuple[str, str]
Forwards = Callable[[Any, str, ProjectState], None]


@contextmanager
def quick_migrations() -> Iterator[None]:
    """Inside, a change of a model builds that model alone, and one of a trigger none."""
    kept = [
        (ProjectState, "_find_reload_model", _itself),
        *(
            (operation, "state_forwards", _without_building(operation.state_forwards))
            for operation in (AddTrigger, RemoveTrigger)
        ),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in kept]
    for owner, name, quick in kept:
        setattr(owner, name, quick)
    try:
        yield
    finally:
        for owner, name, plain in before:
            setattr(owner, name, plain)


def _itself(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[Key]:
    """The one model to build; the others are put off until an operation runs Python."""
    state.is_delayed = True
    return {(app_label, model_name.lower())}


def _without_building(forwards: Forwards) -> Forwards:
    """The same change of the state: a trigger is no part of a model's class."""

    def state_forwards(operation: Any, app_label: str, state: ProjectState) -> None:
        apps = state.__dict__.pop("apps", None)
        forwards(operation, app_label, state)
        if apps is not None:
            state.__dict__["apps"] = apps

    return state_forwards
