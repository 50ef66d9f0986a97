"""What tests of history need: closing the chain, and tampering as a superuser of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.acting_role import as_owner


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def close_chain() -> None:
    """What a commit does: the entries written so far go into the chain."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def behind_the_triggers() -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """SQL of somebody who owns the database: no trigger sees it."""
    with as_owner():
        sql("SET session_replication_role = replica")
        try:
            yield sql
        finally:
            sql("SET session_replication_role = DEFAULT")


@pytest.fixture
def tamper(db: None) -> Callable[..., None]:
    """One statement past all triggers."""

    def run(statement: str, *parameters: Any) -> None:
        with behind_the_triggers() as execute:
            execute(statement, *parameters)

    return run
