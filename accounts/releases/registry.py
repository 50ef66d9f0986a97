"""Which lists of persons can be exported; each app registers its own at start-up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.access.permissions import Permission
from accounts.exports import Table
from accounts.models import User

Filters = Mapping[str, str]


@dataclass(frozen=True)
class ExportKind:
    """`count` and `table` answer for the person's own scope, at the moment they are called."""

    code: str
    label: str
    permission: Permission
    title: Callable[[User, Filters], str]
    count: Callable[[User, Filters, dt.datetime], int]
    table: Callable[[User, Filters, dt.datetime], Table]


_kinds: dict[str, ExportKind] = {}


def register(kind: ExportKind) -> None:
    _kinds[kind.code] = kind


def find_kind(code: str) -> ExportKind:
    """KeyError names an unknown one."""
    return _kinds[code]
