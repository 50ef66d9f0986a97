"""A return's workbook in tests: made, changed as a director would, read."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl

from accounts.files.table import read_sheets
from kindergartens.models import MonthlyFiling
from reports.filings.submitted import Submitted
from reports.filings.views.workbook import BOUNDS
from reports.filings.workbook.reading import FilledForm, read_form
from reports.filings.workbook.writing import write_workbook
from tests.small_county import NOW

HEADS = 4


def made(filing: MonthlyFiling, last: Submitted | None = None, created: dt.datetime = NOW) -> bytes:
    out = io.BytesIO()
    write_workbook(filing, last, out, created=created)
    return out.getvalue()


def read(content: bytes) -> FilledForm:
    return read_form(read_sheets(content, BOUNDS))


def edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """The workbook opened, changed and saved by another program."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def place(sheet: Any, head: str) -> int:
    """The column of a head, from 1."""
    heads = [
        cell.value for row in sheet.iter_rows(max_row=10) for cell in row if cell.value == head
    ]
    assert heads == [head]
    return next(
        cell.column for row in sheet.iter_rows(max_row=10) for cell in row if cell.value == head
    )


def put(content: bytes, *cells: tuple[str, int, Any]) -> bytes:
    """(head, number of the class from 0, value) into the sheet of classes."""

    def edit(book: Any) -> None:
        sheet = book["班级"]
        for head, number, value in cells:
            sheet.cell(HEADS + 1 + number, place(sheet, head)).value = value

    return edited(content, edit)
