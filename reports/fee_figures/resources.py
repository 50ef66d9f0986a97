"""How far fees are published, as a file: the rows of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from accounts.exports import Cell, Row, Table
from accounts.formatting import zhdate
from accounts.rounding import half_up
from kindergartens.models import KindergartenStatus
from reports.fee_figures.selectors import Figures, Overview

OWNERSHIPS = dict(KindergartenStatus.Ownership.choices)


def figures_table(found: Overview, *, place: str, day: dt.date) -> Table:
    heads = ["地区", "在办幼儿园", "登记了收费标准", "全部公示", "公示率（%）"]
    for word in OWNERSHIPS.values():
        heads += [f"{word}园数", f"{word}平均保教费（元/月）"]
    return Table(
        name=f"{place}收费情况_{zhdate(day)}",
        heads=heads,
        rows=_rows(found, place),
        notes=[
            f"{zhdate(day)}在办的幼儿园和当天执行的收费标准。公示率＝每一项都已公示的园÷在办的园，没有登记收费标准的算没有公示。",
            "2025年6月前起执行、没有记下公示日期的，不算没有公示。",
            "平均保教费按园平均，只算有全园按月标准的园，不含大班减免和半日制；空格是没有数据，不是零。",
        ],
    )


def _rows(found: Overview, place: str) -> Iterator[Row]:
    yield _row(f"{place}合计", found.whole)
    for region, figures in found.places:
        yield _row(region.name, figures)


def _row(name: str, figures: Figures) -> Row:
    share = figures.published_share
    row: list[Cell] = [
        name,
        figures.kindergartens,
        figures.with_schedule,
        figures.published,
        None if share is None else half_up(share * 100, 2),
    ]
    for _, price in figures.by_ownership:
        average = price.average
        row += [price.kindergartens, None if average is None else half_up(average, 2)]
    return row
