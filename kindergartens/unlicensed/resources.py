"""无证花名册 as a file. The head's name does not leave the portal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.exports import CHUNK, Row, Table
from accounts.formatting import zhdate
from kindergartens.models import UnlicensedPlan
from kindergartens.unlicensed.selectors import STATES, RosterFilter

HEADS = (
    "名称", "区县", "乡镇街道", "地址", "发现日期", "状态", "处置方式", "牵头单位", "期限",
    "幼儿（最近查看）", "教职工（最近查看）", "最近查看日期", "已安置幼儿", "办结日期", "登记为幼儿园",
    "不受理申请至", "场所情况", "示例",
)  # fmt: skip
ROUTES = dict(UnlicensedPlan.Route.choices)


def roster_table(rows: QuerySet[Any], asked: RosterFilter, *, place: str) -> Table:
    """Rows of selectors.roster_rows, in their order, all of them."""
    said = f"{zhdate(asked.day)}的情况。无证园不计入三率。"
    return Table(
        name=f"{place}无证花名册_{asked.day:%Y%m%d}",
        heads=HEADS,
        rows=_lines(rows),
        notes=[lambda count: f"共{count}所，{said}"],
    )


def _lines(rows: QuerySet[Any]) -> Iterator[Row]:
    for row in rows.iterator(CHUNK):
        over = row.state in {"licensed", "closed", "childcare"}
        yield (
            row.name,
            row.town.county.name if row.town.county else None,
            row.town.name,
            row.address,
            row.found_on,
            STATES[row.state],
            ROUTES.get(row.route),
            row.lead,
            row.deadline,
            row.children,
            row.staff,
            row.checked_on,
            row.placed,
            row.closed_on if over else None,
            row.licensed_as.name if over and row.licensed_as else None,
            row.barred_until if over else None,
            row.premises or None,
            "是" if row.is_example else "否",
        )
