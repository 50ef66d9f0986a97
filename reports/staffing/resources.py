"""Missing staff as a file: a row a kindergarten, the posts that a return answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from accounts.exports import Cell, Row, Table
from accounts.formatting import zhmonth
from accounts.statuses import verdict_status
from reports.staffing import words
from reports.staffing.selectors import Garden
from staffing.standards.rules import ASKED, Standing

VERDICTS = {code: verdict_status(code).word for code in Standing}


def gaps_table(gardens: Iterable[Garden], *, place: str, month: dt.date, foot: str) -> Table:
    heads = ["区县", "乡镇街道", "幼儿园", "学校标识码", "在园幼儿", "班数"]
    for post in ASKED:
        name = words.SHORT_POSTS[post]
        heads += [f"{name}应配", f"{name}实有", f"{name}缺"]
    heads += ["教职工配备", "无法计算的原因"]
    bases = _Bases(gardens)
    return Table(
        name=f"{place}人员缺口_{zhmonth(month)}",
        heads=heads,
        rows=_rows(bases),
        notes=[
            foot,
            "单位：人。应配按在园幼儿和班数（不含托班）计算；空格是无法计算，不是零。",
            "一所园多出的人不抵另一所园的缺口；教职工合计里已含各岗位，各岗位的缺口不能相加。",
            lambda _: f"依据：{'；'.join(bases.found)}。" if bases.found else "没有适用的标准。",
        ],
    )


class _Bases:
    """Kindergartens on their way into a file, and the documents they were held against."""

    def __init__(self, gardens: Iterable[Garden]) -> None:
        self._gardens = gardens
        self.found: dict[str, None] = {}

    def __iter__(self) -> Iterator[Garden]:
        for garden in self._gardens:
            self.found |= dict.fromkeys(row.basis for row in garden.standard.values())
            yield garden


def _rows(gardens: Iterable[Garden]) -> Iterator[Row]:
    for garden in gardens:
        facts = garden.facts
        by_post = {need.post: need for need in garden.needs}
        cells: list[Cell] = [
            facts.county.name,
            facts.town.name,
            facts.kindergarten.name,
            facts.kindergarten.code,
            facts.enrolled_children,
            facts.classes,
        ]
        for post in ASKED:
            need = by_post.get(post)
            cells += [need.required, need.present, need.short] if need else [None, None, None]
        why = "；".join(
            f"{words.SHORT_POSTS[post]}：{reason}"
            for post in ASKED
            if post in by_post and (reason := words.reasons(post, by_post[post].lacks))
        )
        yield [*cells, VERDICTS[garden.verdict], why or None]
