"""The sheet of a declared section: its rows, last month beside what is carried over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.files.workbook_cells import letters
from accounts.formatting import zhdate
from reports.filings.checks import Begins, Field, Section, text_at
from reports.filings.checks.sections.declaring import Kind
from reports.filings.workbook import layout
from reports.filings.workbook.book import Book, plain_number, whole_number

HEADS_ROW = 1
FIRST = HEADS_ROW + 1
WIDTHS = {
    Kind.COUNT: 10,
    Kind.MONEY: 12,
    Kind.CHOICE: 12,
    Kind.TICK: 10,
    Kind.TEXT: 40,
    Kind.DAY: 14,
    Kind.MOMENT: 18,
}


@dataclass(frozen=True)
class SheetColumn:
    """One column: a field as it is filled in, or what the last return said (`is_last`)."""

    field: Field
    is_last: bool = False


def columns_of(section: Section) -> list[SheetColumn]:
    columns = []
    for one in section.fields:
        columns.append(SheetColumn(one))
        if one.begins == Begins.AS_LAST and not one.is_key:
            columns.append(SheetColumn(one, is_last=True))
    return columns


def write_section(made: Book, sheet: Any, section: Section) -> None:
    """One row each, in the order of the page; choices and ticks in words."""
    columns = columns_of(section)
    sheet.set_column(0, 0, 18)
    sheet.write_string(
        0, 0, f"{section.label}：{zhdate(made.filing.period.reference_date)}", made.title
    )
    sheet.set_row(HEADS_ROW, 24)
    sheet.write_string(HEADS_ROW, 0, section.row_head, made.head)
    for number, column in enumerate(columns, start=1):
        sheet.set_column(number, number, WIDTHS[column.field.kind])
        head = f"{made.since}{column.field.label}" if column.is_last else column.field.label
        sheet.write_string(HEADS_ROW, number, head, made.head_last if column.is_last else made.head)
    part = made.draft.get(section.code)
    before = {} if made.last is None else made.last.part(section.code)
    for at, (row, label) in enumerate(section.rows.items(), start=FIRST):
        sheet.write_string(at, 0, label, made.label)
        for number, column in enumerate(columns, start=1):
            _write_cell(made, sheet, (at, number), column, row, part, before)
    last_row = FIRST + len(section.rows) - 1
    for number, column in enumerate(columns, start=1):
        if not column.is_last and (rule := _validation(column.field)):
            sheet.data_validation(FIRST, number, last_row, number, rule)
    if any(one.is_summed for one in section.fields):
        last_row += 1
        _totals(made, sheet, section, columns, last_row)
    sheet.freeze_panes(FIRST, 1)
    made.prepared(sheet, last_row, len(columns), landscape=len(columns) > 6)


def _write_cell(
    made: Book,
    sheet: Any,
    at: tuple[int, int],
    column: SheetColumn,
    row: str,
    part: Any,
    before: Any,
) -> None:
    one = column.field
    if not one.asked_of(row):
        sheet.write_string(*at, "" if column.is_last else "不填", made.last_number)
        return
    text = text_at(before if column.is_last else part, row, one.name)
    said = one.value(text)
    if column.is_last:
        if isinstance(said, int):
            made.known(sheet, *at, said)
        else:
            sheet.write_string(*at, said or "", made.last_number)
    elif one.kind in {Kind.COUNT, Kind.MONEY}:
        made.typed(sheet, *at, text)
    elif one.kind in {Kind.DAY, Kind.MOMENT}:
        made.typed(sheet, *at, text.replace("T", " "), words=True)
    else:
        made.typed(sheet, *at, str(said or ""), words=True)


def _validation(one: Field) -> dict[str, Any] | None:
    if one.kind == Kind.COUNT:
        return whole_number(one.most)
    if one.kind in {Kind.CHOICE, Kind.TICK}:
        return {
            "validate": "list", "source": list(one.choices.values()) or ["是"],
            "error_title": one.label, "error_message": "请从下拉列表中选择。",
        }  # fmt: skip
    return None


def _totals(made: Book, sheet: Any, section: Section, columns: list[SheetColumn], row: int) -> None:
    """The sums of the fields that are summed; empty while a row lacks the number."""
    sheet.write_string(row, 0, layout.SUM, made.label)
    for number, column in enumerate(columns, start=1):
        one = column.field
        if not one.is_summed:
            sheet.write_blank(row, number, None, made.computed)
            continue
        last = {} if made.last is None else made.last.part(section.code)
        part = last if column.is_last else made.draft.get(section.code)
        numbers = [plain_number(text_at(part, key, one.name)) for key in section.rows]
        known = [value for value in numbers if value is not None]
        total = sum(known) if len(known) == len(numbers) else None
        if column.is_last:
            made.known(sheet, row, number, total)
        else:
            letter = letters(number + 1)
            area = f"{letter}{FIRST + 1}:{letter}{row}"
            sheet.write_formula(
                row, number, f'=IF(COUNT({area})<{len(numbers)},"",SUM({area}))', made.bold,
                "" if total is None else total,
            )  # fmt: skip
