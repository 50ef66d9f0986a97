"""How a table leaves the portal as a file: xlsx or csv, as plain text and numbers.

No cell is ever a formula, whoever typed it; the number of rows stands in the file's name, so that
a cut-off file is noticed. Rows go to a temporary file one by one, as they are read: a list of any
length takes the same memory. The file is whole before anything of it is sent, so that a failure
half-way is an error page and never half a file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any
from urllib.parse import quote

from accounts.files.workbook_cells import letters

Cell = str | int | Decimal | dt.date | None
Row = Sequence[Cell]
# What is said of the rows once it is known how many they are.
Note = str | Callable[[int], str]
# Told how many rows stand in the file; returns the watermark, "" for a file that needs none.
Recorded = Callable[[int], str]

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


# Rows a query hands over at a time, and the longest file that is not put on the disk.
CHUNK = 500
IN_MEMORY = 1024 * 1024
# What a sheet holds, less some for the notes; beyond it the writing library leaves rows out.
MOST_ROWS = 1_048_000
WIDEST_COLUMN = 40


class NotExported(Exception):
    """There is no file. `what` says why and `next_step` what to do, for the page."""

    def __init__(self, what: str, next_step: str, *, is_passing: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step
        # Whether the same may succeed later.
        self.is_passing = is_passing


@dataclass(frozen=True)
class Table:
    """Heads and rows as they stand on the page. `notes` go below the rows of an xlsx file.

    `rows` are read once, one after another, while the file is written: a generator over
    `queryset.iterator(CHUNK)` never holds more than a chunk of them. Rates are Decimal percentages
    already rounded for display, missing cells are None.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Row]
    notes: Sequence[Note] = field(default=())

    @property
    def sheet(self) -> str:
        """Name of the sheet: what the table is of, without the day or place after the first stroke."""
        return sheet_name(self.name.partition("_")[0])


# Spreadsheets refuse these in the name of a sheet, and more letters than LONGEST_SHEET.
NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
LONGEST_SHEET = 31


def sheet_name(text: str) -> str:
    """A text as the name of a sheet."""
    kept = " ".join(text.translate(NOT_IN_SHEET_NAMES).split())[:LONGEST_SHEET].strip("' ")
    return kept or "数据"


@dataclass(frozen=True)
class Written:
    """A whole file, at its beginning. The file has no name on the disk and is gone once closed.

    `watermark` says who took a file about persons out: below the rows, in the head and foot of
    every printed page, and in the properties of an xlsx file.
    """

    file: IO[bytes]
    name: str
    content_type: str
    rows: int
    watermark: str

    @property
    def disposition(self) -> str:
        return f"attachment; filename*=UTF-8''{quote(self.name)}"


def write(table: Table, ending: str, recorded: Recorded) -> Written:
    """Write a table as "xlsx" or "csv"; KeyError for any other ending, NotExported where it fails.

    `recorded` is called when all rows are in the file and before its end is, so that nothing
    leaves without its record and the record's number of rows is the file's.
    """
    content_type, writer = CONTENT_TYPES[ending], WRITERS[ending]
    told = _Told(recorded)
    with spooled() as file:
        writer(table, file, told)
    name = f"{table.name}_{told.rows}行.{ending}"
    return Written(file, name, content_type, told.rows, told.watermark)


@contextmanager
def spooled() -> Iterator[IO[bytes]]:
    """A temporary file to fill, left at its beginning; closed and gone where that failed.

    Whoever gets it whole closes it. Raises NotExported where there is no room for it.
    """
    # Never one with a name: it is gone with the process, whatever ends that.
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - see above
    try:
        yield file
        file.seek(0)
    except BaseException as failure:
        # What is still to be written fails here once more.
        with suppress(OSError):
            file.close()
        if isinstance(failure, OSError):
            raise NotExported(NO_ROOM, NO_ROOM_NEXT, is_passing=True) from failure
        raise


NO_ROOM = "文件还没有写完，服务器上放临时文件的地方就用完了。"
NO_ROOM_NEXT = "请过几分钟再导出。还是不行，请联系本区县教育局的系统管理员。"


class _Told:
    """What the record was told, and the watermark it gave."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self.rows = 0
        self.watermark = ""

    def __call__(self, rows: int) -> str:
        self.rows, self.watermark = rows, self._recorded(rows)
        return self.watermark


@contextmanager
def _rows(table: Table) -> Iterator[Iterator[Row]]:
    """The rows to be written. A query that is not read to its end is closed at once."""
    try:
        yield (_checked(row, table) for row in table.rows)
    finally:
        if isinstance(table.rows, Generator):
            table.rows.close()


def _checked(row: Row, table: Table) -> Row:
    if len(row) != len(table.heads):
        raise ValueError(f"row of {len(row)} cells under {len(table.heads)} heads")
    return row


def write_csv(table: Table, out: IO[bytes], recorded: Recorded) -> None:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([_plain(head) for head in table.heads])
    count = 0
    with _rows(table) as rows:
        for row in rows:
            writer.writerow([_plain(cell) for cell in row])
            count += 1
    watermark = recorded(count)
    if watermark:
        writer.writerow([_plain(watermark)])
    # Otherwise the wrapper closes the file when it goes.
    text.flush()
    text.detach()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if looks_like_formula(cell) else cell
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def write_xlsx(table: Table, out: IO[bytes], recorded: Recorded) -> None:
    """One sheet: head row that stays in view, numbers as numbers, widths to fit."""
    with workbook(out) as book:
        _Sheet(book, table).fill(table, recorded)


@contextmanager
def workbook(out: IO[bytes]) -> Iterator[Any]:
    """An xlsxwriter book whose rows have to be written in their order and leave the memory so.

    What is typed is text, whatever it looks like.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    # Until the end rows stand in files. In a directory of our own: what the library leaves behind
    # after a failure goes with it.
    with tempfile.TemporaryDirectory(prefix="export-") as beside:
        book = xlsxwriter.Workbook(out, {**options, "tmpdir": beside})
        yield book
        # Only now: after a failure nothing is put together.
        try:
            book.close()
        except FileCreateError as failure:
            raise OSError(*failure.args) from failure


class _Sheet:
    """The sheet of a book, filled row by row; widths become known on the way."""

    def __init__(self, book: Any, table: Table) -> None:
        self.book = book
        self.sheet = book.add_worksheet(table.sheet)
        self.heads = table.heads
        self.head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        )
        self.rate = book.add_format({"num_format": "0.00"})
        self.whole = book.add_format({"num_format": "#,##0"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        # Stays text also when somebody edits the cell or saves the file as csv.
        self.text_only = book.add_format({"quote_prefix": True, "num_format": "@"})
        # Codes keep their zeros and every digit also when somebody edits the cell.
        self.code = book.add_format({"num_format": "@"})
        self.widths = [_width(head) for head in table.heads]
        self.codes: set[int] = set()

    def fill(self, table: Table, recorded: Recorded) -> None:
        self.sheet.freeze_panes(1, 1)
        for column, text in enumerate(table.heads):
            self.sheet.write_string(0, column, text, self.head)
        count = 0
        with _rows(table) as rows:
            for count, row in enumerate(rows, start=1):
                if count > MOST_ROWS:
                    raise NotExported(
                        f"这份表超过{MOST_ROWS:,}行，一个xlsx文件放不下。",
                        "请先用筛选缩小范围，或者改为导出csv文件。",
                    )
                for column, cell in enumerate(row):
                    self._cell(count, column, cell)
        watermark = recorded(count)
        notes = [note if isinstance(note, str) else note(count) for note in table.notes]
        below = [*notes, *([watermark] if watermark else [])]
        for number, note in enumerate(below, start=count + 2):
            self.sheet.write_string(number, 0, note)
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, min(width + 2, WIDEST_COLUMN))
        if self.codes:
            # Otherwise every code carries a green corner that offers to make it a number.
            names = (letters(column + 1) for column in self.codes)
            areas = (f"{name}2:{name}{count + 1}" for name in names)
            self.sheet.ignore_errors({"number_stored_as_text": " ".join(areas)})
        if watermark:
            # An ampersand steers heads and feet; theirs is at most 255 letters.
            mark = watermark.replace("&", "＆")[:200]
            self.sheet.set_header(f"&C{mark}")
            self.sheet.set_footer(f"&C{mark}")
            self.book.set_properties({"comments": watermark})

    def _cell(self, number: int, column: int, cell: Cell) -> None:
        sheet = self.sheet
        if cell is None:
            return
        if isinstance(cell, str):
            risky = looks_like_formula(cell)
            shown = f"'{cell}" if risky else cell
            kept = self.text_only if risky else None
            if cell.isdecimal():
                kept = self.code
                self.codes.add(column)
            if sheet.write_string(number, column, cell, kept):
                raise NotExported(
                    f"第{number}行的“{self.heads[column]}”太长，xlsx文件的一格放不下。",
                    "请改为导出csv文件。",
                )
        elif isinstance(cell, dt.date):
            shown = cell.isoformat()
            sheet.write_datetime(number, column, dt.datetime(*cell.timetuple()[:3]), self.day)  # noqa: DTZ001 - a day has no zone
        elif isinstance(cell, Decimal):
            shown = str(cell)
            sheet.write_number(number, column, float(cell), self.rate)
        else:
            shown = str(cell)
            sheet.write_number(number, column, cell, self.whole)
        # Most cells are too short to widen their column, however wide their letters.
        if self.widths[column] < min(2 * len(shown), WIDEST_COLUMN):
            self.widths[column] = max(self.widths[column], _width(shown))


def _width(text: str) -> int:
    """Columns of a cell: a Chinese character takes two."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


WRITERS: dict[str, Callable[[Table, IO[bytes], Recorded], None]] = {
    "xlsx": write_xlsx,
    "csv": write_csv,
}
