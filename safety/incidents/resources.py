"""The list of cases as a file: no account, and nobody's name is in any case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Row as Cells
from accounts.exports import Table
from safety.incidents.words import Row, in_words, reported_to, state

HEADS = [
    "编号", "区县", "乡镇街道", "幼儿园", "类别", "发生时间", "发生地点", "伤害程度",
    "伤病儿童（人）", "死亡儿童（人）", "伤病教职工（人）", "死亡教职工（人）", "首次上报", "报给",
    "上报时效", "告知家长", "告知时效", "状态", "结案日期", "补充更正",
]  # fmt: skip


def cases_table(rows: Iterable[Row], *, place: str, day: dt.date) -> Table:
    return Table(
        name=f"{place}事故档案{day:%Y%m%d}",
        heads=HEADS,
        rows=_rows(rows),
        notes=["空格是没有登记，不是零。经过不导出，请在档案页查看。"],
    )


def _rows(rows: Iterable[Row]) -> Iterator[Cells]:
    for row in rows:
        case = row.case
        town = case.kindergarten.organisation.region
        county = town.county or town
        yield [
            case.number,
            county.name,
            town.name,
            case.kindergarten.name,
            case.get_kind_display(),
            in_words(case.occurred_at),
            case.place,
            case.get_harm_display(),
            case.children_hurt,
            case.children_dead,
            case.staff_hurt,
            case.staff_dead,
            in_words(case.reported_at),
            reported_to(case) or None,
            row.report.word,
            in_words(case.parents_told_at),
            row.parents.word if row.parents else "不涉及儿童",
            state(case),
            in_words(case.closed_at),
            "有" if case.has_supplement else None,
        ]
