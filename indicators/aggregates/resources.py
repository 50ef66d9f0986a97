"""Published tables as a file: one line a row, whole numbers, with what was printed beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from accounts.exports import CHUNK, Row, Table
from indicators.aggregates.columns import COUNTS
from indicators.aggregates.reading import OFFERED
from indicators.catalogue import INDICATORS
from indicators.models import AggregateReturn
from indicators.models.aggregate import AggregateQuerySet


def history_table(rows: AggregateQuerySet, place: str, today: dt.date) -> Table:
    """All rows of a list, in its order."""
    return Table(
        name=f"{place}历史数据_{today:%Y%m%d}",
        heads=[
            "地区代码", "地区", "统计时点", "来源", "来源种类", "出处", "办别", "统计口径",
            *(f"{column.head}（{column.unit}）" for column in COUNTS),
            *(f"公布的{INDICATORS[code].short_name}" for code in OFFERED),
            "按万印的原数", "说明",
        ],
        rows=_rows(rows),
        notes=["空格表示来源没有写明，不是0。公布的比率照来源印的写。"],
    )  # fmt: skip


def _rows(rows: AggregateQuerySet) -> Iterator[Row]:
    for row in rows.iterator(CHUNK):
        yield (
            row.region_code,
            row.region_name,
            row.reference_date,
            row.source,
            row.get_kind_display(),
            row.place,
            row.get_sponsor_display(),
            row.get_scope_display(),
            *(getattr(row, column.name) for column in COUNTS),
            *(row.published.get(code) for code in OFFERED),
            printed_in_words(row),
            row.explanation,
        )


def printed_in_words(row: AggregateReturn) -> str:
    return "；".join(
        f"{column.head}{row.printed[column.name]}"
        for column in COUNTS
        if column.name in row.printed
    )
