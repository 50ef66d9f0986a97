"""The plan as a file: the rows of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.exports import Row as Cells
from accounts.exports import Table
from staffing.recruitment.selectors import Row


def plan_table(rows: Iterable[Row], *, place: str, year: int) -> Table:
    heads = [
        "区县",
        "乡镇街道",
        "范围",
        "岗位",
        "缺口（人）",
        "计划补充（人）",
        "已到岗（人）",
        "还缺（人）",
    ]
    heads += ["每人每年费用（元）", "费用依据", "年费用（元）", "补充方式", "依据"]
    return Table(
        name=f"{place}{year}年人员补充计划",
        heads=heads,
        rows=_rows(rows),
        notes=["空格是没有登记，不是零。年费用＝计划补充×每人每年费用。"],
    )


def _rows(rows: Iterable[Row]) -> Iterator[Cells]:
    for row in rows:
        line, counts = row.line, row.counts
        yield [
            line.county.name,
            line.town.name if line.town else None,
            line.scope,
            line.get_post_display(),
            counts.gap,
            counts.planned,
            counts.hired,
            counts.still_missing,
            counts.yearly_cost,
            line.cost_source or None,
            counts.cost,
            line.way or None,
            line.basis or None,
        ]
