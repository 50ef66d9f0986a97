"""Migrating without what took a third of its time and changed nothing.

A trigger is no part of a model's class, yet for each that comes or goes the model's class is built
anew, and with it those of all that is related: through the history's tables, nearly every model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

Forwards = Callable[[Any, str, ProjectState], None]


@contextmanager
def quick_migrations() -> Iterator[None]:
    """Inside, operations on triggers only note them in the state."""
    kept = [(operation, operation.state_forwards) for operation in (AddTrigger, RemoveTrigger)]
    for operation, forwards in kept:
        setattr(operation, "state_forwards", _without_building(forwards))  # noqa: B010 - a method
    try:
        yield
    finally:
        for operation, forwards in kept:
            setattr(operation, "state_forwards", forwards)  # noqa: B010


def _without_building(forwards: Forwards) -> Forwards:
    """The same change of the state; models that are built already stay as they are."""

    def state_forwards(operation: Any, app_label: str, state: ProjectState) -> None:
        apps = state.__dict__.pop("apps", None)
        forwards(operation, app_label, state)
        if apps is not None:
            state.__dict__["apps"] = apps

    return state_forwards
