"""Buildings and equipment as files: the rows of the pages, with how each figure came about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Cell, Row, Table
from accounts.formatting import zhdate
from accounts.rounding import half_up
from kindergartens.models import Measure
from kindergartens.premises.figures import Overview, PremisesOf
from kindergartens.premises.words import (
    FIRE_STATES,
    LACK_WORDS,
    STANDING_WORDS,
    enough_state,
)

BASE_NOTE = "生均按最近一次已接收月报的在园幼儿（不含托班）计算；空格是没有数据，不是零。"


def areas_table(
    rows: Iterable[PremisesOf], *, place: str, day: dt.date, only_short: bool = False
) -> Table:
    """A row a kindergarten: each measure's value, a child's share and whether it is enough."""
    which = "在办、有一项不达标的" if only_short else "在办的"
    heads = ["区县", "乡镇街道", "幼儿园", "学校标识码", "在园幼儿", "数据月份", "规划设计年份"]
    for measure in Measure:
        unit = "册" if measure == Measure.BOOKS else "平方米"
        heads += [f"{measure.label}（{unit}）", f"生均{measure.label}", f"{measure.label}达标"]
    heads += ["消防验收"]
    return Table(
        name=f"{place}园舍达标_{day:%Y%m%d}",
        heads=heads,
        rows=(_area_row(row) for row in rows),
        notes=[lambda count: f"{zhdate(day)}{which}{count}所园。", BASE_NOTE],
    )


def _area_row(row: PremisesOf) -> list[Cell]:
    town = row.status.town
    cells: list[Cell] = [
        town.county.name if town.county else "",
        town.name,
        row.kindergarten.name,
        row.kindergarten.code,
        row.heads.children if row.heads else None,
        row.heads.month if row.heads else None,
        row.designed_in,
    ]
    for line in row.areas:
        share = None if line.per_child is None else half_up(line.per_child, 2)
        judged = STANDING_WORDS[line.standing] if line.standard else None
        cells += [line.value, share, judged]
    return [*cells, FIRE_STATES[row.fire].word]


class _Counted:
    """Kindergartens on their way into a file, and how many went by."""

    def __init__(self, rows: Iterable[PremisesOf]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[PremisesOf]:
        for row in self._rows:
            self.number += 1
            yield row


def equipment_table(rows: Iterable[PremisesOf], *, place: str, day: dt.date) -> Table:
    """A row a kindergarten and item: 有没有, 够不够, 差多少, and the cost."""
    heads = ["区县", "乡镇街道", "幼儿园", "项目", "单位", "有没有", "够不够", "现有", "应有"]
    heads += ["应有不能计算的原因", "差多少", "单价（元）", "所需金额（元）", "清点日期"]
    counted = _Counted(rows)
    return Table(
        name=f"{place}设备逐园清单_{day:%Y%m%d}",
        heads=heads,
        rows=_equipment_rows(counted),
        notes=[
            lambda _: f"{zhdate(day)}在办的{counted.number}所园。",
            "空格是没有清点或没有单价，不是零。",
        ],
    )


def _equipment_rows(rows: Iterable[PremisesOf]) -> Iterator[Row]:
    for row in rows:
        town = row.status.town
        for line in row.equipment:
            supply = line.supply
            has = None if supply.has is None else "有" if supply.has else "没有"
            yield [
                town.county.name if town.county else "",
                town.name,
                row.kindergarten.name,
                line.item.name,
                line.item.unit,
                has,
                enough_state(supply).word,
                supply.present,
                supply.needed,
                LACK_WORDS[supply.lack] if supply.lack else None,
                supply.gap,
                supply.unit_cost,
                supply.cost,
                line.counted_on,
            ]


def totals_table(shown: Overview, *, place: str, day: dt.date) -> Table:
    """A row an item, summed over the kindergartens that were counted."""
    heads = ["项目", "单位", "应清点园数", "已清点园数", "没有的园数", "不够的园数"]
    heads += ["现有", "应有", "差多少", "单价（元）", "所需金额（元）", "依据"]
    rows: list[list[Cell]] = [
        [
            item.name,
            item.unit,
            sums.kindergartens,
            sums.counted,
            sums.without,
            sums.short,
            sums.present,
            sums.needed,
            sums.gap,
            item.unit_cost_yuan,
            sums.cost,
            item.basis,
        ]
        for item, sums in shown.equipment
    ]
    cost = shown.cost
    total = "没有单价的项目不在内，不能合计" if cost is None else f"{half_up(cost, 2)}元"
    return Table(
        name=f"{place}设备汇总_{day:%Y%m%d}",
        heads=heads,
        rows=rows,
        notes=[f"所需金额合计：{total}。", "没有清点的园不在合计内。"],
    )
