"""The rows of the return form: last month beside each value, what is wrong, what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from kindergartens.models import ClassCount
from reports.filings.checks import (
    AGES,
    COLUMN_LABELS,
    FLOWS,
    PARTS,
    SEXES,
    ClassRow,
    Finding,
    in_percent,
    rate_in_tenths,
)
from reports.filings.presenters.explanations import ExplanationView
from reports.filings.submitted import Submitted

# What stands in the table of attendance and parts, and the reasons asked for there.
MORE_FIELDS = ("attended", *PARTS)
MORE_REASONS = ("attendance_low",)


def _is_more(finding: Finding) -> bool:
    return finding.fields[0] in MORE_FIELDS or finding.fields[0].endswith(MORE_REASONS)


@dataclass(frozen=True)
class Asked:
    """One reason. `input_name` is empty where the form has no such field (any more).

    `returned` is what the field said in the version that came back; None where that cannot be
    compared: the reason is about a whole class.
    """

    label: str
    text: str
    input_name: str
    returned: int | str | None
    is_done: bool
    is_gone: bool = False

    @property
    def state(self) -> str:
        if self.is_gone:
            return "这个班已不在表里"
        return "已改" if self.is_done else "未改"


@dataclass
class CellView:
    """One number of the form: what was typed, last month's value, what is wrong with it."""

    name: str
    label: str
    input_name: str
    value: str
    # Flows are no stocks: they are compared with none, not with last month's.
    last: int | None
    errors: list[str]
    # A reason was given here when the return came back.
    is_asked: bool = False

    @property
    def is_changed(self) -> bool:
        return self.last is not None and self.value.strip() != str(self.last)

    @property
    def shows_last(self) -> bool:
        return self.last is not None and self.name not in FLOWS


@dataclass
class RowView:
    """One class of the form."""

    number: int
    row: ClassRow
    # In the table of head-counts, and in the one below of attendance and parts.
    fields: list[CellView]
    more_fields: list[CellView]
    attendance: str
    reasons: list[ExplanationView]
    asked: list[Asked] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"class-{self.number}"

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def errors(self) -> list[str]:
        return self._errors(self.fields, [one for one in self.row.errors if not _is_more(one)])

    @property
    def more_errors(self) -> list[str]:
        return self._errors(self.more_fields, [one for one in self.row.errors if _is_more(one)])

    def _errors(self, fields: list[CellView], findings: list[Finding]) -> list[str]:
        name = self.row.name or "这个班"
        of_cells = [f"{name}：{text}" for cell in fields for text in cell.errors]
        return [one.text for one in findings] + of_cells

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.row.warnings if not _is_more(one)]

    @property
    def more_warnings(self) -> list[Finding]:
        return [one for one in self.row.warnings if _is_more(one)]

    @property
    def explanations(self) -> list[ExplanationView]:
        return [one for one in self.reasons if one.code not in MORE_REASONS]

    @property
    def more_explanations(self) -> list[ExplanationView]:
        return [one for one in self.reasons if one.code in MORE_REASONS]

    @property
    def unexplained(self) -> list[Finding]:
        return [one for one in self.row.unexplained if not _is_more(one)]

    @property
    def total(self) -> int | None:
        return self.row.children

    @property
    def last_total(self) -> int | None:
        return None if self.row.last is None else self.row.last.children

    @property
    def change(self) -> int | None:
        return self.row.change

    @property
    def changes(self) -> int:
        return sum(1 for cell in self.fields if cell.is_changed)


def row_view(
    number: int,
    row: ClassRow,
    last: Submitted | None,
    explanations: list[ExplanationView],
    days_open: int | None,
) -> RowView:
    before = last.classes.get(row.name_in_last) if last else None
    columns = (*SEXES, *(() if row.is_nursery else AGES), *FLOWS)
    return RowView(
        number,
        row,
        [_cell_view(number, row, column, before) for column in columns],
        [_cell_view(number, row, column, before) for column in MORE_FIELDS],
        _attendance(row, days_open),
        explanations,
    )


def _cell_view(number: int, row: ClassRow, column: str, before: ClassCount | None) -> CellView:
    if column in FLOWS:
        last: int | None = 0
    elif column == "attended" or before is None:
        last = None
    else:
        last = getattr(before, column)
    cell = row.cells[column]
    return CellView(
        column,
        COLUMN_LABELS[column],
        f"class-{number}-{column}",
        cell.raw,
        last,
        _listed(cell.error),
    )


def _attendance(row: ClassRow, days_open: int | None) -> str:
    """The attendance rate in words; 无法计算 without children or days open."""
    attended, due = row.cells["attended"].value, row.attendance_due(days_open)
    if attended is None or not due:
        return "—"
    return f"{in_percent(rate_in_tenths(attended, due))}%"


def _listed(error: str) -> list[str]:
    return [error] if error else []
