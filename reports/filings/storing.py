"""The rows in the database of each declared section (checks/sections)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kindergartens.models import FilingVersion
from reports.filings.checks import SECTIONS, Part, PartReview
from staffing.models import StaffCount


@dataclass(frozen=True)
class Store:
    """`related`: what a version calls its rows; `read` takes them as typed, `write` keeps a review."""

    related: str
    read: Callable[[Any], Part]
    write: Callable[[FilingVersion, PartReview], None]


def read_parts(version: FilingVersion) -> dict[str, Part]:
    """What a version says in each section, as it was typed. A query a section, or none prefetched."""
    return {
        code: store.read(getattr(version, store.related).all()) for code, store in STORES.items()
    }


def write_parts(version: FilingVersion, parts: Mapping[str, PartReview]) -> None:
    """Keep every section of a return that passed its checks."""
    for code, store in STORES.items():
        store.write(version, parts[code])


def as_typed(value: Any) -> str:
    """A kept value as it is typed; what was not asked is empty."""
    return "" if value is None else str(value)


def _read_staff(rows: Any) -> Part:
    names = [one.name for one in SECTIONS["staff"].fields]
    return {row.post: {name: as_typed(getattr(row, name)) for name in names} for row in rows}


def _write_staff(version: FilingVersion, found: PartReview) -> None:
    StaffCount.objects.bulk_create(
        StaffCount(
            filing_version=version,
            post=post,
            **{name: cell.number for name, cell in cells.items()},
        )
        for post, cells in found.cells.items()
    )


STORES: Mapping[str, Store] = {"staff": Store("staff_counts", _read_staff, _write_staff)}
# What a version is read with, in as many queries.
ROWS = ("classes", *(store.related for store in STORES.values()))
