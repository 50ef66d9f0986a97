"""Acting as another role of the database, in the middle of a test's own transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def become(role: str | None) -> None:
    """Be another role until told otherwise: session_user and all privileges; None: the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SET SESSION AUTHORIZATION "{role}"' if role else "RESET SESSION AUTHORIZATION"
        )


@contextmanager
def as_owner() -> Iterator[None]:
    """Be the owner for a moment: what only the owner can do to the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (before,) = cursor.fetchone()
        become(None)
        try:
            yield
        finally:
            become(before)
