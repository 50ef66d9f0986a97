"""The lines of each place, as its packs of data have them (fixtures/safety/selfcheck-*.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safety.hazards.rules import FIELDS as HAZARD_FIELDS
from safety.rules import safety_items
from safety.selfchecks.rules import FIELDS, FREQUENCIES, Line

DIRECTORY = Path(__file__).resolve().parents[2] / "fixtures" / "safety"
NATION = "CN"


@dataclass(frozen=True)
class Pack:
    """One file: of which place, its lines, and lines of the places above that they stand in for."""

    jurisdiction: str
    lines: tuple[Line, ...]
    replaced: frozenset[str]


@cache
def packs() -> tuple[Pack, ...]:
    """Every pack, the widest place first. ValueError for a line that nobody could place."""
    found = [_read(file) for file in sorted(DIRECTORY.glob("selfcheck-*.toml"))]
    return tuple(sorted(found, key=lambda pack: (pack.jurisdiction != NATION, pack.jurisdiction)))


def _read(file: Path) -> Pack:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = list(told["line"])
    return Pack(
        told["jurisdiction"],
        tuple(_line(row, told["documents"], file) for row in rows),
        frozenset(row["replaces"] for row in rows if "replaces" in row),
    )


def _line(row: dict[str, Any], documents: dict[str, str], file: Path) -> Line:
    words = {key: value for key, value in row.items() if key != "replaces"}
    line = Line(**words | {"document": documents[row["document"]]})
    if line.field not in FIELDS or line.frequency not in FREQUENCIES:
        raise ValueError(f"{file.name}: {line.code} is of no field or frequency")
    if line.hazard not in HAZARD_FIELDS:
        raise ValueError(f"{file.name}: {line.code} is of no domain of hazards")
    if line.item not in safety_items():
        raise ValueError(f"{file.name}: {line.code} tells of no item of the return")
    return line


def lines_in(codes: Collection[str]) -> tuple[Line, ...]:
    """The lines of a place, given its own code and those of the places above it."""
    return _lines(frozenset({NATION, *codes}))


@cache
def _lines(jurisdictions: frozenset[str]) -> tuple[Line, ...]:
    here = [pack for pack in packs() if pack.jurisdiction in jurisdictions]
    replaced = {code for pack in here for code in pack.replaced}
    return tuple(line for pack in here for line in pack.lines if line.code not in replaced)


@cache
def every_line() -> dict[str, Line]:
    """By code, of all packs, to say in words what was once looked at."""
    return {line.code: line for line in _every()}


def _every() -> Iterator[Line]:
    for pack in packs():
        yield from pack.lines
