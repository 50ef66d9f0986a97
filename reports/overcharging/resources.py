"""What was charged too much as a file: the rows of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from accounts.formatting import zhmonth
from fees.overcharging.selectors import Overcharge
from reports.overcharging import words

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "收费项目", "收费对象", "计费单位", "实收（元）",
    "可收（元）", "每生多收（元）", "收费人数", "应退（元）", "已退（元）", "还应退（元）", "退款登记",
    "问题", "依据", "月报版次",
]  # fmt: skip


def overcharging_table(
    found: Iterable[Overcharge], *, place: str, month: dt.date, foot: str
) -> Table:
    return Table(
        name=f"{place}超标收费核查_{zhmonth(month)}",
        heads=HEADS,
        rows=_rows(found),
        notes=[
            foot,
            "应退空格：按天、按餐、按次收的，月报没有次数，算不出来，不是零；还应退也空着。",
        ],
    )


def _rows(found: Iterable[Overcharge]) -> Iterator[Row]:
    for one in found:
        charge, over, version = one.charge, one.excess, one.charge.filing_version
        yield [
            one.town.county.name if one.town.county else None,
            one.town.name,
            version.filing.kindergarten.name,
            version.filing.kindergarten.code,
            charge.name or charge.get_item_display(),
            charge.get_scope_display(),
            charge.get_unit_display(),
            charge.amount,
            over.allowed,
            over.per_child,
            charge.payers,
            over.refund,
            one.repaid,
            one.left,
            "；".join(filter(None, (words.given_back(one), words.moved(one)))) or None,
            words.why(one),
            words.basis(one),
            version.version,
        ]
