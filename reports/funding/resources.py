"""Public money as a file: the rows of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from accounts.formatting import zhmonth
from accounts.rounding import half_up
from fees.funding.presenters import opinion_words
from fees.funding.rules import holding
from fees.models import FundingStandard
from reports.funding.lines import Line

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "办园性质", "拨款类别", "标准（元/年/生）", "幼儿数月份",
    "幼儿数（名）", "应拨（元）", "实拨（元）", "差额（元）", "生均实拨（元）", "拨付情况", "算不出的原因",
    "其他补助（元）", "资助（人次）", "资助（元）", "资助已报（个半年）", "年度审计", "审计意见", "要看的",
]  # fmt: skip


def funding_table(lines: Iterable[Line], *, place: str, year: int) -> Table:
    return Table(
        name=f"{place}{year}年经费和补助",
        heads=HEADS,
        rows=_rows(lines),
        notes=[
            "应拨＝标准×幼儿数；幼儿数是标准指定月份已接收的月报，不含托班。差额＝实拨－应拨。",
            "空格是没有登记或算不出，不是零。只有生均经费对照应拨，奖补等在其他补助。",
            "资助按人次：一名幼儿上、下半年都受资助的算两次。",
        ],
    )


def _rows(lines: Iterable[Line]) -> Iterator[Row]:
    for one in lines:
        entry, money = one.entry, one.entry.money
        held = holding(entry.standards)
        per_child = money.per_child
        yield [
            entry.town.county.name if entry.town.county else None,
            entry.town.name,
            entry.name,
            entry.code,
            entry.ownership,
            FundingStandard.Scope(entry.scope).label if entry.scope else None,
            held.yuan if held else None,
            zhmonth(entry.counted_in) if entry.counted_in else None,
            money.due.children,
            money.due.yuan,
            money.paid,
            money.over,
            half_up(per_child, 2) if per_child is not None else None,
            one.stands,
            one.why_not or None,
            entry.other_paid,
            entry.aid.times if entry.aid else None,
            entry.aid.yuan if entry.aid else None,
            entry.aid.halves if entry.aid else None,
            one.audit or None,
            opinion_words(entry.audit) if entry.audit and entry.audit.number else None,
            "；".join(one.flags) or None,
        ]
