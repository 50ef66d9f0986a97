"""The cells of a return's workbook, found by their heads. Plain Python on what the kit has read.

A cell that cannot be read is named with its place and what stands there; it hides no other cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.exchange.checking import ERROR_VALUE, ERROR_VALUES, FORMULA, MERGED, TOO_LONG
from accounts.exchange.declaring import Column
from accounts.exchange.headers import Heads, find_heads
from accounts.exchange.kinds import MOST_DIGITS, as_text, compact
from accounts.files import FileRefused
from accounts.files.table import ReadTable, Value
from accounts.files.workbook_cells import letters
from accounts.typed_text import clean
from reports.filings.checks import Section, asked_sections
from reports.filings.checks.sections.declaring import Kind
from reports.filings.workbook import layout

AGAIN = "请在月报页面点“下载填报表”，在下载的文件里填写后再传。"
NOT_OURS = (
    f"这不是从本系统下载的月报填报表，或者“{layout.ABOUT}”这张表被删改了，看不出是哪份月报。{AGAIN}"
)
A_DAY = "这里是日期。表格软件可能把数改成了日期，请把这一格设为“常规”格式，重新填数。"
YES_OR_NO = "这里是“是/否”值，不是数。请重新填写。"


@dataclass(frozen=True)
class Unread:
    """One cell that could not be read: where it is, what stands there, why not."""

    sheet: str
    row: int
    column: int
    head: str
    value: str
    why: str

    @property
    def cell(self) -> str:
        return f"{letters(self.column)}{self.row}" if self.column else f"第{self.row}行"


@dataclass(frozen=True)
class Typed:
    """One cell as text, as a form field would have it. `unread`: no value, only what stands there."""

    text: str = ""
    unread: Unread | None = None


EMPTY = Typed()


@dataclass(frozen=True)
class ClassLine:
    """One row of the sheet of classes; `place` counts rows below the heads, from 0.

    `row` and `grade_column` count from 1, as the sheet does.
    """

    place: int
    row: int
    grade_column: int
    cells: Mapping[str, Typed]


@dataclass
class FilledForm:
    """All that was filled in: sections by code and row. What has no row is missing there."""

    about: layout.About
    classes: list[ClassLine] = field(default_factory=list)
    parts: dict[str, dict[str, Mapping[str, Typed]]] = field(default_factory=dict)
    other: dict[str, Typed] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)


def read_form(sheets: Mapping[str, ReadTable]) -> FilledForm:
    """Take the cells out of the sheets. Raises FileRefused for a file that is no return's workbook,
    or lacks a sheet or a column, or is of another version of the template.
    """
    about = _about(sheets)
    if about.version < layout.VERSION:
        raise FileRefused(
            "form-old-template",
            f"这份填报表用的是第{about.version}版模板，现在是第{layout.VERSION}版，栏目不一样了，"
            "没有读入。请重新下载填报表，把填过的数粘贴过去再传。",
        )
    if about.version > layout.VERSION:
        raise FileRefused(
            "form-newer-template",
            f"这份填报表用的是第{about.version}版模板，比系统的第{layout.VERSION}版新，没有读入。{AGAIN}",
        )
    form = FilledForm(about)
    _read_classes(_Sheet(sheets, layout.CLASSES, layout.CLASS_COLUMNS, form.unread), form)
    for section in asked_sections(_month(about.month)):
        sheet = _Sheet(sheets, section.label, layout.section_columns(section), form.unread)
        sheet.days = {one.name for one in section.fields if one.kind in {Kind.DAY, Kind.MOMENT}}
        form.parts[section.code] = _read_section(sheet, section, form)
    _read_other(_Sheet(sheets, layout.OTHER, layout.OTHER_COLUMNS, form.unread), form)
    return form


def _about(sheets: Mapping[str, ReadTable]) -> layout.About:
    """Raises FileRefused where the sheet that tells is not there, or does not tell."""
    table = sheets.get(layout.ABOUT)
    if table is None:
        raise FileRefused("form-not-ours", NOT_OURS)
    said: dict[str, str] = {}
    for row in table.rows:
        texts = [text for cell in row if (text := as_text(cell))]
        if len(texts) > 1:
            # The first that says it: the instructions below may use the same words.
            said.setdefault(compact(texts[0]), texts[1])
    numbers = {}
    for name in (layout.TEMPLATE, layout.REVISION):
        text = compact(said.get(name, ""))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise FileRefused("form-not-ours", NOT_OURS)
        numbers[name] = int(text)
    if not said.get(layout.KEY) or not said.get(layout.MONTH):
        raise FileRefused("form-not-ours", NOT_OURS)
    return layout.About(
        key=compact(said[layout.KEY]),
        month=compact(said[layout.MONTH]),
        kindergarten=said.get(layout.KINDERGARTEN, "")[:100],
        version=numbers[layout.TEMPLATE],
        revision=numbers[layout.REVISION],
        made=said.get(layout.MADE, ""),
    )


def _month(written: str) -> dt.date:
    """Raises FileRefused where the sheet that tells names no month."""
    try:
        return dt.date.fromisoformat(f"{written}-01")
    except ValueError:
        raise FileRefused("form-not-ours", NOT_OURS) from None


class _Sheet:
    """One sheet below its heads, wherever those stand."""

    def __init__(
        self,
        sheets: Mapping[str, ReadTable],
        name: str,
        columns: Sequence[Column],
        unread: list[Unread],
    ) -> None:
        table = sheets.get(name)
        if table is None:
            raise FileRefused(
                "form-sheet-missing",
                f"文件里没有“{name}”这张表，可能被删去或改了名，没有读入。{AGAIN}",
            )
        self.table, self.name, self.columns, self.unread = table, name, columns, unread
        # Columns in which a day is what belongs there.
        self.days: set[str] = set()
        self.heads: Heads = find_heads(
            table.rows, columns, dropped={}, version=layout.VERSION, file_version=layout.VERSION
        )
        if self.heads.faults:
            fault = self.heads.faults[0]
            raise FileRefused("form-heads", f"“{name}”表：{fault.text}")
        self.merged = {
            (row, column)
            for first, left, last, right in table.merged
            for row in range(first, last + 1)
            for column in range(left, right + 1)
            if row > self.heads.row
        }

    def lines(self) -> Iterator[tuple[int, dict[str, Typed]]]:
        """Rows in which something stands, by their number from 1; without sums of our own."""
        last = max([len(self.table.rows), *(row for row, _ in self.merged)], default=0)
        for row in range(self.heads.row + 1, last + 1):
            cells = {}
            found = []
            for column in self.columns:
                cell, unread = self._cell(row, column)
                cells[column.name] = cell
                found += unread
            is_sum = layout.ROW in cells and cells[layout.ROW].text == layout.SUM
            if not is_sum and any(cell != EMPTY for cell in cells.values()):
                self.unread += found
                yield row, cells

    def _cell(self, row: int, column: Column) -> tuple[Typed, list[Unread]]:
        at = self.heads.places[column.name] + 1
        value = self.table.as_uploaded(row, at)
        text = _as_typed(value)
        why = self._why_not(row, at, value, is_day=column.name in self.days)
        if not why:
            return Typed(text), []
        unread = Unread(self.name, row, at, column.head, text, why)
        # Of cells merged into one nobody can say which was meant: none of them has a value.
        return Typed("" if why == MERGED else text, unread), [unread]

    def _why_not(self, row: int, at: int, value: Value, *, is_day: bool) -> str:
        if (row, at) in self.merged:
            return MERGED
        if (row, at) in self.table.formulas:
            return FORMULA
        if (row, at) in self.table.errors or (isinstance(value, str) and value in ERROR_VALUES):
            return ERROR_VALUE
        if isinstance(value, bool):
            return YES_OR_NO
        if isinstance(value, int | Decimal):
            return TOO_LONG if abs(Decimal(value)) >= MOST_DIGITS else ""
        return "" if value is None or isinstance(value, str) or is_day else A_DAY


def _as_typed(value: Value) -> str:
    return clean(value) if isinstance(value, str) else as_text(value)


def _read_classes(sheet: _Sheet, form: FilledForm) -> None:
    first, grade = sheet.heads.row + 1, sheet.heads.places["grade"] + 1
    form.classes = [ClassLine(row - first, row, grade, cells) for row, cells in sheet.lines()]


def _read_section(
    sheet: _Sheet, section: Section, form: FilledForm
) -> dict[str, Mapping[str, Typed]]:
    rows = {compact(label): row for row, label in section.rows.items()}
    found: dict[str, Mapping[str, Typed]] = {}
    for number, cells in sheet.lines():
        row = rows.get(compact(cells[layout.ROW].text))
        if row is None or row in found:
            head = section.row_head
            why = f"和上面的{head}重复。" if row else f"不认得这个{head}。"
            form.unread.append(_of_row(sheet, number, layout.ROW, cells, f"{why}这一行没有读入。"))
        else:
            found[row] = cells
    if not section.is_open:
        form.unread += [
            _missing(sheet, section.rows[row]) for row in section.rows if row not in found
        ]
    return found


def _read_other(sheet: _Sheet, form: FilledForm) -> None:
    for _, cells in sheet.lines():
        item = compact(cells["item"].text)
        if item in {layout.DAYS_OPEN, layout.REMARKS}:
            form.other.setdefault(item, cells["value"])
    for item in (layout.DAYS_OPEN, layout.REMARKS):
        if item not in form.other:
            form.unread.append(_missing(sheet, item))


def _of_row(sheet: _Sheet, row: int, column: str, cells: Mapping[str, Typed], why: str) -> Unread:
    at = sheet.heads.places[column] + 1
    filled = "，".join(cell.text for cell in cells.values() if cell.text)
    return Unread(sheet.name, row, at, sheet.columns[0].head, filled, why)


def _missing(sheet: _Sheet, label: str) -> Unread:
    why = f"表里没有“{label}”这一行，草稿里原来的没有动。"
    return Unread(sheet.name, sheet.heads.row, 0, label, "", why)
