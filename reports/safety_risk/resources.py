"""The kindergartens to visit first, as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from accounts.exports import Row as Cells
from accounts.exports import Table
from accounts.formatting import zhdate
from reports.safety_risk.rules import GROUPS
from reports.safety_risk.selectors import Place


def visits_table(places: Sequence[Place], *, place: str, today: dt.date, source: str) -> Table:
    """`places` in the order in which a visit is suggested; visits themselves are planned elsewhere."""
    return Table(
        name=f"{place}{today:%Y%m%d}入园督导建议",
        heads=[
            "序号",
            "区县",
            "乡镇街道",
            "幼儿园",
            "学校标识码",
            "风险分",
            *GROUPS.values(),
            "原因",
        ],
        rows=_rows(places),
        notes=[f"{zhdate(today)}的登记。{source}。"],
    )


def _rows(places: Sequence[Place]) -> Iterator[Cells]:
    for number, one in enumerate(places, start=1):
        yield [
            number,
            one.town.county.name if one.town.county else None,
            one.town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            one.points,
            *one.by_group.values(),
            one.reasons,
        ]
