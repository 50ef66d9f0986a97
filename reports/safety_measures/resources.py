"""What is missing, and guards by head-count, as files: the rows of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from accounts.formatting import zhdate
from reports.safety_measures import words
from reports.safety_measures.figures import Missing
from reports.safety_measures.selectors import OfOne

MISSING_HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "防范项目", "列入四个100%", "情况", "原因", "月报怎么说",
    "依据",
]  # fmt: skip
GUARD_HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "全园人数", "月报月份", "应配保安", "在任保安", "缺",
    "算不出的原因", "依据",
]  # fmt: skip


def missing_table(
    rows: Iterable[Missing], *, place: str, day: dt.date, of: int, label: str
) -> Table:
    return Table(
        name=f"{place}安全防范未达标名单{label}_{zhdate(day)}",
        heads=MISSING_HEADS,
        rows=_missing_rows(rows),
        notes=[
            f"{place}登记在办的幼儿园{of}所。附设幼儿班随所属幼儿园计算。一所园缺几项就有几行。",
            "无记录是没有核对过的佐证，不等于没有配备。",
        ],
    )


def _missing_rows(rows: Iterable[Missing]) -> Iterator[Row]:
    for row in rows:
        town, measure = row.of.status.town, row.line.measure
        yield [
            town.county.name if town.county else None,
            town.name,
            row.of.kindergarten.name,
            row.of.kindergarten.code,
            measure.label,
            "是" if measure.one_of_four else "否",
            row.standing,
            row.why,
            row.said or None,
            measure.basis,
        ]


def guards_table(rows: Iterable[OfOne], *, place: str, day: dt.date) -> Table:
    return Table(
        name=f"{place}保安配备_{zhdate(day)}",
        heads=GUARD_HEADS,
        rows=_guard_rows(rows),
        notes=["全园人数按最近一次已接收的月报，幼儿、托班和教职工合计；在任保安按教职工名册。"],
    )


def _guard_rows(rows: Iterable[OfOne]) -> Iterator[Row]:
    for one in rows:
        town, guards = one.status.town, one.guards
        yield [
            town.county.name if town.county else None,
            town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            guards.everybody,
            guards.month,
            guards.required,
            guards.present,
            guards.short,
            words.guards_unknown(one) if guards.short is None else None,
            guards.basis or None,
        ]
