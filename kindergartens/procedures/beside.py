"""What another register knows of the matter a filing tells of, said to whoever confirms it.

Registers stand on the floor above; a module of settings.PROCEDURE_PACKAGES says what it knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module

from django.conf import settings

from kindergartens.models import Procedure

# A sentence, or "" where there is nothing to say.
Says = Callable[[Procedure, dt.date], str]
_said_by: dict[str, Says] = {}


def register(kind: str, says: Says) -> None:
    """Have filings of a kind compared. ValueError where another module does it."""
    if _said_by.setdefault(kind, says) is not says:
        raise ValueError(f"two registers compare filings of the kind {kind}")


def said_of(procedure: Procedure, today: dt.date) -> str:
    """What does not agree with a register, while the filing is still to be confirmed."""
    if not procedure.is_open:
        return ""
    for package in settings.PROCEDURE_PACKAGES:
        import_module(package)
    says = _said_by.get(procedure.kind)
    return says(procedure, today) if says else ""
