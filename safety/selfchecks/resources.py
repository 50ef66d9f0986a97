"""Self-checks of an area as a file: the rows of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from safety.selfchecks.rules import FREQUENCIES
from safety.selfchecks.selectors import Place
from safety.selfchecks.words import overdue_words

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "逾期次数",
    *(f"{words}{what}" for words in FREQUENCIES.values() for what in ("已做", "应做")),
    "逾期的领域", "补录次数", "其中集中补录次数", "没有改好的问题",
]  # fmt: skip


def selfchecks_table(found: Iterable[Place], *, place: str, month: dt.date) -> Table:
    return Table(
        name=f"{place}安全自查_{month:%Y年%m月}",
        heads=HEADS,
        rows=_rows(found),
        notes=["应做＝已做＋逾期；还在期内没有做的不算。休息日、节假日和停办期间不要求每日自查。"],
    )


def _rows(found: Iterable[Place]) -> Iterator[Row]:
    for one in found:
        counts = one.by_frequency.values()
        yield [
            one.town.county.name if one.town.county else None,
            one.town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            len(one.overdue),
            *(number for count in counts for number in (count.done, count.due)),
            overdue_words(one) or None,
            one.late,
            one.at_once,
            one.to_mend,
        ]
