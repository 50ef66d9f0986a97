"""Migrating without the two things that took most of its time and changed nothing.

A trigger is no part of a model's class, yet for each that comes or goes the model's class is built
anew, and with it those of all that is related: through the history's tables, nearly every model.
And with thousands of classes alive, looking for garbage among them takes a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

Forwards = Callable[[Any, str, ProjectState], None]


@contextmanager
def quick_migrations() -> Iterator[None]:
    """Inside, operations on triggers only note them in the state, and no garbage is looked for."""
    kept = [(operation, operation.state_forwards) for operation in (AddTrigger, RemoveTrigger)]
    collected = gc.isenabled()
    gc.disable()
    for operation, forwards in kept:
        setattr(operation, "state_forwards", _without_building(forwards))  # noqa: B010 - a method
    try:
        yield
    finally:
        for operation, forwards in kept:
            setattr(operation, "state_forwards", forwards)  # noqa: B010
        if collected:
            gc.enable()


def _without_building(forwards: Forwards) -> Forwards:
    """The same change of the state; models that are built already stay as they are."""

    def state_forwards(operation: Any, app_label: str, state: ProjectState) -> None:
        apps = state.__dict__.pop("apps", None)
        forwards(operation, app_label, state)
        if apps is not None:
            state.__dict__["apps"] = apps

    return state_forwards
