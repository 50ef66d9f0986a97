"""Which tables can be imported. An app of settings.IMPORT_PACKAGES registers its own."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from accounts.exchange.declaring import Importable
from accounts.models import User

_importables: dict[str, Importable] = {}


def register(importable: Importable) -> Importable:
    """Make an importable known under its code. ValueError when another one has it."""
    known = _importables.get(importable.code)
    if known is not None and type(known) is not type(importable):
        raise ValueError(f"two importables of the code {importable.code}")
    _importables[importable.code] = importable
    return importable


def _all() -> dict[str, Importable]:
    for package in settings.IMPORT_PACKAGES:
        import_module(package)
    return _importables


def find(code: str) -> Importable | None:
    return _all().get(code)


def permitted(user: User) -> list[Importable]:
    """What the person may import in the post they act in."""
    return [one for one in _all().values() if user.can(one.permission)]
