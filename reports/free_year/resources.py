"""The free year of a region as a file: one row a kindergarten and month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.exports import Row, Table
from accounts.formatting import zhmonth
from accounts.statuses import state_status
from fees.free_year.presenters import line
from fees.free_year.selectors import FreeMonth

HEADS = [
    "区县", "乡镇街道", "幼儿园", "学校标识码", "月份", "月报版次", "学前一年幼儿（人）",
    "减免前保教费（元/月）", "公办园标准（元/月）", "标准依据", "每生减免（元/月）", "家长还交（元/月）",
    "应补（元）", "已申报（元）", "已核定（元）", "已拨付（元）", "待拨（元）", "状态", "说明",
]  # fmt: skip
NOTES = (
    "学前一年幼儿：大班全部幼儿，加混合班里5岁及以上的幼儿，取自已接收的月报。",
    "每生减免＝公办园标准和减免前保教费中较低的一个；应补＝学前一年幼儿×每生减免。",
    "应补空格：算不出来，原因在“说明”里，不是零。",
)


def free_year_table(months: Iterable[FreeMonth], *, place: str, when: str) -> Table:
    return Table(
        name=f"{place}学前一年免保教费_{when}", heads=HEADS, rows=_rows(months), notes=[*NOTES]
    )


def _rows(months: Iterable[FreeMonth]) -> Iterator[Row]:
    for one in months:
        shown, waiver, claim = line(one), one.waiver, one.claim
        approved = claim.approved if claim is not None else None
        yield [
            one.town.county.name if one.town.county else None,
            one.town.name,
            one.kindergarten.name,
            one.kindergarten.code,
            zhmonth(one.month),
            one.filing.accepted_version if one.filing is not None else None,
            waiver.children if waiver is not None else None,
            waiver.fee if waiver is not None else None,
            one.standard.yuan_per_month if one.standard is not None else None,
            one.standard.document if one.standard is not None else None,
            waiver.waived if waiver is not None else None,
            waiver.parents_pay if waiver is not None else None,
            one.computed,
            claim.amount if claim is not None else None,
            approved,
            claim.paid if claim is not None else None,
            approved - claim.paid if claim is not None and approved is not None else None,
            state_status(shown.state).word if claim is not None or one.computed else None,
            "；".join(text for text in (shown.why, shown.moved, shown.doubt) if text) or None,
        ]
