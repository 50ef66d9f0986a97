"""Meal accounts of an area as a file: the rows of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from accounts.rounding import half_up
from fees.meals.selectors import Place
from fees.meals.words import standing_words, unlike_words
from fees.terms import Term

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "状态", "期初结余（元）", "收入（元）", "支出（元）",
    "退给家长（元）", "期末结余（元）", "期末盘点（元）", "结余率（%）", "对照规定", "和统一伙食费不同", "不再在办自",
]  # fmt: skip
MISSING = "未登记"


def meals_table(found: Iterable[Place], *, place: str, term: Term) -> Table:
    return Table(
        name=f"{place}伙食费收支_{term}",
        heads=HEADS,
        rows=_rows(found),
        notes=["空格是没有登记，不是零。结余率＝（收入－支出－退给家长）÷收入。"],
    )


def _rows(found: Iterable[Place]) -> Iterator[Row]:
    for one in found:
        kept = one.kept
        yield [
            one.town.county.name if one.town.county else None,
            one.town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            kept.account.get_state_display() if kept else MISSING,
            kept.account.opening if kept else None,
            kept.flow.receipts if kept else None,
            kept.flow.spending if kept else None,
            kept.flow.refunds if kept else None,
            kept.closing if kept else None,
            kept.account.counted_cash if kept else None,
            half_up(kept.share * 100, 2) if kept and kept.share is not None else None,
            standing_words(one.standing, one.lacks) if one.standing else None,
            "；".join(unlike_words(unlike) for unlike in one.unlike) or None,
            one.ran_until,
        ]
