"""Which lists of persons can be exported; each app registers its own at start-up."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.access.permissions import Permission
from accounts.exports import Table
from accounts.models import User

Filters = Mapping[str, str]
# The filter under which a list that grows all day is kept as it was when somebody asked for it.
AS_OF = "as_of"


@dataclass(frozen=True)
class ExportKind:
    """One list and how it is read.

    `count` (of persons, each once) and `table` answer for the person's own scope, at the moment
    they are called; `who` gives the keys of those persons where the list may change between
    approval and download, since the approval holds for them alone. `read` makes filters of what
    stands in an address; they are what a request keeps. `list_route` names the page the list
    stands on. `rows_repeat_persons`: a person may stand in several rows. Of a list that `grows`, an approval lets go what was there when it was asked for:
    filters then carry `AS_OF`.
    """

    code: str
    label: str
    permission: Permission
    list_route: str
    read: Callable[[Filters, dt.datetime], Filters]
    title: Callable[[User, Filters], str]
    count: Callable[[User, Filters, dt.datetime], int]
    table: Callable[[User, Filters, dt.datetime], Table]
    who: Callable[[User, Filters, dt.datetime], Iterable[int]] | None = None
    grows: bool = False
    rows_repeat_persons: bool = False

    def digest(self, by: User, filters: Filters, now: dt.datetime) -> str:
        """SHA-256 of the persons' sorted keys; empty where the list is held by `AS_OF`."""
        if self.who is None:
            return ""
        keys = ",".join(str(key) for key in sorted(self.who(by, filters, now)))
        return hashlib.sha256(keys.encode()).hexdigest()

    def kept(self, filters: Filters, now: dt.datetime) -> dict[str, str]:
        """The filters as a request keeps them."""
        as_of = {AS_OF: now.isoformat()} if self.grows else {}
        return {**self.asked(filters), **as_of}

    @staticmethod
    def asked(filters: Filters) -> dict[str, str]:
        """What the person chose, without the moment of asking."""
        return {name: value for name, value in filters.items() if name != AS_OF}


_kinds: dict[str, ExportKind] = {}


def register(kind: ExportKind) -> None:
    _kinds[kind.code] = kind


def find_kind(code: str) -> ExportKind:
    """KeyError names an unknown one."""
    return _kinds[code]
