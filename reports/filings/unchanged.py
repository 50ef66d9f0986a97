"""Sections of a return confirmed as 与上月相同 with one tick. Plain Python, on drafts as typed.

A tick holds only while its section says what the last return said: any change takes it away. The
form posts that a box is ticked; who ticked it and when is stamped as it is saved, and stays until
the tick goes. Attendance is of one month and has no tick.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.filings import checks
from reports.filings.checks import AGES, FLOWS, PARTS, SEXES
from reports.filings.checks.sections.declaring import ANY_NUMBER

SECTIONS = {
    "classes": "分班在园幼儿",
    "parts": "残疾、留守、随迁、资助",
    **{code: one.label for code, one in checks.SECTIONS.items() if one.has_tick},
}
# Under which a draft keeps the ticks: "" or "1" as posted, a stamp as saved.
KEY = "same"


@dataclass(frozen=True)
class Stamp:
    """When a section was confirmed, and in which post (Membership key)."""

    at: dt.datetime
    post: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.post}"

    @classmethod
    def read(cls, text: str) -> Stamp | None:
        at, _, post = text.partition(" ")
        try:
            return cls(dt.datetime.fromisoformat(at), int(post))
        except ValueError:
            return None


def ticks(draft: Mapping[str, Any]) -> dict[str, str]:
    """What a draft has by section; "" where nothing is ticked."""
    kept = draft.get(KEY)
    kept = kept if isinstance(kept, Mapping) else {}
    return {section: str(kept.get(section, "")) for section in SECTIONS}


def with_every_tick(draft: Mapping[str, Any]) -> dict[str, Any]:
    """A draft that says of every section whether it is ticked, to be merged tick by tick."""
    return dict(draft) | {KEY: ticks(draft)}


def without_ticks(draft: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in draft.items() if key != KEY}


def stamped(
    draft: Mapping[str, Any], known: Sequence[Mapping[str, Any] | None], stamp: Stamp
) -> dict[str, Any]:
    """A posted draft with a stamp at every tick: one that a `known` draft has already, else new."""
    earlier = [ticks(one) for one in known if one is not None]
    return dict(draft) | {
        KEY: {
            section: next((one[section] for one in earlier if one[section]), str(stamp))
            if tick
            else ""
            for section, tick in ticks(draft).items()
        }
    }


def settled(draft: Mapping[str, Any], last: Mapping[str, Any] | None) -> dict[str, Any]:
    """A draft without the ticks of sections that differ from the last return's draft."""
    return dict(draft) | {
        KEY: {
            section: tick if tick and is_unchanged(section, draft, last) else ""
            for section, tick in ticks(draft).items()
        }
    }


def offered(last: Mapping[str, Any] | None, *, moved_up: bool) -> list[str]:
    """The sections that a tick may confirm against the last return's draft, None if there is none.

    Not the classes after they `moved_up`: a year older, they cannot be the same. Nor a section
    that nobody was asked for then.
    """
    if last is None:
        return []
    return [
        section
        for section in SECTIONS
        if (
            checks.SECTIONS[section].says_something(last.get(section))
            if section in checks.SECTIONS
            else not moved_up
        )
    ]


def unconfirmed(
    draft: Mapping[str, Any], last: Mapping[str, Any] | None, *, moved_up: bool
) -> list[str]:
    """The sections that say what the last return said and were not ticked: nobody has looked."""
    ticked = ticks(draft)
    return [
        section
        for section in offered(last, moved_up=moved_up)
        if not ticked[section] and is_unchanged(section, draft, last)
    ]


def is_unchanged(section: str, draft: Mapping[str, Any], last: Mapping[str, Any] | None) -> bool:
    """Whether a section says exactly what the last return says, and says it wholly.

    Of classes that is the same classes with the same children, nobody having come or gone.
    """
    if last is None:
        return False
    if section in checks.SECTIONS:
        return checks.SECTIONS[section].is_same(draft.get(section), last.get(section))
    here, there = _classes(draft), _classes(last)
    if not here or here.keys() != there.keys():
        return False
    return all(
        _same_class(section, grade, here[name, grade], there[name, grade]) for name, grade in here
    )


def _same_class(section: str, grade: str, now: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    if section == "parts":
        columns: tuple[str, ...] = PARTS
    else:
        columns = SEXES if grade == "nursery" else SEXES + AGES
        if any(_number(now, column) != 0 for column in FLOWS):
            return False
    return all(
        _number(now, one) is not None and _number(now, one) == _number(last, one) for one in columns
    )


def _number(row: Mapping[str, Any], column: str) -> int | None:
    """A count as it is read, however it was typed."""
    return checks.read_count(row.get(column), "", ANY_NUMBER).value


def _classes(draft: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(_text(row, "name"), _text(row, "grade")): row for row in draft.get("classes", [])}


def _text(row: Mapping[str, Any], column: str) -> str:
    return str(row.get(column, "")).strip()
