"""The list of hazards as a file: the rows of the page (selectors.hazard_rows)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.exports import CHUNK, Row, Table
from safety.hazards import words

HEADS = [
    "编号", "区县", "乡镇街道", "幼儿园", "学校标识码", "位置", "领域", "检查项目", "隐患情况", "等级",
    "判定依据", "发现途径", "发现日期", "当场整改", "整改期限", "延期次数", "整改要求", "责任岗位", "状态", "逾期天数",
    "停止使用", "挂牌督办", "销号日期",
]  # fmt: skip


def hazards_table(rows: QuerySet[Any], today: dt.date, *, place: str) -> Table:
    return Table(
        name=f"{place}安全隐患_{today:%Y%m%d}",
        heads=HEADS,
        rows=_rows(rows, today),
        notes=["逾期天数空格：没有逾期，或已申请复查。"],
    )


def _rows(rows: QuerySet[Any], today: dt.date) -> Iterator[Row]:
    for hazard in rows.iterator(CHUNK):
        region = hazard.kindergarten.organisation.region
        plate = getattr(hazard, "plate", None)
        yield [
            hazard.number,
            region.county.name if region.county else None,
            region.name,
            hazard.kindergarten.name,
            hazard.kindergarten.code,
            hazard.place,
            hazard.get_field_display(),
            hazard.item or None,
            hazard.description,
            hazard.get_grade_display(),
            words.criterion_words(hazard) or None,
            hazard.get_source_display(),
            hazard.found_on,
            "是" if hazard.fixed_on_spot else "否",
            hazard.deadline,
            hazard.times_extended,
            hazard.requirement or None,
            hazard.responsible or None,
            hazard.get_state_display(),
            words.overdue_days(hazard, today) or None,
            "是" if hazard.stop_use else "否",
            ("已摘牌" if plate.delisted_on else "挂牌") if plate is not None else None,
            timezone.localdate(hazard.closed_at) if hazard.closed_at else None,
        ]
