"""The sheet of classes: a row each, last month beside, sums as the form has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.files.workbook_cells import letters
from kindergartens.models import ClassCount
from reports.filings.checks import (
    AGES,
    FLOWS,
    GRADE_LABELS,
    MOST_CLASSES,
    PARTS,
    SEXES,
    most_in,
    rate_in_tenths,
)
from reports.filings.presenters.definitions import Definition, definitions_of
from reports.filings.workbook import layout
from reports.filings.workbook.book import Book, plain_number, title_of, whole_number
from reports.filings.workbook.filling import GRADE_ORDER, in_page_order

# Rows that wait for new classes; a class may also be put into an inserted row.
SPARE_ROWS = 8
HEADS_ROW = 3
FIRST = HEADS_ROW + 1
STOCKS = (*SEXES, *AGES, *PARTS)
TOTAL, CHANGE, RATE = "合计", "比{since}", "出勤率"
GROUPS = {
    "boys": "在园人数",
    "age3": "其中：年龄",
    "entered": "本月变动",
    "attended": "出勤",
    "disabled": "在园幼儿中",
}
# Which definition stands at which column; those of several stand at each.
DEFINED_BY = {
    "girls": "boys", **dict.fromkeys(("age4", "age5", "age6"), "age3"), "moved_out": "moved_in"
}  # fmt: skip


@dataclass(frozen=True)
class SheetColumn:
    """One column of the sheet of classes: `name` of a field, or what it is beside one."""

    name: str
    head: str
    width: float
    is_input: bool = False
    # The field whose number of the last return stands here.
    last_of: str = ""


def _class_columns(since: str) -> list[SheetColumn]:
    columns = []
    for declared in layout.CLASS_COLUMNS:
        name, head = declared.name, declared.head
        if name in {"name", "grade"}:
            columns.append(SheetColumn(name, head, 12 if name == "name" else 7, is_input=True))
            continue
        columns.append(SheetColumn(name, head, 6.5 if name == "attended" else 5.2, is_input=True))
        if name in STOCKS:
            columns.append(SheetColumn(f"last-{name}", f"{since}{head}", 4.6, last_of=name))
        if name == "girls":
            columns += [
                SheetColumn("total", TOTAL, 5.5),
                SheetColumn("change", CHANGE.format(since=since), 5.5),
            ]
        if name == "attended":
            columns.append(SheetColumn("rate", RATE, 6.5))
    return columns


class ClassSheet:
    """The sheet of classes: one row each, last month beside, sums by formulas."""

    def __init__(self, made: Book, sheet: Any) -> None:
        self.made, self.sheet = made, sheet
        self.columns = _class_columns(made.since)
        self.at = {column.name: number for number, column in enumerate(self.columns)}
        classes = made.draft.get("classes", [])
        order = in_page_order(classes)
        self.rows: list[Mapping[str, Any]] = [classes[at] for at in order]
        self.before = [made.before[at] for at in order]
        spare = max(0, min(SPARE_ROWS, MOST_CLASSES - len(self.rows)))
        self.last_row = FIRST + len(self.rows) + spare - 1

    def write(self) -> None:
        made, sheet = self.made, self.sheet
        for number, column in enumerate(self.columns):
            sheet.set_column(number, number, column.width)
        self._heads()
        for row in range(FIRST, self.last_row + 1):
            at = row - FIRST
            if at < len(self.rows):
                self._row(row, self.rows[at], self.before[at])
            else:
                self._row(row, {}, None)
        self._validations()
        sheet.freeze_panes(FIRST, 1)
        sheet.repeat_rows(HEADS_ROW - 1, HEADS_ROW)
        made.prepared(sheet, self.last_row, len(self.columns) - 1, landscape=True)

    def _heads(self) -> None:
        made, sheet = self.made, self.sheet
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, title_of(made.filing), made.title)
        self._totals(1)
        starts = [self.at[name] for name in GROUPS] + [len(self.columns)]
        for first, after, text in zip(starts[:-1], starts[1:], GROUPS.values(), strict=True):
            # Not merged: a merge over the heads is what people stumble over when they move columns.
            for number in range(first, after):
                sheet.write_string(
                    HEADS_ROW - 1, number, text if number == first else "", made.group
                )
        sheet.set_row(HEADS_ROW, 32)
        defined = {one.column: one for one in definitions_of(made.filing.period)}
        for number, column in enumerate(self.columns):
            kept = made.head_last if column.last_of else made.head
            sheet.write_string(HEADS_ROW, number, column.head, kept)
            definition = defined.get(DEFINED_BY.get(column.name, column.name))
            if definition is not None:
                sheet.write_comment(
                    HEADS_ROW, number, _note(definition), {"x_scale": 2.2, "y_scale": 1.2}
                )

    def _totals(self, row: int) -> None:
        """在园合计 without nursery classes; empty while a class lacks the number."""
        made, sheet = self.made, self.sheet
        sheet.write_string(row, 0, "在园合计", made.bold)
        sheet.write_string(row, 1, "不含托班", made.last_number)
        for number, column in enumerate(self.columns[2:], start=2):
            if column.name in {*SEXES, *AGES, *FLOWS, "total"}:
                sheet.write_formula(
                    row, number, self._sum(number), made.bold, self._summed(column.name)
                )
            elif column.name == "change":
                self._total_change(row, number)
            elif column.last_of in {*SEXES, *AGES}:
                made.known(sheet, row, number, self._last_sum(column.last_of))
            else:
                sheet.write_blank(row, number, None, made.computed)

    def _sum(self, number: int) -> str:
        name, grade, cells = (self._area(at) for at in (0, 1, number))
        counted = f'({name}<>"")*({grade}<>"{GRADE_LABELS["nursery"]}")'
        missing = f"SUMPRODUCT({counted}*(1-ISNUMBER({cells})))"
        return f'=IF({missing}>0,"",SUMPRODUCT({counted}*ISNUMBER({cells}),{cells}))'

    def _area(self, number: int) -> str:
        letter = letters(number + 1)
        return f"${letter}${FIRST + 1}:${letter}${self.last_row + 1}"

    def _summed(self, name: str) -> int | str:
        numbers = [
            _children(row) if name == "total" else plain_number(str(row.get(name, "")))
            for row in self.rows
            if row.get("name") and row.get("grade") != "nursery"
        ]
        return "" if None in numbers else sum(number or 0 for number in numbers)

    def _total_change(self, row: int, number: int) -> None:
        made, now = self.made, self._summed("total")
        if made.last is None:
            self.sheet.write_blank(row, number, None, made.computed)
            return
        before = made.last.enrolled_children
        total = f"{letters(self.at['total'] + 1)}{row + 1}"
        value = now - before if isinstance(now, int) else ""
        self.sheet.write_formula(
            row, number, f'=IF(ISNUMBER({total}),{total}-{before},"")', made.signed, value
        )

    def _last_sum(self, name: str) -> int | None:
        if self.made.last is None or self.made.last.promotion is not None:
            return None  # those who have left are in no class that stands here
        rows = self.made.last.classes.values()
        return sum(getattr(row, name) for row in rows if row.grade != "nursery")

    def _row(self, row: int, typed: Mapping[str, Any], last: ClassCount | None) -> None:
        made, sheet = self.made, self.sheet
        for number, column in enumerate(self.columns):
            text = str(typed.get(column.name, ""))
            if column.name == "grade":
                made.typed(sheet, row, number, GRADE_LABELS.get(text, text), words=True)
            elif column.is_input:
                made.typed(sheet, row, number, text, words=column.name == "name")
            elif column.last_of:
                made.known(sheet, row, number, getattr(last, column.last_of, None))
        self._computed(row, typed, None if last is None else last.children)

    def _computed(self, row: int, typed: Mapping[str, Any], before: int | None) -> None:
        made, sheet = self.made, self.sheet
        cell = {name: f"{letters(at + 1)}{row + 1}" for name, at in self.at.items()}
        children = _children(typed)
        sheet.write_formula(
            row,
            self.at["total"],
            f'=IF(COUNT({cell["boys"]},{cell["girls"]})=2,{cell["boys"]}+{cell["girls"]},"")',
            made.bold,
            "" if children is None else children,
        )
        was = f"{cell['last-boys']}+{cell['last-girls']}"
        known = f"COUNT({cell['total']},{cell['last-boys']},{cell['last-girls']})=3"
        sheet.write_formula(
            row,
            self.at["change"],
            f'=IF({known},{cell["total"]}-({was}),"")',
            made.signed,
            "" if children is None or before is None else children - before,
        )
        rate: float | str = ""
        attended = plain_number(str(typed.get("attended", "")))
        days = plain_number(str(made.draft.get("days_open", "")))
        due = 0 if children is None or days is None else children * days
        if attended is not None and due:
            rate = rate_in_tenths(attended, due) / 1000
        days_cell = f"{layout.OTHER}!$B$3"
        sheet.write_formula(
            row,
            self.at["rate"],
            f'=IF(COUNT({cell["attended"]},{cell["total"]},{days_cell})<3,"",'
            f'IF({cell["total"]}*{days_cell}=0,"",{cell["attended"]}/({cell["total"]}*{days_cell})))',
            made.percent,
            rate,
        )

    def _validations(self) -> None:
        validate = self.sheet.data_validation
        validate(
            FIRST, self.at["grade"], self.last_row, self.at["grade"],
            {
                "validate": "list", "source": [GRADE_LABELS[code] for code in GRADE_ORDER],
                "error_title": "年级", "error_message": "请从下拉列表中选择。",
            },
        )  # fmt: skip
        for name in layout.COUNTS:
            number = self.at[name]
            validate(FIRST, number, self.last_row, number, whole_number(most_in(name)))


def _note(definition: Definition) -> str:
    said = f"{definition.text}\n统计时点：{definition.as_of}"
    return f"{said}\n依据：{definition.source}" if definition.source else said


def _children(row: Mapping[str, Any]) -> int | None:
    boys, girls = (plain_number(str(row.get(name, ""))) for name in SEXES)
    return None if boys is None or girls is None else boys + girls
