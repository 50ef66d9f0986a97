"""A batch as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from accounts.exchange.checking import faults_by_column
from accounts.exchange.declaring import Change, Column, Context, Importable, Line
from accounts.exchange.kinds import as_text
from accounts.exchange.reports import Report
from accounts.exchange.workbooks import shown_changes
from accounts.models import ImportBatch

ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class Shown:
    """Which list is open, its rows, and the tabs between them."""

    view: str
    tabs: list[dict[str, Any]]
    page: Page[Any]
    title: str
    heads: list[str]
    rows: list[dict[str, Any]]
    by_column: list[tuple[str, int]]


def shown(
    importable: Importable,
    context: Context,
    batch: ImportBatch,
    report: Report,
    *,
    view: str,
    page: str | None,
) -> Shown:
    lists: dict[str, tuple[str, Sequence[Any], int]] = {
        "faults": ("要改的格子", report.faults, batch.fault_count or 0),
        "changed": ("有变化", report.changed, len(report.changed)),
        "new": ("新增", report.new, len(report.new)),
    }
    offered = {key: one for key, one in lists.items() if one[2]}
    chosen = view if view in offered else next(iter(offered), "")
    rows = offered[chosen][1] if chosen else []
    at = Paginator(rows, ROWS_PER_PAGE).get_page(page)
    columns = _columns(importable, report) if chosen == "new" else []
    return Shown(
        view=chosen,
        tabs=[
            {"label": label, "url": f"?view={key}", "count": count, "active": key == chosen}
            for key, (label, _, count) in offered.items()
        ],
        page=at,
        title="，".join(importable.column(name).head for name in _title(importable)),
        heads=[column.head for column in columns],
        rows=[_row(importable, context, columns, one) for one in at] if chosen != "faults" else [],
        by_column=faults_by_column(report.faults)[:8] if chosen == "faults" else [],
    )


def _columns(importable: Importable, report: Report) -> list[Column]:
    """Columns that any new row fills in, the same on every page of the list, but for its title."""
    filled = {name for line in report.new for name in line.values} - {*_title(importable)}
    return [column for column in importable.columns if column.name in filled]


def _title(importable: Importable) -> Sequence[str]:
    """Columns that together say which row it is."""
    return (importable.called_by,) if importable.called_by else importable.key


def _row(
    importable: Importable, context: Context, columns: Sequence[Column], one: Any
) -> dict[str, Any]:
    line: Line = one.line if isinstance(one, Change) else one

    def cell(column: Column) -> str:
        return as_text(importable.shown(context, column, line.values.get(column.name)))

    def joined(names: Sequence[str]) -> str:
        return "，".join(cell(importable.column(name)) for name in names)

    row: dict[str, Any] = {"number": line.row, "key": joined(importable.key)}
    row["title"] = joined(_title(importable)) or row["key"]
    if isinstance(one, Change):
        row["changes"] = shown_changes(importable, context, one.changes)
    else:
        row["cells"] = [(column.head, cell(column)) for column in columns]
    return row
