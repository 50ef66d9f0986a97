"""What a section of the return is: rows, and fields asked of each. Plain Python.

A draft keeps a section as ``{row: {field: text as typed}}`` under its code. The form, saving,
merging, prefilling, 与上月相同, comparison and the workbook follow from the declaration; what a
section has of its own are its checks, its rows in the database (storing.py) and its place on the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reports.filings.checks.catalogue import Finding
from reports.filings.checks.cells import (
    Cell,
    read_choice,
    read_count,
    read_day,
    read_money,
    read_words,
    said_day,
    typed_yuan,
)
from reports.filings.checks.parts import PartReview
from reports.filings.checks.rows import Known

# {row: {field: text as typed}}
Part = Mapping[str, Mapping[str, str]]
ANY_NUMBER = 10**9


class Kind(StrEnum):
    COUNT = "count"  # a whole number of `most` at most
    MONEY = "money"  # yuan with at most two decimals; `most`, and the value read, in hundredths
    CHOICE = "choice"  # one of `choices`
    TEXT = "text"  # words, of `most` characters at most
    DAY = "day"  # 2026-10-12
    MOMENT = "moment"  # 2026-10-12T09:30
    TICK = "tick"  # "1" or nothing


class Begins(StrEnum):
    """What a month begins with, and so whether it is compared with the last return."""

    AS_LAST = "as_last"  # carried over; a difference is a change
    AT_ZERO = "at_zero"  # a flow: 0 where last month's figure and it must lead to this month's
    EMPTY = "empty"  # of this month alone


@dataclass(frozen=True)
class Field:
    """One column. `after`: its words behind the row's (园长持证); `rows`: asked of these alone."""

    name: str
    label: str
    kind: Kind
    begins: Begins = Begins.AS_LAST
    after: str = ""
    most: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    rows: Collection[str] | None = None
    # Empty is no mistake; the section's own checks may still want it.
    is_optional: bool = False
    is_summed: bool = False
    # Tells one row from another, where people name the rows: shown without last month's.
    is_key: bool = False
    # Says something only where that field of its row has that answer: else nothing is carried on.
    only_with: tuple[str, str] | None = None

    def asked_of(self, row: str) -> bool:
        return self.rows is None or row in self.rows

    def value(self, text: str) -> int | str | None:
        """What a person reads: a count as a number, a choice or a day in words; None: nothing stands."""
        if not text:
            return None
        if self.kind == Kind.COUNT:
            return read_count(text, "", ANY_NUMBER).value
        if self.kind == Kind.MONEY:
            fen = read_money(text, "", ANY_NUMBER).value
            return text if fen is None else typed_yuan(fen)
        if self.kind == Kind.CHOICE:
            return self.choices.get(text, text)
        if self.kind == Kind.TICK:
            return "是"
        return said_day(text) if self.kind in {Kind.DAY, Kind.MOMENT} else text

    def reads_alike(self, text: str, other: str) -> bool:
        """Whether two texts say the same: 600 and 600.00元, １２ and 12."""
        if text == other or self.kind not in {Kind.COUNT, Kind.MONEY}:
            return text == other
        value = self.value(text)
        return value is not None and value == self.value(other)

    def code_of(self, words: str) -> str:
        """A choice or a tick as it is kept, from the words a workbook has; others as they are."""
        if self.kind == Kind.CHOICE:
            return {label: code for code, label in self.choices.items()}.get(words, words)
        if self.kind == Kind.TICK:
            return {"是": "1", "否": ""}.get(words, words)
        return words.replace(" ", "T") if self.kind == Kind.MOMENT else words

    def read(self, text: str, label: str) -> Cell:
        """Understand one cell; what may be left empty is right when it is."""
        if not text.strip() and (self.is_optional or self.kind == Kind.TICK):
            return Cell("", None)
        if self.kind == Kind.COUNT:
            words = label if not self.after or label.endswith("人数") else f"{label}人数"
            return read_count(text, words, self.most)
        if self.kind == Kind.MONEY:
            return read_money(text, label, self.most)
        if self.kind == Kind.CHOICE:
            return read_choice(text, label, self.choices)
        if self.kind == Kind.TEXT:
            return read_words(text, label, self.most)
        if self.kind == Kind.TICK:
            return Cell(text, None)
        return read_day(text, label, moment=self.kind == Kind.MOMENT)


def no_checks(found: PartReview, known: Known) -> Iterator[Finding]:
    """A section whose fields are all there is to check."""
    yield from ()


@dataclass(frozen=True)
class Section:
    """One section. `rows`: what each is called, in the order of the page.

    `is_open`: a row without anything typed is not there; else every row is asked.
    """

    code: str
    label: str
    rows: Mapping[str, str]
    fields: tuple[Field, ...]
    # From which month on it is asked, where not always; of an earlier one it stays unasked.
    asked_from: dt.date | None = None
    # From which month on a row is asked, where not always.
    since: Mapping[str, dt.date] = field(default_factory=dict)
    # Whether one tick may confirm it as 与上月相同.
    has_tick: bool = True
    is_open: bool = False
    row_head: str = "项目"
    checks: Callable[[PartReview, Known], Iterator[Finding]] = no_checks
    # How people name a row by what they typed in it; None: as `rows` calls it.
    title: Callable[[Mapping[str, str]], str] | None = None
    # What a version without any row says; empty: it was not asked then.
    nothing: str = ""

    @property
    def shown_fields(self) -> tuple[Field, ...]:
        """The columns of a row that is called by what was typed in it: without those that name it."""
        return tuple(one for one in self.fields if self.title is None or not one.is_key)

    def input_name(self, row: str, name: str) -> str:
        """The form's name of a cell, and its anchor; the first field carries the row's alone."""
        base = f"{self.code}-{row}"
        return base if name == self.fields[0].name else f"{base}-{name}"

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)

    def cells(self) -> Iterator[tuple[str, Field]]:
        """Every cell that is asked, in the order of the page."""
        for row in self.rows:
            for one in self.fields:
                if one.asked_of(row):
                    yield row, one

    def label_at(self, row: str, name: str) -> str:
        """The words for a cell; for a whole row where `row` is empty and `name` is its code."""
        if not row:
            return f"{self.label} {self.rows.get(name, name)}"
        found = self.field(name)
        return f"{self.rows.get(row, row)}{'' if found is None else found.after}"

    def title_in(self, part: Any, row: str) -> str:
        """How a row of that part is called."""
        typed = {one.name: text_at(part, row, one.name) for one in self.fields}
        return (self.title(typed) if self.title else "") or self.rows.get(row, row)

    def label_in(self, part: Any, row: str, name: str) -> str:
        """The words for a cell of that part."""
        found = self.field(name)
        return f"{self.title_in(part, row)}{'' if found is None else found.after}"

    def from_post(self, post: Mapping[str, Any], typed: Callable[[Any], str]) -> dict[str, Any]:
        """The section as a form posts it; `typed` cleans one value."""
        found = self._all_rows()
        for row, one in self.cells():
            found[row][one.name] = typed(post.get(self.input_name(row, one.name), ""))
        return {row: found[row] for row in self.rows_in(found)}

    def read(self, part: Any, known: Known) -> PartReview:
        """Understand and check what a draft has, whatever its shape."""
        asked = [row for row in self.rows_in(part) if self._is_asked(row, known.month)]
        found = PartReview(self, {row: self._read_row(part, row) for row in asked})
        found.errors += self.checks(found, known)
        return found

    def rows_in(self, part: Any) -> list[str]:
        """The rows that are there."""
        return [
            row
            for row in self.rows
            if not self.is_open or any(text_at(part, row, one.name) for one in self.fields)
        ]

    def is_asked(self, month: dt.date | None) -> bool:
        """Whether the return of that month has it at all; where no month is said, it has."""
        return month is None or self.asked_from is None or self.asked_from <= month

    def _is_asked(self, row: str, month: dt.date | None) -> bool:
        return month is None or row not in self.since or self.since[row] <= month

    def _read_row(self, part: Any, row: str) -> dict[str, Cell]:
        return {
            one.name: one.read(text_at(part, row, one.name), self.label_in(part, row, one.name))
            for one in self.fields
            if one.asked_of(row)
        }

    def blank(self) -> dict[str, dict[str, str]]:
        """Nothing typed yet; rows that are not there are left out."""
        return {} if self.is_open else self._all_rows()

    def _all_rows(self) -> dict[str, dict[str, str]]:
        return {row: {one.name: "" for one in self.fields} for row in self.rows}

    def prefilled(self, last: Part, *, flows: bool) -> dict[str, dict[str, str]]:
        """What a month begins with from the last return; `flows`: see submitted.flows_add_up."""
        found = self._all_rows()
        for row, one in self.cells():
            if one.begins == Begins.AS_LAST:
                found[row][one.name] = self.carried(last, row, one)
            elif one.begins == Begins.AT_ZERO and flows:
                found[row][one.name] = "0"
        return {row: found[row] for row in self.rows_in(found)}

    def carried(self, last: Any, row: str, one: Field) -> str:
        """What a month takes over from the last return's cell, and is compared with."""
        if one.only_with is not None:
            name, answer = one.only_with
            if text_at(last, row, name) != answer:
                return ""
        return text_at(last, row, one.name)

    def says_something(self, part: Any) -> bool:
        """Whether anything stands in it; a version of before it was asked for has nothing."""
        return any(text_at(part, row, one.name) for row, one in self.cells())

    def is_same(self, now: Any, last: Any) -> bool:
        """Whether it says wholly what the last return said, and that nothing has happened."""
        if not self.says_something(last):
            return False
        there = {*self.rows_in(now), *self.rows_in(last)}
        for row, one in self.cells():
            text = text_at(now, row, one.name)
            if row in self.since and not text and not text_at(last, row, one.name):
                continue  # not asked yet
            if self.is_open and row not in there:
                continue
            if one.begins == Begins.AS_LAST and not one.reads_alike(
                text, self.carried(last, row, one)
            ):
                return False
            if one.begins == Begins.AT_ZERO and not one.reads_alike(text, "0"):
                return False
            if not text and not one.is_optional:
                return False
        return True

    def differences(
        self, now: Part, last: Part, *, same_month: bool
    ) -> Iterator[tuple[str, int | str | None, int | str | None]]:
        """Key, before and now of each cell that differs; between months of what is carried over."""
        if not self.says_something(last) or not self.says_something(now):
            return
        for row in self.rows:
            fields = [
                one
                for one in self.fields
                if one.asked_of(row) and (same_month or one.begins == Begins.AS_LAST)
            ]
            if not fields:
                continue
            if self.is_open:
                was, called = self._called(last, row), self._called(now, row)
                # A row that came or went, or is about something else now, is one change.
                if was != called and (self.title or was is None or called is None):
                    yield f"{self.code}:{row}:{fields[0].name}", was, called
                    continue
            for one in fields:
                before, after = (one.value(text_at(part, row, one.name)) for part in (last, now))
                if before != after and not (one.begins == Begins.AT_ZERO and before is None):
                    yield f"{self.code}:{row}:{one.name}", before, after

    def _called(self, part: Part, row: str) -> int | str | None:
        """A row of an open section in a word or two; None where it is not there."""
        if not any(text_at(part, row, one.name) for one in self.fields):
            return None
        if self.title:
            return self.title_in(part, row)
        first = next(one for one in self.fields if one.asked_of(row))
        return first.value(text_at(part, row, first.name))


def text_at(part: Any, row: str, name: str) -> str:
    """What a draft of any shape has at a cell; "" where it has none."""
    cells = part.get(row, {}) if isinstance(part, Mapping) else {}
    return str(cells.get(name, "")).strip() if isinstance(cells, Mapping) else ""
