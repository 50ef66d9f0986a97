"""The checks as data (checks.toml), and what a check finds."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

FILE = Path(__file__).with_name("checks.toml")


class Kind(StrEnum):
    """In the words of the annual statistics that directors know."""

    LOGIC = "logic"  # 逻辑校验: must be mended before the return can be submitted
    EXPERIENCE = "experience"  # 经验校验: may stand with a reason


class About(StrEnum):
    """What a check looks at, and so where its finding stands on the page."""

    CELL = "cell"
    CLASS = "class"
    POST = "post"
    ROW = "row"
    WHOLE = "whole"


@dataclass(frozen=True)
class Source:
    """Where a check is written down; `date` is when that came into force."""

    document: str
    clause: str
    date: dt.date


@dataclass(frozen=True)
class Dated:
    """Numbers of a check that hold for returns of the month `since` on."""

    since: dt.date
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Check:
    """One check as checks.toml lists it; the fields are explained there."""

    code: str
    kind: Kind
    name: str
    about: About
    says: str
    advice: str = ""
    fields: tuple[str, ...] = ()
    source: Source | None = None
    thresholds: Mapping[str, int] = field(default_factory=dict)
    dated: tuple[Dated, ...] = ()

    def numbers_in(self, month: dt.date) -> Mapping[str, int] | None:
        """The dated numbers for returns of a month; None where the check is not made yet."""
        begun = [one for one in self.dated if one.since <= month]
        return max(begun, key=lambda one: one.since).numbers if begun else None

    def finding(self, place: str = "", fields: tuple[str, ...] = (), **values: Any) -> Finding:
        """What this check says of `place` (a class, or "" for the whole return).

        `values` fill the sentence; the whole numbers among them are the figures it is about.
        """
        return Finding(
            self,
            place,
            self.says.format_map(values),
            self.advice.format_map(values),
            fields or self.fields,
            {name: value for name, value in values.items() if isinstance(value, int)},
        )


@dataclass(frozen=True)
class Finding:
    """What a check says of one place: a sentence, what to do, the columns to look at, figures."""

    check: Check
    place: str
    sentence: str
    advice: str
    fields: tuple[str, ...]
    figures: Mapping[str, int]

    @property
    def code(self) -> str:
        return self.check.code

    @property
    def key(self) -> str:
        """`class_size@大一班`: the same finding in another month has the same key."""
        return f"{self.code}@{self.place}"

    @property
    def text(self) -> str:
        return self.sentence + self.advice

    @property
    def is_experience(self) -> bool:
        return self.check.kind == Kind.EXPERIENCE

    def __str__(self) -> str:
        return self.text


@cache
def catalogue() -> Mapping[str, Check]:
    """Every check by its code, in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["check"]
    checks = [_check(row) for row in rows]
    found = {check.code: check for check in checks}
    if len(found) != len(checks):
        raise ValueError(f"{FILE.name}: a code is used twice")
    return found


def _check(row: Mapping[str, Any]) -> Check:
    source = row.get("source")
    return Check(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "about": About(row["about"]),
            "fields": tuple(row.get("fields", ())),
            "source": None if source is None else Source(**source),
            "dated": tuple(_dated(one) for one in row.get("dated", ())),
        }
    )


def _dated(row: Mapping[str, Any]) -> Dated:
    return Dated(row["since"], {name: value for name, value in row.items() if name != "since"})


@cache
def experiences(about: About) -> tuple[str, ...]:
    """The codes of the checks of one kind of place that may stand with a reason."""
    return tuple(
        code
        for code, check in catalogue().items()
        if check.kind == Kind.EXPERIENCE and check.about == about
    )


def threshold(code: str, name: str) -> int:
    """A number of a check, by its name."""
    return catalogue()[code].thresholds[name]


def found_by(code: str, place: str = "", fields: tuple[str, ...] = (), **values: Any) -> Finding:
    """What the check of that code says; see Check.finding."""
    return catalogue()[code].finding(place, fields, **values)


Function = TypeVar("Function", bound=Callable[..., Any])
# Which function answers which code: a test holds this table and checks.toml against each other.
ANSWERS: dict[str, Callable[..., Any]] = {}


def answers(*codes: str) -> Callable[[Function], Function]:
    """Says beside a function which checks it carries out."""

    def note(function: Function) -> Function:
        for code in codes:
            if code in ANSWERS:
                raise ValueError(f"{code} is answered twice")
            ANSWERS[code] = function
        return function

    return note
