"""The dry run: every cell read, every row compared with what exists. Changes nothing.

Set-based: a column is read as a whole with each spelling looked at once, and what exists is asked
for in one query, so ten thousand rows take the time of a page.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from accounts.exchange.declaring import (
    Change,
    Column,
    Context,
    Fault,
    Importable,
    Key,
    Line,
    Plan,
    Values,
)
from accounts.exchange.headers import ENOUGH_TO_TELL, SAMPLE, Heads, find_heads, swapped
from accounts.exchange.kinds import MOST_DIGITS, Cell, Kind, Named, Text, Wrong, as_text, compact
from accounts.files.table import ReadTable
from accounts.files.workbook_cells import letters
from accounts.privacy.rules import mask_id

# More of them help nobody; the number of all is said.
FAULTS_KEPT = 5_000
VERSION_LABEL = "模板版本"
MERGED = "这里合并了单元格，看不出每行填的是什么。请取消合并，逐行填写。"
FORMULA = "这里是公式。请复制本列，用“选择性粘贴—数值”粘回去再传。"
ERROR_VALUE = "这里是错误值（如#REF!、#N/A）。请改成正确的内容。"
ERROR_VALUES = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
# As the marked-up copy shows the formulas of a file, which may be any. Nothing that is filled in
# begins with the sign; what stands in the records so, from before, comes back unchanged.
FORMULA_TEXT = re.compile(r"\s*=|公式(?:，同[A-Z]+\d+)?$")
FORMULA_AS_TEXT = "这里写的是公式，不是它算出来的内容。请填内容本身，开头不要用“=”。"
TOO_LONG = "数字超过15位，表格软件已经丢掉末几位。请把这一列设为“文本”格式，重新填写。"


@dataclass
class Checked:
    """What a file would do. With faults nothing is written; `fault_count` counts all of them."""

    lines: list[Line] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    notices: list[str] = field(default_factory=list)
    file_version: int | None = None
    heads: Heads = field(default_factory=Heads)


def fingerprint(plan: Plan) -> str:
    """What stands for all that writing would do; another one means that something changed."""
    kept = [
        [line.row for line in plan.new],
        [[change.line.row, sorted(change.changes.items())] for change in plan.changed],
        plan.same,
    ]
    return hashlib.sha256(
        json.dumps(kept, ensure_ascii=False, default=str, sort_keys=True).encode()
    ).hexdigest()


def check_table(importable: Importable, table: ReadTable, context: Context) -> Checked:
    """Read and compare a whole file. `context` has been prepared."""
    file_version = _version_of(table)
    heads = find_heads(
        table.rows,
        importable.columns,
        dropped=importable.dropped,
        version=importable.version,
        file_version=file_version,
    )
    checked = Checked(heads=heads, file_version=file_version, notices=list(heads.notices))
    if table.others:
        checked.notices.append(
            f"只读取了“{table.sheet}”这张表，没有读取：{'、'.join(table.others[:10])}。"
        )
    reading = _Reading(importable, table, context, heads)
    if heads.faults:
        reading.faults = list(heads.faults)
    else:
        reading.read()
        checked.lines = reading.lines
    _compare(importable, context, checked, reading.faults, reading.where)
    return checked


def check_again(importable: Importable, lines: list[Line], context: Context) -> Checked:
    """Compare rows that were read before with what exists now."""
    checked = Checked(lines=lines)
    where = {column.name: number for number, column in enumerate(importable.columns, start=1)}
    _compare(importable, context, checked, [], where)
    return checked


def _version_of(table: ReadTable) -> int | None:
    for row in table.about:
        if len(row) > 1 and as_text(row[0]) == VERSION_LABEL:
            text = compact(row[1])
            return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
    return None


class _Reading:
    """The cells of one file, column by column."""

    def __init__(
        self, importable: Importable, table: ReadTable, context: Context, heads: Heads
    ) -> None:
        self.importable, self.table, self.context, self.heads = importable, table, context, heads
        self.columns = [c for c in importable.columns if c.name in heads.places]
        self.where = {name: place + 1 for name, place in heads.places.items()}
        self.faults: list[Fault] = []
        self.lines: list[Line] = []

    def read(self) -> None:
        places = list(self.heads.places.values())
        first = self.heads.row
        # Two places at least, so that what is picked is a tuple.
        pick = itemgetter(*places, places[0])
        blank = (None,) * (len(places) + 1)
        # An error value is read as nothing, but somebody put it there.
        marked = {row for row, at in (*self.table.formulas, *self.table.errors) if at - 1 in places}
        filled = [
            (number, row)
            for number, row in enumerate(self.table.rows[first:], start=first + 1)
            if pick(row) != blank or number in marked
        ]
        if not filled:
            text = f"表里没有内容。请从第{first + 1}行起填写。"
            self.faults.append(Fault(first + 1, 0, "", "", text))
            return
        most = self.importable.most_rows
        if len(filled) > most:
            text = f"一次最多{most}行，表里有{len(filled)}行。请分成几个文件。"
            self.faults.append(Fault(filled[most][0], 0, "", "", text))
            return
        pairs = self._swapped(filled)
        if pairs:
            for column, other in pairs:
                self._fault(
                    first, column, column.head,
                    f"这一列的内容不像{column.head}，像的在{letters(self.where[other.name])}列"
                    f"“{other.head}”下面。请核对表头，是不是两列对调了。",
                )  # fmt: skip
            return
        self.lines = [Line(number, {}) for number, _ in filled]
        special = self._special_cells(filled[0][0])
        for column in self.columns:
            self._read_column(column, filled, special)

    def _read_column(
        self,
        column: Column,
        filled: list[tuple[int, list[Cell]]],
        special: Mapping[tuple[int, int], str],
    ) -> None:
        place = self.heads.places[column.name]
        name = column.name
        read = self._reader(column)
        known: dict[Any, Any] = {}
        looked_at = {row: text for (row, at), text in special.items() if at == place + 1}
        for line, (number, row) in zip(self.lines, filled, strict=True):
            if looked_at and number in looked_at:
                typed = self.table.as_uploaded(number, place + 1)
                self._fault(number, column, typed, looked_at[number])
                continue
            cell = row[place]
            if cell is None:
                continue
            # True is 1 and 1 is Decimal(1) to a dict, but not to a reader.
            spelled = cell if type(cell) is str else (type(cell), cell)
            value = known.get(spelled, known)
            if value is known:
                try:
                    value = read(cell)
                except Wrong as wrong:
                    value = wrong
                known[spelled] = value
            if value.__class__ is Wrong:
                self._fault(number, column, cell, str(value))
            elif value is not None and value != "":
                line.values[name] = value

    def _reader(self, column: Column) -> Any:
        kind = column.kind
        if isinstance(kind, Named):
            names = {
                compact(typed): stored
                for typed, stored in self.context.names.get(column.name, {}).items()
            }

            def read_name(cell: Cell) -> Any:
                typed = compact(cell)
                if typed and typed not in names:
                    raise Wrong(kind.problem(as_text(cell)))
                return names.get(typed)

            return read_name
        return _careful(kind)

    def _special_cells(self, first_row: int) -> dict[tuple[int, int], str]:
        """Cells whose content is not what it looks like, with what to do."""
        found: dict[tuple[int, int], str] = {}
        for top, left, bottom, right in self.table.merged:
            if bottom < first_row:
                continue
            for row in range(max(top, first_row), min(bottom, len(self.table.rows)) + 1):
                for column in range(left, min(right, 100) + 1):
                    found[row, column] = MERGED
        found |= dict.fromkeys(self.table.formulas, FORMULA)
        found |= dict.fromkeys(self.table.errors, ERROR_VALUE)
        return found

    def _swapped(self, filled: list[tuple[int, list[Cell]]]) -> list[tuple[Column, Column]]:
        strict = {c.name: self._reader(c) for c in self.columns if not isinstance(c.kind, Text)}
        fits: dict[str, dict[str, float]] = {}
        step = max(1, len(filled) // SAMPLE)
        sample = filled[::step][:SAMPLE]
        for column in self.columns:
            place = self.heads.places[column.name]
            cells = [row[place] for _, row in sample if row[place] is not None]
            if len(cells) < ENOUGH_TO_TELL:
                continue
            own = strict.get(column.name)
            shares = fits.setdefault(column.name, {})
            if own is not None:
                shares[column.name] = _share(own, cells)
        doubtful = [name for name, shares in fits.items() if shares.get(name, 1) <= 0.2]
        for column in self.columns if doubtful else []:
            place = self.heads.places[column.name]
            cells = [row[place] for _, row in sample if row[place] is not None]
            for name in doubtful:
                if name != column.name and len(cells) >= ENOUGH_TO_TELL:
                    fits.setdefault(column.name, {})[name] = _share(strict[name], cells)
        return swapped(self.columns, self.heads.places, fits)

    def _fault(self, row: int, column: Column, cell: Cell, text: str) -> None:
        typed = mask_id(compact(cell)) if column.kind.is_secret else as_text(cell)
        self.faults.append(Fault(row, self.where[column.name], column.head, typed[:60], text))


def _careful(kind: Kind) -> Any:
    def read(cell: Cell) -> Any:
        if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= MOST_DIGITS:
            raise Wrong(TOO_LONG)
        if isinstance(cell, str):
            if not cell or cell.isspace():
                return None
            # As the marked-up copy shows them; sent back so, they are not what anybody meant.
            if cell in ERROR_VALUES:
                raise Wrong(ERROR_VALUE)
            # Of a text it is only known beside what is there whether anybody fills it in.
            if not isinstance(kind, Text) and FORMULA_TEXT.match(cell):
                raise Wrong(FORMULA_AS_TEXT)
        return kind.read(cell)

    return read


def _share(read: Any, cells: list[Cell]) -> float:
    fitting = 0
    for cell in cells:
        try:
            fitting += read(cell) is not None
        except Wrong:
            continue
    return fitting / len(cells)


def _compare(
    importable: Importable,
    context: Context,
    checked: Checked,
    faults: list[Fault],
    where: Mapping[str, int],
) -> None:
    """Find the keys, compare with what exists, run the importable's own checks; fill `checked`."""
    comparison = _Comparison(importable, context, faults, where)
    for line in checked.lines:
        importable.settle(context, line)
    keyed = comparison.keyed(checked.lines)
    before = importable.existing(context, dict(keyed))
    once = {column.name for column in importable.columns if column.once}
    found: list[tuple[Line, dict[str, tuple[Any, Any]] | None]] = []
    for key, line in keyed:
        old = before.get(key)
        comparison.look(line, old)
        found.append((line, None if old is None else _difference(line.values, old, once)))
    wrong = {fault.row for fault in faults}
    comparison.rehearse(
        _plan([(line, changes) for line, changes in found if line.row not in wrong])
    )
    wrong = {fault.row for fault in faults}
    checked.plan = _plan([(line, changes) for line, changes in found if line.row not in wrong])
    faults.sort(key=lambda found: (found.row, found.column))
    checked.fault_count = len(faults)
    checked.faults = faults[:FAULTS_KEPT]


def _plan(rows: Sequence[tuple[Line, dict[str, tuple[Any, Any]] | None]]) -> Plan:
    """Rows with what differs in them: None for a new one, nothing for one that is as it was."""
    return Plan(
        new=[line for line, changes in rows if changes is None],
        changed=[Change(line, changes) for line, changes in rows if changes],
        same=sum(changes == {} for _, changes in rows),
    )


def refused(checked: Checked, fault: Fault) -> None:
    """Put a fault that writing found into the result, and its row out of the plan."""
    plan = checked.plan
    new = [line for line in plan.new if line.row != fault.row]
    changed = [change for change in plan.changed if change.line.row != fault.row]
    checked.plan = Plan(new, changed, plan.same)
    checked.faults, checked.fault_count = [fault], 1


class _Comparison:
    """Rows against what exists. A cell that could not be read is not complained of twice."""

    def __init__(
        self,
        importable: Importable,
        context: Context,
        faults: list[Fault],
        where: Mapping[str, int],
    ) -> None:
        self.importable, self.context, self.faults, self.where = importable, context, faults, where
        self.columns = {column.name: column for column in importable.columns}
        self.required = [column.name for column in importable.columns if column.required]
        self.unread = {(found.row, found.column) for found in faults}

    def keyed(self, lines: Sequence[Line]) -> list[tuple[Key, Line]]:
        """Each key once, with its first row."""
        key = self.importable.key
        found: list[tuple[Key, Line]] = []
        first_row: dict[Key, int] = {}
        for line in lines:
            missing = [name for name in key if name not in line.values]
            for name in missing:
                self._fault(line, name, f"请填{self.columns[name].head}，系统靠它认出是哪一个。")
            if missing:
                continue
            own = tuple(line.values[name] for name in key)
            if own in first_row:
                self._fault(line, key[0], f"和第{first_row[own]}行重复。请只留一行。")
                continue
            first_row[own] = line.row
            found.append((own, line))
        return found

    def look(self, line: Line, old: Values | None) -> None:
        if old is None:
            for name in self.required:
                if name not in line.values:
                    self._fault(line, name, f"新登记的要填{self.columns[name].head}。")
        for name, value in line.values.items():
            is_there = old is not None and old.get(name) == value
            if isinstance(value, str) and FORMULA_TEXT.match(value) and not is_there:
                self._fault(line, name, FORMULA_AS_TEXT)
                # Whatever else is wrong with it goes with the formula.
                self.unread.add((line.row, self.where.get(name, 0)))
        for name, text in self.importable.check(self.context, line, old):
            self._fault(line, name, text)

    def rehearse(self, plan: Plan) -> None:
        for line, name, text in self.importable.rehearse(self.context, plan):
            self._fault(line, name, text)

    def _fault(self, line: Line, name: str, text: str) -> None:
        column = self.columns[name]
        at = self.where.get(name, 0)
        if (line.row, at) in self.unread:
            return
        shown = self.importable.shown(self.context, column, line.values.get(name))
        self.faults.append(Fault(line.row, at, column.head, as_text(shown)[:60], text))


def _difference(values: Values, old: Values, once: set[str]) -> dict[str, tuple[Any, Any]]:
    """What is filled in and differs. What only speaks of the change is none by itself."""
    found = {
        name: (old.get(name), value) for name, value in values.items() if old.get(name) != value
    }
    return found if found.keys() - once else {}


def faults_by_column(faults: Sequence[Fault]) -> list[tuple[str, int]]:
    """Heads with the number of their faults, the most first."""
    return Counter(found.head or "整行" for found in faults).most_common()
