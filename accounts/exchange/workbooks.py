"""The workbooks the kit makes: the template, the template filled in, and the marked-up copy."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import IO, Any

from accounts.exchange.checking import VERSION_LABEL, Checked
from accounts.exchange.declaring import Column, Context, Importable, Values
from accounts.exchange.kinds import Cell, Clock, Code, Day, Text, as_text
from accounts.exports import looks_like_formula, sheet_name, workbook
from accounts.files.table import ReadTable
from accounts.files.workbook_cells import letters

# Comments beside cells beyond this many only slow the workbook down; the list has them all.
MOST_COMMENTS = 2_000
FAULTY, HEAD_FILL, REQUIRED_FILL = "#FFC7CE", "#E8EEF7", "#FDEBC8"


class _Book:
    """An xlsx file being written row by row, with the formats every sheet uses."""

    def __init__(self, book: Any, *, created: dt.datetime) -> None:
        self.book = book
        self.book.set_properties({"created": created.replace(tzinfo=None)})
        add = self.book.add_format
        plain_head = {"bold": True, "bottom": 1, "valign": "vcenter", "text_wrap": True}
        self.head = add({**plain_head, "bg_color": HEAD_FILL})
        self.required = add({**plain_head, "bg_color": REQUIRED_FILL})
        self.bold = add({"bold": True})
        self.wrapped = add({"text_wrap": True, "valign": "top"})
        self.day = add({"num_format": "yyyy-mm-dd"})
        self.text = add({"num_format": "@"})
        self.quoted = add({"num_format": "@", "quote_prefix": True})
        faulty = {"bg_color": FAULTY}
        self.faulty = add(faulty)
        self.faulty_quoted = add({**faulty, "num_format": "@", "quote_prefix": True})
        self.faulty_day = add({**faulty, "num_format": "yyyy-mm-dd"})
        self.link = add({"font_color": "#0B57D0", "underline": 1})

    def write(self, sheet: Any, row: int, column: int, cell: Cell, *, faulty: bool = False) -> None:
        mark = self.faulty if faulty else None
        if cell is None:
            if faulty:
                sheet.write_blank(row, column, None, mark)
        elif isinstance(cell, bool):
            sheet.write_string(row, column, "是" if cell else "否", mark)
        elif isinstance(cell, dt.date):
            moment = dt.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a day has no zone
            sheet.write_datetime(row, column, moment, self.faulty_day if faulty else self.day)
        elif isinstance(cell, (int, Decimal)):
            sheet.write_number(row, column, cell, mark)
        else:
            risky = looks_like_formula(cell)
            quoted = self.faulty_quoted if faulty else self.quoted
            sheet.write_string(row, column, cell, quoted if risky else mark)


def write_template(
    importable: Importable,
    context: Context,
    out: IO[bytes],
    *,
    created: dt.datetime,
    rows: Iterable[Values] = (),
) -> int:
    """The template, with rows that exist already filled in where they are given; how many."""
    count = 0
    with workbook(out) as book:
        made = _Book(book, created=created)
        sheet = made.book.add_worksheet(sheet_name(importable.label))
        about = made.book.add_worksheet("填写说明")
        _drop_downs(made, importable, context, sheet)
        _heads(made, importable, sheet)
        for count, values in enumerate(rows, start=1):
            for position, column in enumerate(importable.columns):
                shown = importable.shown(context, column, values.get(column.name))
                made.write(sheet, count, position, shown)
        _instructions(made, importable, context, about)
    return count


def _heads(made: _Book, importable: Importable, sheet: Any) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 30)
    for position, column in enumerate(importable.columns):
        kept = made.day if isinstance(column.kind, Day) else None
        if isinstance(column.kind, (Code, Text, Clock)):
            kept = made.text
        sheet.set_column(position, position, column.width, kept)
        head = made.required if column.required else made.head
        sheet.write_string(0, position, column.head + ("*" if column.required else ""), head)
        sheet.write_comment(0, position, _note(column), {"x_scale": 2})


def _note(column: Column) -> str:
    said = [column.kind.says[:200], column.note, "新登记的必填。" if column.required else ""]
    return "\n".join(part for part in said if part)


def _drop_downs(made: _Book, importable: Importable, context: Context, sheet: Any) -> None:
    """Lists of choices on a hidden sheet, written row by row as the file grows."""
    lists = [
        (position, importable.choices(context, column))
        for position, column in enumerate(importable.columns)
    ]
    lists = [(position, offered) for position, offered in lists if offered]
    if not lists:
        return
    choices = made.book.add_worksheet("选项")
    for row in range(max(len(offered) for _, offered in lists)):
        for number, (_, offered) in enumerate(lists):
            if row < len(offered):
                choices.write_string(row, number, offered[row])
    choices.hide()
    for number, (position, offered) in enumerate(lists):
        letter = letters(number + 1)
        sheet.data_validation(
            1, position, importable.most_rows, position,
            {
                "validate": "list",
                "source": f"=选项!${letter}$1:${letter}${len(offered)}",
                "error_title": importable.columns[position].head[:32],
                "error_message": "请从下拉列表中选择。",
            },
        )  # fmt: skip


def _instructions(made: _Book, importable: Importable, context: Context, sheet: Any) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 3, 44)
    sheet.write_string(0, 0, f"{importable.label}填写说明", made.bold)
    sheet.write_string(1, 0, VERSION_LABEL)
    sheet.write_number(1, 1, importable.version)
    row = 2
    for text in (*GENERAL, *importable.about):
        sheet.write_string(row, 0, text)
        row += 1
    for position, title in enumerate(("栏目", "必填", "怎么填", "示例")):
        sheet.write_string(row + 1, position, title, made.head)
    row += 2
    for column in importable.columns:
        sheet.write_string(row, 0, column.head)
        sheet.write_string(row, 1, "必填" if column.required else "")
        how = "；".join(part for part in (column.kind.says[:300], column.note) if part)
        sheet.write_string(row, 2, how, made.wrapped)
        made.write(sheet, row, 3, column.example)
        row += 1


GENERAL = (
    "第一行是表头，不要改名；列的先后可以调整，不需要的列可以删去。从第二行起每行填一个。",
    "已经登记的：空着的格子不改动原来的内容。",
    "上传后先检查，不会马上写入；看过检查结果，点“确认写入”才生效。同一份表再传一次，不会重复。",
    "日期可以写成2026-11-26、2026/11/26、2026.11.26、20261126或2026年11月26日。",
)


def write_marked(
    importable: Importable,
    context: Context,
    table: ReadTable,
    checked: Checked,
    out: IO[bytes],
    *,
    created: dt.datetime,
) -> None:
    """The uploaded table with every faulty cell coloured and commented; first the list of faults.

    Every cell as it was uploaded: of a formula and an error value the text, which is no formula any
    more; no object of the uploaded file is copied. It can be corrected and uploaded as it is.
    """
    by_cell: dict[tuple[int, int], list[str]] = defaultdict(list)
    for fault in checked.faults:
        by_cell[fault.row, fault.column].append(fault.text)
    with workbook(out) as book:
        made = _Book(book, created=created)
        listed = made.book.add_worksheet("检查结果")
        title = sheet_name(importable.label)
        sheet = made.book.add_worksheet(title)
        _drop_downs(made, importable, context, sheet)
        _fault_list(made, listed, checked, title)
        _marked_rows(made, sheet, table, by_cell, checked.heads.row)
        about = made.book.add_worksheet("填写说明")
        _instructions(made, importable, context, about)
        listed.activate()


def _fault_list(made: _Book, sheet: Any, checked: Checked, title: str) -> None:
    for position, width in enumerate((12, 20, 30, 70)):
        sheet.set_column(position, position, width)
    sheet.freeze_panes(3, 0)
    sheet.write_string(
        0, 0, f"共{checked.fault_count}处要改，没有写入任何数据。改好后上传本文件即可。", made.bold
    )
    for position, text in enumerate(("单元格", "栏目", "现在填的", "怎么改")):
        sheet.write_string(2, position, text, made.head)
    target = title.replace("'", "''")
    for row, fault in enumerate(checked.faults, start=3):
        if fault.column:
            sheet.write_url(
                row, 0, f"internal:'{target}'!{fault.cell}", made.link, string=fault.cell
            )
        else:
            sheet.write_string(row, 0, fault.cell)
        sheet.write_string(row, 1, fault.head)
        made.write(sheet, row, 2, fault.typed or None)
        sheet.write_string(row, 3, fault.text)


def _marked_rows(
    made: _Book,
    sheet: Any,
    table: ReadTable,
    by_cell: dict[tuple[int, int], list[str]],
    heads_row: int,
) -> None:
    sheet.freeze_panes(heads_row, 1)
    comments = 0
    wide = max((len(row) for row in table.rows), default=1)
    sheet.set_column(0, wide, 16)
    # A fault of a whole row is shown at its first cell.
    at_cell: dict[tuple[int, int], list[str]] = defaultdict(list)
    for (of_row, of_column), says in by_cell.items():
        at_cell[of_row, of_column or 1] += says
    last = max([len(table.rows), *(of_row for of_row, _ in at_cell)], default=0)
    for number in range(1, last + 1):
        for column in range(1, wide + 1):
            texts = at_cell.get((number, column))
            cell = table.as_uploaded(number, column)
            made.write(sheet, number - 1, column - 1, cell, faulty=texts is not None)
            if texts and comments < MOST_COMMENTS:
                sheet.write_comment(number - 1, column - 1, "\n".join(texts)[:500], {"x_scale": 2})
                comments += 1


def shown_changes(
    importable: Importable, context: Context, changes: dict[str, tuple[Any, Any]]
) -> list[tuple[str, str, str]]:
    """(head, old, new) as people read them."""
    found = []
    for name, (old, new) in changes.items():
        column = importable.column(name)
        found.append(
            (
                column.head,
                as_text(importable.shown(context, column, old)),
                as_text(importable.shown(context, column, new)),
            )
        )
    return found
