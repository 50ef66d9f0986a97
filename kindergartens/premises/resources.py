"""Buildings and equipment as files: the rows of the pages, with how each figure came about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from accounts.exports import Cell, Table
from accounts.formatting import zhdate
from accounts.rounding import half_up
from kindergartens.models import Measure
from kindergartens.premises.figures import Overview, PremisesOf
from kindergartens.premises.words import ENOUGH_STATES, FIRE_STATES, STANDING_WORDS

BASE_NOTE = "生均按最近一次已接收月报的在园幼儿（不含托班）计算；空格是没有数据，不是零。"


def areas_table(rows: Sequence[PremisesOf], *, place: str, day: dt.date) -> Table:
    """A row a kindergarten: each measure's value, a child's share and whether it is enough."""
    heads = ["区县", "乡镇街道", "幼儿园", "学校标识码", "在园幼儿", "数据月份", "规划设计年份"]
    for measure in Measure:
        unit = "册" if measure == Measure.BOOKS else "平方米"
        heads += [f"{measure.label}（{unit}）", f"生均{measure.label}", f"{measure.label}达标"]
    heads += ["消防验收"]
    return Table(
        name=f"{place}园舍达标_{day:%Y%m%d}",
        heads=heads,
        rows=[_area_row(row) for row in rows],
        notes=[f"{zhdate(day)}在办的{len(rows)}所园。", BASE_NOTE],
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


def equipment_table(rows: Sequence[PremisesOf], *, place: str, day: dt.date) -> Table:
    """A row a kindergarten and item: 有没有, 够不够, 差多少, and the cost."""
    heads = ["区县", "乡镇街道", "幼儿园", "项目", "单位", "有没有", "够不够", "现有", "应有"]
    heads += ["差多少", "单价（元）", "所需金额（元）", "清点日期"]
    found: list[list[Cell]] = []
    for row in rows:
        town = row.status.town
        for line in row.equipment:
            supply = line.supply
            has = None if supply.has is None else "有" if supply.has else "没有"
            found.append(
                [
                    town.county.name if town.county else "",
                    town.name,
                    row.kindergarten.name,
                    line.item.name,
                    line.item.unit,
                    has,
                    ENOUGH_STATES[supply.enough].word,
                    supply.present,
                    supply.needed,
                    supply.gap,
                    supply.unit_cost,
                    supply.cost,
                    line.counted_on,
                ]
            )
    return Table(
        name=f"{place}设备逐园清单_{day:%Y%m%d}",
        heads=heads,
        rows=found,
        notes=[f"{zhdate(day)}在办的{len(rows)}所园。", "空格是没有清点或没有单价，不是零。"],
    )


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
