"""小区配套幼儿园一览表 as a file: the columns of the printed form, from the same collected values."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.exports import Cell, Table
from accounts.formatting import MISSING, zhmonth
from reports.documents.estate_table import NUMBERS, TITLE

HEADS = (
    "序号", "小区名称", "小区地址", "配套园名称", "办园性质", "开园时间（年）", "编制数", "在编教职工数",
    "建筑面积（㎡）", "班数", "在园数", "保教费（元/月/生）", "园长", "联系电话",
)  # fmt: skip


def estate_list(collected: dict[str, Any], *, place: str, month: dt.date) -> Table:
    foot = (
        f"应配建幼儿园的小区{collected['required']}个，已有配套幼儿园{collected['have']}所，"
        f"其中公办{collected['public']}所、普惠性民办{collected['inclusive_private']}所。"
    )
    return Table(
        name=f"{place}{month:%Y%m}{TITLE}",
        heads=HEADS,
        rows=(_row(row) for row in collected["rows"]),
        notes=[
            foot,
            "办园性质：1＝公办，2＝普惠性民办，3＝非普惠性民办。空格是没有登记或没有数据，不是零。",
            f"班数、在园数取{zhmonth(month)}已接收的月报，不含托班。联系电话由填报单位填写。",
        ],
    )


def _row(row: dict[str, Any]) -> list[Cell]:
    return [
        row["number"],
        row["estate"],
        _known(row["address"]),
        _known(row["kindergarten"]),
        _number(row["nature"]),
        _number(row["opened_in"]),
        *(row["numbers"][name] for name in NUMBERS),
        row["director"] or None,
        None,
    ]


def _known(text: str) -> str | None:
    return None if text == MISSING else text


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
