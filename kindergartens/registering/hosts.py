"""Which kindergarten a site of a table belongs to, by the host's code. Asks no database.

A host is on the books of the county, or new further up in the same table. Rows are judged in the
order they are written in: all new ones first, against the books and the new ones above, then the
changes of those that are there, each after those above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kindergartens.record import books
from kindergartens.record.catalogue import SITES

NOT_THERE = (
    "本区县名册里没有标识码为{}的园，这一行上面也没有新登记它。"
    "请核对；所属园要先登记，或写在它的分园、教学点上面。"
)


@dataclass
class Hosts:
    """Names and types of place by code, and who has sites; `enter` each row once it was judged."""

    there: dict[str, tuple[str, str]] = field(default_factory=dict)
    with_sites: set[str] = field(default_factory=set)
    # What changes above make of those on the books, which new rows do not see yet.
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    # Hosts of the new rows of the whole table: they have those sites before anything is changed.
    of_new: frozenset[str] = frozenset()

    def problems(
        self, code: str, kind: str, host: str, *, is_new: bool
    ) -> Iterable[tuple[str, str]]:
        """What is wrong with a place of this type that has this host ("" for none): (cell, text)."""
        found = self.there.get(host) if host else None
        if not is_new:
            found = self.changed.get(host, found)
        if host and found is None:
            yield "host", NOT_THERE.format(host)
            return
        name, kind_of_host = found or ("", "")
        for finding in books.check_host(
            is_site=kind in SITES,
            host=name or None,
            host_is_site=kind_of_host in SITES,
            is_itself=bool(host) and host == code,
            has_sites=code in self.with_sites or (not is_new and code in self.of_new),
        ):
            yield finding.field, finding.text

    def enter(self, values: Mapping[str, Any], kind: str, host: str, *, is_new: bool) -> None:
        of_rows = self.there if is_new else self.changed
        of_rows[values["code"]] = (values.get("name", values["code"]), kind)
        if host:
            self.with_sites.add(host)
