"""Direct criteria of major hazards: the packs fixtures/safety/major-hazards*.toml, by place and day."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKS = Path(__file__).parents[2] / "fixtures" / "safety"


@dataclass(frozen=True)
class Criterion:
    """Met, it makes a hazard major. `stop_use`: what is dangerous stops at once.

    `jurisdiction` is CN or the beginning of a region's code.
    """

    code: str
    field: str
    says: str
    clause: str
    document: str
    jurisdiction: str
    since: dt.date
    stop_use: bool = False

    @property
    def source(self) -> str:
        return f"《{self.document}》{self.clause}"


@cache
def all_criteria() -> Sequence[Criterion]:
    """Every criterion of every pack; a code is never used again for another thing."""
    found = []
    for path in sorted(PACKS.glob("major-hazards*.toml")):
        pack = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [
            Criterion(
                **row,
                document=pack["title"],
                jurisdiction=pack["jurisdiction"],
                since=pack["from"],
            )
            for row in pack["criterion"]
        ]
    return found


def criteria_in(region_code: str, day: dt.date) -> list[Criterion]:
    """Those in force in a county on a day: the nation's, and its province's or city's own."""
    return [
        one
        for one in all_criteria()
        if one.since <= day
        and (one.jurisdiction == "CN" or region_code.startswith(one.jurisdiction))
    ]


def criterion(code: str) -> Criterion | None:
    return next((one for one in all_criteria() if one.code == code), None)
