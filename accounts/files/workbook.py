"""The rows of an uploaded workbook as plain values."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from accounts.files import child
from accounts.files.refusal import FileRefused
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
    scan(content, Bounds(max_rows, max_columns))
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
    while read and all(value is None for value in read[-1]):
        read.pop()
    return read


def _value(cell: list[str] | None, row: int, column: int) -> Value:
    if cell is None:
        return None
    kind, text = cell
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind != "number":
        return text
    number = Decimal(text)
    if abs(number) >= MOST_DIGITS:
        raise FileRefused(
            "xlsx-number-too-long",
            f"第{row}行第{column}列的数超过15位，表格软件已经丢掉末几位。"
            "请把这一列设为“文本”格式，重新填写后再传。",
        )
    return int(number) if number == number.to_integral_value() else number
