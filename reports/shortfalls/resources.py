"""Shortfalls as a file: a row each region or kindergarten and target that is not met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal

from accounts.exports import Row, Table
from accounts.formatting import zhmonth
from accounts.rounding import half_up
from accounts.statuses import verdict_status
from indicators.rules import rate, value_of
from indicators.targets.gardens import Garden
from indicators.targets.rules import LEVELS
from indicators.targets.words import demand_text, figure_text, place_of_policy
from kindergartens.models import KindergartenStatus
from reports.shortfalls.selectors import Shortfall, Shortfalls

HEADS = [
    "级别", "地区或幼儿园", "学校标识码", "乡镇街道", "办园性质", "指标", "目标", "文件", "文号", "文件地区",
    "条款", "达到时限", "现在", "判定", "还差", "需要", "单位", "缺的占需要的（%）",
]  # fmt: skip


def shortfalls_table(found: Shortfalls, *, place: str, month: dt.date, foot: str) -> Table:
    return Table(
        name=f"{place}达标差距_{zhmonth(month)}",
        heads=HEADS,
        rows=_rows([*found.unmet, *found.pending]),
        notes=[
            foot,
            "先列未达标的，再列待报齐的（没有接收的月报报齐后可能达标）。按缺的占需要的从小到大，相同的按数量。",
            "同一单位的缺口，不同级别、不同目标之间不能相加：区县的幼儿就是各乡镇的幼儿。",
        ],
    )


def _rows(rows: Iterable[Shortfall]) -> Iterator[Row]:
    for row in rows:
        judged, need = row.judged, row.need
        indicator, target, unit = judged.indicator, judged.target, judged.unit
        one = unit if isinstance(unit, Garden) else None
        yield [
            LEVELS[judged.level],
            judged.name,
            one.code if one else None,
            one.town if one else None,
            str(KindergartenStatus.Ownership(one.ownership).label) if one else None,
            indicator.name,
            demand_text(target),
            target.policy.title,
            target.policy.document_number or None,
            place_of_policy(target.policy),
            target.clause or None,
            target.by_date,
            figure_text(indicator, value_of(indicator, judged.counts)),
            verdict_status(judged.verdict).word,
            Decimal(indicator.in_units(need.short)),
            Decimal(indicator.in_units(need.needed)),
            indicator.gap_unit,
            half_up((rate(need.short, need.needed) or Decimal(1)) * 100, 2),
        ]
