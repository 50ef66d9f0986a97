"""The first sheet of `file` as `result`: JSON rows of [kind, text] or null."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import python_calamine


def cell(value: Any) -> list[str] | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return ["text", "TRUE" if value else "FALSE"]
    if isinstance(value, (int, float)):
        return ["number", repr(value)]
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return ["date", value.date().isoformat()]
        return ["text", value.isoformat(sep=" ")]
    if isinstance(value, dt.date):
        return ["date", value.isoformat()]
    return ["text", str(value)]


def work(folder: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(str(folder / "file"))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    with (folder / "result").open("w", encoding="utf-8") as out:
        json.dump([[cell(value) for value in row] for row in rows], out)
