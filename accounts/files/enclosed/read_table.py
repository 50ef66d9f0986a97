"""The table in `file` (xlsx or csv) as `result`: JSON with its rows and what to know of them.

{"sheet", "rows", "merged": [[row, column, row, column]], "others": [names], "about": rows of the
sheet of instructions, "encoding"} or {"refused": code}. Of a form of several sheets, which has a
sheet 说明 of its own, "sheets" has every visible sheet by name: {"rows", "merged"}. A day is {"d": "2026-11-26"}; numbers,
texts and truth values are JSON's own, so that no line of Python runs for a cell.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import python_calamine

# Sheets of our own workbooks that hold no rows to import.
ABOUT, BESIDES = "填写说明", {"填写说明", "选项", "检查结果"}
MOST_ABOUT_ROWS = 60
# The sheet by which a form of several sheets is told: then all of them are handed over.
OF_A_FORM = "说明"
MOST_IN_A_FIELD = 32_767


def plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return {"d": value.date().isoformat()}
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    return str(value)


def of_sheet(sheet: python_calamine.CalamineSheet) -> dict[str, Any]:
    if sheet.start is None:
        return {"rows": [], "merged": []}
    merged = sheet.merged_cell_ranges or []
    return {
        "rows": sheet.to_python(skip_empty_area=False),
        "merged": [[a + 1, b + 1, c + 1, d + 1] for (a, b), (c, d) in merged],
    }


def of_workbook(path: Path) -> dict[str, Any]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        and sheet.name not in BESIDES
    ]
    result: dict[str, Any] = {"sheet": "", "rows": [], "merged": [], "others": [], "about": []}
    if OF_A_FORM in shown:
        result["sheets"] = {name: of_sheet(book.get_sheet_by_name(name)) for name in shown}
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            continue
        if result["sheet"]:
            result["others"].append(name)
            continue
        result |= {"sheet": name, **of_sheet(sheet)}
    if ABOUT in book.sheet_names:
        about = book.get_sheet_by_name(ABOUT)
        result["about"] = about.to_python(skip_empty_area=False, nrows=MOST_ABOUT_ROWS)
    return result


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a csv file and what it was written in. UnicodeDecodeError for anything else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "UTF-16"
    if content.startswith(b"\xef\xbb\xbf"):
        return content.decode("utf-8-sig"), "UTF-8"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("gb18030"), "GBK"


def of_csv(content: bytes) -> dict[str, Any]:
    try:
        text, encoding = decoded(content)
    except UnicodeDecodeError:
        return {"refused": "csv-encoding"}
    if "\0" in text:
        return {"refused": "csv-not-text"}
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",\t;", key=head.count)
    csv.field_size_limit(MOST_IN_A_FIELD)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return {"refused": "csv-broken"}
    return {
        "sheet": "csv", "rows": rows, "merged": [], "others": [], "about": [], "encoding": encoding
    }  # fmt: skip


def work(folder: Path) -> None:
    path = folder / "file"
    with path.open("rb") as file:
        is_workbook = file.read(4) == b"PK\x03\x04"
    result = of_workbook(path) if is_workbook else of_csv(path.read_bytes())
    with (folder / "result").open("w", encoding="utf-8") as out:
        out.write(json.dumps(result, ensure_ascii=False, default=plain, check_circular=False))
