"""Numbers that people quote: a head (kind, county, year) and a serial, never used again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length


def next_number(used: QuerySet[Any], head: str) -> str:
    """The one after the last `number` with this head: …-0001, and after …-9999 …-10000.

    The caller holds the lock under which such numbers are given, and its rows are never deleted.
    """
    last = (
        used.filter(number__startswith=head)
        .order_by(Length("number").desc(), "-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:04d}"
