"""What kindergartens of an area keep up and lack, as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from safety.upkeep.rules import OPEN_KITCHEN
from safety.upkeep.selectors import Place
from safety.upkeep.words import NO_KITCHEN, lacks_words

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "缺什么", "责任险在保到", "承保幼儿", "在园幼儿",
    "最近演练", "最近安全培训", "食品经营许可到", "明厨亮灶",
]  # fmt: skip


def upkeep_table(found: Iterable[Place], *, place: str, today: dt.date) -> Table:
    return Table(
        name=f"{place}演练和保险_{today:%Y%m%d}",
        heads=HEADS,
        rows=_rows(found),
        notes=["空格是没有登记。在园幼儿是最近一份已接收的月报里的。"],
    )


def _rows(found: Iterable[Place]) -> Iterator[Row]:
    for one in found:
        kitchen = one.kitchen
        yield [
            one.town.county.name if one.town.county else None,
            one.town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            "；".join(lacks_words(one)) or None,
            one.insured_until,
            one.covered or None,
            one.children,
            one.last_drill,
            one.last_training,
            kitchen.valid_until if kitchen else None,
            OPEN_KITCHEN[kitchen.open_kitchen]
            if kitchen
            else (None if one.has_kitchen else NO_KITCHEN),
        ]
