"""Points of a kindergarten's open matters of safety (安全风险), by a dated weighting. Plain Python.

fixtures/safety/risk.toml holds weightings and fields, and says where the numbers come from. Points
are whole numbers that put kindergartens in an order to be visited; they are no verdict.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "safety" / "risk.toml"
# Columns of the list, in order.
GROUPS = {
    "hazards": "隐患",
    "selfchecks": "自查",
    "incidents": "事故",
    "papers": "证照材料",
    "patrols": "视频巡查",
}


@dataclass(frozen=True)
class Factor:
    """What counts `points` each time, together no more than `most`."""

    code: str
    label: str
    group: str
    points: int
    most: int


@dataclass(frozen=True)
class Weighting:
    since: dt.date
    source: str
    factors: Mapping[str, Factor]


@dataclass(frozen=True)
class Fact:
    """One open matter, or `times` of the same: of which field, in words, and the page that shows it.

    `address` is empty for whoever may know only that it is so.
    """

    factor: str
    field: str
    what: str
    address: str = ""
    times: int = 1


@dataclass(frozen=True)
class Line:
    """What one factor adds: how often, and to how many points."""

    factor: Factor
    facts: tuple[Fact, ...]

    @property
    def times(self) -> int:
        return sum(fact.times for fact in self.facts)

    @property
    def points(self) -> int:
        return min(self.factor.most, self.factor.points * self.times)

    @property
    def is_capped(self) -> bool:
        return self.factor.points * self.times > self.factor.most


@cache
def _read() -> tuple[Mapping[str, str], tuple[Weighting, ...]]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    weightings = [
        Weighting(row["from"], row["source"], {one["code"]: Factor(**one) for one in row["factor"]})
        for row in read["weighting"]
    ]
    fields = {row["code"]: row["label"] for row in read["field"]}
    return fields, tuple(sorted(weightings, key=lambda one: one.since))


def fields() -> Mapping[str, str]:
    """领域, the columns of the heat table, in order."""
    return _read()[0]


def weighting_on(day: dt.date) -> Weighting:
    """The one in force on a day; of days before the first, the first."""
    weightings = _read()[1]
    return next((one for one in reversed(weightings) if one.since <= day), weightings[0])


def scored(facts: Iterable[Fact], weighting: Weighting) -> list[Line]:
    """By factor, in the order of the weighting; facts of no factor of it count nothing."""
    by_factor: dict[str, list[Fact]] = {code: [] for code in weighting.factors}
    for fact in facts:
        if fact.factor in by_factor:
            by_factor[fact.factor].append(fact)
    return [
        Line(weighting.factors[code], tuple(found)) for code, found in by_factor.items() if found
    ]


def total(lines: Iterable[Line]) -> int:
    return sum(line.points for line in lines)


def heat(number: int, most: int) -> int:
    """How dark a cell is, 0 to 4, beside the fullest cell of the table; 0 is empty."""
    return 0 if not number or not most else 1 + min(3, number * 4 // (most + 1))
