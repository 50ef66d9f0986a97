"""How a table leaves the portal as a file: xlsx or csv, as plain text and numbers.

No cell is ever a formula, whoever typed it; the number of rows stands in the file's name, so that
a cut-off file is noticed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import quote

from django.http import HttpResponse

Cell = str | int | Decimal | dt.date | None

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

# A spreadsheet, or a program it hands over to, reads text that begins so as a formula. Full-width
# signs are read like the plain ones where Chinese is written.
FORMULA_STARTS = frozenset("=+-@|%\t\r\n＝＋－＠｜％﹦﹢﹣﹫﹪−")
INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}


def looks_like_formula(text: str) -> bool:
    """Whether some program would run the text instead of showing it.

    A sign behind marks nobody sees (byte order mark, zero-width and control characters, blanks)
    counts as well: some programs drop those first.
    """
    for letter in text:
        if letter in FORMULA_STARTS:
            return True
        if unicodedata.category(letter) not in INVISIBLE:
            return False
    return False


@dataclass(frozen=True)
class Table:
    """Heads and rows as they stand on the page. `notes` go below the rows of an xlsx file.

    `watermark` says who took a file about persons out: below the rows, in the head and foot of
    every printed page, and in the properties of an xlsx file.

    Rates are Decimal percentages already rounded for display, missing cells are None.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = field(default=())
    watermark: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heads):
                raise ValueError(f"row of {len(row)} cells under {len(self.heads)} heads")

    @property
    def file_name(self) -> str:
        return f"{self.name}_{len(self.rows)}行"


def as_csv(table: Table) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_plain(head) for head in table.heads])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    if table.watermark:
        writer.writerow([_plain(table.watermark)])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if looks_like_formula(cell) else cell
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def as_xlsx(table: Table) -> bytes:
    """One sheet: head row that stays in view, numbers as numbers, widths to fit."""
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
        rate = book.add_format({"num_format": "0.00"})
        whole = book.add_format({"num_format": "#,##0"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        # Stays text also when somebody edits the cell or saves the file as csv.
        text_only = book.add_format({"quote_prefix": True, "num_format": "@"})
        sheet.freeze_panes(1, 1)
        for column, text in enumerate(table.heads):
            sheet.write_string(0, column, text, head)
            cells = [text, *(_plain(row[column]) for row in table.rows)]
            sheet.set_column(column, column, min(max(map(_width, cells)) + 2, 40))
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    risky = looks_like_formula(cell)
                    sheet.write_string(number, column, cell, text_only if risky else None)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(number, column, dt.datetime(*cell.timetuple()[:3]), day)  # noqa: DTZ001 - a day has no zone
                elif isinstance(cell, Decimal):
                    sheet.write_number(number, column, float(cell), rate)
                elif cell is not None:
                    sheet.write_number(number, column, cell, whole)
        below = [*table.notes, *([table.watermark] if table.watermark else [])]
        for number, note in enumerate(below, start=len(table.rows) + 2):
            sheet.write_string(number, 0, note)
        if table.watermark:
            # An ampersand steers heads and feet; theirs is at most 255 letters.
            mark = table.watermark.replace("&", "＆")[:200]
            sheet.set_header(f"&C{mark}")
            sheet.set_footer(f"&C{mark}")
            book.set_properties({"comments": table.watermark})
    return out.getvalue()


def _width(text: str) -> int:
    """Columns of a cell: a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def download(table: Table, ending: str) -> HttpResponse:
    """The table as an attachment. `ending` is "xlsx" or "csv"; KeyError for any other."""
    content_type = CONTENT_TYPES[ending]
    body = as_xlsx(table) if ending == "xlsx" else as_csv(table)
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(f'{table.file_name}.{ending}')}"
    )
    return response
