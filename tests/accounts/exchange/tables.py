"""Workbooks as Excel, WPS and LibreOffice would save them, and csv files, made in memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

Row = Sequence[Any]
HEADS = [
    "学校标识码", "园名", "乡镇街道", "办别", "办园性质", "营利性", "建园日期", "状态起始日期",
]  # fmt: skip


def kindergarten_row(number: int, *, town: str = "甲镇", name: str = "") -> list[Any]:
    return [
        f"11659{number:05d}", name or f"示例第{number}幼儿园", town, "教育部门", "公办", "否",
        dt.date(2012, 9, 1), dt.date(2026, 10, 1),
    ]  # fmt: skip


def excel(
    rows: Sequence[Row],
    *,
    sheet: str = "幼儿园名册",
    change: Callable[[Any, Any], object] | None = None,
) -> bytes:
    """Shared strings, dates as styled serials, as Excel writes them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        made = book.add_worksheet(sheet)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    moment = dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a day
                    made.write_datetime(number, column, moment, day)
                elif isinstance(cell, str):
                    made.write_string(number, column, cell)
                elif cell is not None:
                    made.write(number, column, cell)
        if change is not None:
            change(book, made)
    return out.getvalue()


def libreoffice(rows: Sequence[Row], **options: Any) -> bytes:
    """Heights on every row and styled cells without content, as LibreOffice writes them."""

    def rewritten(text: str) -> str:
        text = text.replace("<row ", '<row customFormat="false" ht="12.8" hidden="false" ')
        # A styled cell without content at the end of every row.
        return re.sub(r'(<row [^>]*r="(\d+)"[^>]*>.*?)</row>', r'\1<c r="T\2" s="0"/></row>', text)

    return changed(excel(rows, **options), "xl/worksheets/sheet1.xml", rewritten)


def wps(rows: Sequence[Row], **options: Any) -> bytes:
    """Inline strings, an extension list and a part of its own, as WPS leaves them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        made = book.add_worksheet(options.get("sheet", "Sheet1"))
        day = book.add_format({"num_format": "yyyy/m/d"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    moment = dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a day
                    made.write_datetime(number, column, moment, day)
                elif isinstance(cell, str):
                    made.write_string(number, column, cell)
                elif cell is not None:
                    made.write(number, column, cell)
    return changed(
        out.getvalue(),
        "docProps/app.xml",
        lambda text: text.replace("Microsoft Excel", "WPS 表格"),
    )


def changed(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.infolist():
            data = old.read(item)
            if item.filename == part:
                data = change(data.decode()).encode()
            new.writestr(item.filename, data)
    return out.getvalue()


def as_csv(rows: Sequence[Row], *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([["" if cell is None else str(cell) for cell in row] for row in rows])
    return out.getvalue().encode(encoding)
