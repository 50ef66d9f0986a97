"""The rows of an uploaded workbook as plain values."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from accounts.files import child
from accounts.files.refusal import FileRefused, Flaw
from accounts.files.workbook_cells import Bounds
from accounts.files.workbook_scan import scan
from accounts.files.zip_scan import SAVE_AGAIN

Value = str | int | Decimal | dt.date | None

# A spreadsheet keeps 15 digits of a number; of a longer one the end is already lost.
MOST_DIGITS = 10**15


def read_rows(content: bytes, *, max_rows: int = 5000, max_columns: int = 200) -> list[list[Value]]:
    """The rows of the first sheet, all of one width, without the empty rows at the end.

    An empty cell is None. A whole number is int, another Decimal, a day datetime.date, anything
    else its text (also a day with a time). Raises FileRefused for a file that is hostile, broken,
    larger than the bounds, or that would be read wrongly: formulas without a value, error values,
    numbers of more than 15 digits.
    """
    rows: list[list[Value]] = []
    for cells in read_cells(content, max_rows=max_rows, max_columns=max_columns, keeps_flaws=False):
        flaw = next((cell for cell in cells if isinstance(cell, Flaw)), None)
        if flaw is not None:
            raise flaw.refusal()
        rows.append([cell for cell in cells if not isinstance(cell, Flaw)])
    return rows


def read_cells(
    content: bytes, *, max_rows: int, max_columns: int, keeps_flaws: bool = True
) -> list[list[Value | Flaw]]:
    """Like `read_rows`, but a cell that would be read wrongly is a Flaw in its place.

    For a form that is checked cell by cell: one bad cell then hides no other.
    """
    flaws = scan(content, Bounds(max_rows, max_columns, keeps_flaws=keeps_flaws)).flaws()
    try:
        rows = json.loads(child.run("read_workbook", content).result)
    except (child.ChildDied, ValueError):
        raise FileRefused("xlsx-unreadable", f"表格读不出来。{SAVE_AGAIN}") from None
    if len(rows) > max_rows or any(len(row) > max_columns for row in rows):
        raise FileRefused(
            "xlsx-row-outside", f"表格最多{max_rows}行、{max_columns}列。请删减后再传。"
        )
    read = [
        [_value(cell, row, column) for column, cell in enumerate(cells, start=1)]
        for row, cells in enumerate(rows, start=1)
    ]
    _put_in(read, flaws)
    while read and all(value is None for value in read[-1]):
        read.pop()
    return read


def _put_in(read: list[list[Value | Flaw]], flaws: list[Flaw]) -> None:
    """Each flaw into its place, which may lie beyond what had a value."""
    width = max([len(row) for row in read] + [flaw.column for flaw in flaws], default=0)
    read.extend([] for _ in range(max((flaw.row for flaw in flaws), default=0) - len(read)))
    for row in read:
        row.extend([None] * (width - len(row)))
    for flaw in flaws:
        read[flaw.row - 1][flaw.column - 1] = flaw


def _value(cell: list[str] | None, row: int, column: int) -> Value | Flaw:
    if cell is None:
        return None
    kind, text = cell
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind != "number":
        return text
    number = Decimal(text)
    if abs(number) >= MOST_DIGITS:
        return Flaw(
            row,
            column,
            "xlsx-number-too-long",
            "的数超过15位，表格软件已经丢掉末几位。请把这一列设为“文本”格式，重新填写后再传。",
        )
    return int(number) if number == number.to_integral_value() else number
