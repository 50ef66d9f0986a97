"""A batch as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from accounts.exchange.checking import faults_by_column
from accounts.exchange.declaring import Change, Context, Importable, Line
from accounts.exchange.kinds import as_text
from accounts.exchange.reports import Report
from accounts.exchange.workbooks import shown_changes
from accounts.models import ImportBatch

ROWS_PER_PAGE = 50
# Of a new row so many columns are shown; the file has them all.
COLUMNS_SHOWN = 8


@dataclass(frozen=True)
class Shown:
    """Which list is open, its rows, and the tabs between them."""

    view: str
    tabs: list[dict[str, Any]]
    page: Page[Any]
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
    columns = list(importable.columns)[:COLUMNS_SHOWN]
    return Shown(
        view=chosen,
        tabs=[
            {"label": label, "url": f"?view={key}", "count": count, "active": key == chosen}
            for key, (label, _, count) in offered.items()
        ],
        page=at,
        heads=[column.head for column in columns],
        rows=[_row(importable, context, columns, one) for one in at] if chosen != "faults" else [],
        by_column=faults_by_column(report.faults)[:8] if chosen == "faults" else [],
    )


def _row(
    importable: Importable, context: Context, columns: Sequence[Any], one: Any
) -> dict[str, Any]:
    line: Line = one.line if isinstance(one, Change) else one
    name = next((c for c in columns if c.name not in importable.key), columns[0])
    title = line.values.get(name.name)
    key = [
        as_text(importable.shown(context, importable.column(part), line.values.get(part)))
        for part in importable.key
    ]
    row: dict[str, Any] = {"number": line.row, "key": "，".join(key)}
    if isinstance(one, Change):
        row["title"] = as_text(importable.shown(context, name, title)) if title else ""
        row["changes"] = shown_changes(importable, context, one.changes)
    else:
        row["cells"] = [
            (column.head, as_text(importable.shown(context, column, line.values.get(column.name))))
            for column in columns
        ]
    return row
