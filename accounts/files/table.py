"""The table in an uploaded xlsx or csv file, with where it needs a look.

Unlike `workbook.read_rows` nothing in a cell turns the whole file away: a formula, an error value
or a merged cell is reported with its place, and whoever imports says so beside the cell.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.files import child
from accounts.files.names import checked_name
from accounts.files.refusal import FileRefused
from accounts.files.workbook_cells import Bounds, Marks, Place, Seen
from accounts.files.workbook_scan import scan
from accounts.files.zip_scan import SAVE_AGAIN

Value = str | int | Decimal | dt.date | bool | None

CSV_AGAIN = "请用WPS或Excel打开，另存为xlsx，或“CSV UTF-8（逗号分隔）”再传。"
REFUSALS = {
    "csv-encoding": f"这个csv文件的编码读不出来。{CSV_AGAIN}",
    "csv-not-text": f"这个csv文件里不是文字。{CSV_AGAIN}",
    "csv-broken": f"这个csv文件的引号或分隔不完整，读不出来。{CSV_AGAIN}",
}


@dataclass
class ReadTable:
    """Rows of the sheet that was read, row 1 first; an empty cell is None.

    `merged` are (row, column, last row, last column) from 1. `others` are sheets with content
    that were not read. `formulas` and `errors` give the text of such cells. `about` are the first
    rows of the template's own sheet of instructions.
    """

    rows: list[list[Value]]
    sheet: str
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: dict[Place, str] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    about: list[list[Value]] = field(default_factory=list)
    encoding: str = ""

    def as_uploaded(self, row: int, column: int) -> Value:
        """What stands in a cell counted from 1: of a formula its text, not what it came to."""
        text = self.formulas.get((row, column)) or self.errors.get((row, column))
        if text:
            return text
        inside = row <= len(self.rows) and column <= len(self.rows[row - 1])
        return self.rows[row - 1][column - 1] if inside else None


def check_kind(raw_name: str, content: bytes) -> tuple[str, str]:
    """The name to show and "xlsx" or "csv", by ending and first bytes. Raises FileRefused.

    Nothing else of the file is looked at here, so that a page may call it; `read_table` looks.
    """
    name = checked_name(raw_name)
    ending = name.rpartition(".")[2].lower()
    if ending in {"xls", "et"}:
        raise FileRefused("type-not-accepted", f"{ending}格式不收。请用WPS或Excel另存为xlsx再传。")
    if ending not in {"xlsx", "csv"}:
        raise FileRefused("type-not-accepted", "只收xlsx和csv表格。请另存为其中一种再传。")
    if not content.strip():
        raise FileRefused("empty", "文件是空的。请打开看看内容，保存后再传。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            "xlsx-old-or-encrypted",
            "文件设了打开密码，或者是旧版xls。请去掉密码，用WPS或Excel另存为xlsx再传。",
        )
    is_zip = content.startswith(b"PK")
    if is_zip != (ending == "xlsx"):
        raise FileRefused(
            "type-differs",
            f"文件的内容和后缀“.{ending}”对不上。请用原来的软件另存为{ending}再传，不要只改后缀。",
        )
    return name, ending


def read_table(content: bytes, bounds: Bounds) -> ReadTable:
    """Read the first sheet with content, in a process of its own after a scan of the bytes.

    Raises FileRefused for a file that is hostile, broken or larger than the bounds.
    """
    is_workbook = content.startswith(b"PK")
    seen = scan(content, bounds) if is_workbook else None
    result = _result(content)
    rows = _trimmed(result["rows"], bounds)
    if seen is None:
        marks = Marks(formulas=_formulas_of_csv(rows))
    else:
        marks = seen.sheets.get(result["sheet"], Marks())
    return ReadTable(
        rows=_down_to(rows, marks),
        sheet=result["sheet"],
        merged=[tuple(area) for area in result["merged"]],
        formulas=marks.formulas,
        errors=marks.errors,
        others=result["others"],
        about=result["about"],
        encoding=result.get("encoding", ""),
    )


def read_sheets(content: bytes, bounds: Bounds) -> dict[str, ReadTable]:
    """Every visible sheet of a form of several sheets, by its name; of any other file nothing.

    A form of several sheets has one called 说明. Reads and refuses as `read_table` does.
    """
    seen = scan(content, bounds)
    return _sheets(_result(content), seen, bounds)


def _result(content: bytes) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(
            child.run("read_table", content).result,
            parse_float=_number,
            object_hook=_day,
        )
    except (child.ChildDied, ValueError):
        raise FileRefused("table-unreadable", f"表格读不出来。{SAVE_AGAIN}") from None
    if "refused" in result:
        raise FileRefused(result["refused"], REFUSALS[result["refused"]])
    return result


def _sheets(result: dict[str, Any], seen: Seen, bounds: Bounds) -> dict[str, ReadTable]:
    found = {}
    for name, sheet in result.get("sheets", {}).items():
        marks = seen.sheets.get(name, Marks())
        found[name] = ReadTable(
            rows=_down_to(_trimmed(sheet["rows"], bounds), marks),
            sheet=name,
            merged=[tuple(area) for area in sheet["merged"]],
            formulas=marks.formulas,
            errors=marks.errors,
        )
    return found


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def _day(found: dict[str, Any]) -> Any:
    return dt.date.fromisoformat(found["d"]) if found.keys() == {"d"} else found


def _trimmed(rows: list[list[Any]], bounds: Bounds) -> list[list[Value]]:
    """Without empty rows at the end; "" is None. Raises FileRefused for more than the bounds."""
    read = [[None if cell == "" else cell for cell in row] for row in rows]
    while read and all(cell is None for cell in read[-1]):
        read.pop()
    if len(read) > bounds.rows:
        raise FileRefused(
            "xlsx-row-outside",
            f"表格有{len(read)}行，最多{bounds.rows}行。请分成几个文件再传。",
        )
    wide = max((len(row) for row in read), default=0)
    if wide > bounds.columns:
        raise FileRefused(
            "xlsx-column-outside",
            f"表格有{wide}列，最多{bounds.columns}列。请删去多余的列再传。",
        )
    return [row if len(row) == wide else row + [None] * (wide - len(row)) for row in read]


def _down_to(rows: list[list[Value]], marks: Marks) -> list[list[Value]]:
    """Rows as far down and right as formulas and error values stand, whatever those came to."""
    places = [*marks.formulas, *marks.errors]
    wide = max([column for _, column in places] + [len(rows[0]) if rows else 0])
    rows = [row + [None] * (wide - len(row)) for row in rows]
    last = max((row for row, _ in places), default=0)
    return rows + [[None] * wide for _ in range(last - len(rows))]


def _formulas_of_csv(rows: list[list[Value]]) -> dict[Place, str]:
    """Cells that a spreadsheet would run. Our own exports and Excel's mark text that only looks so.

    ``'=1`` is the text =1, ``="0012"`` the text 0012: both are put as meant.
    """
    found: dict[Place, str] = {}
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if not isinstance(cell, str) or cell[:1] not in {"'", "="}:
                continue
            if cell.startswith("'"):
                row[column] = cell[1:] or None
            elif cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1]:
                row[column] = cell[2:-1] or None
            else:
                found[number, column + 1] = cell
    return found
