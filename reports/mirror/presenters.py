"""Words of the own kindergarten's page: standing beside standard and median, what to do, trend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.formatting import zhdate, zhdatetime, zhmonth
from fees.models import ScheduleFiling
from indicators.catalogue import INDICATORS
from indicators.models import KindergartenFacts
from kindergartens.procedures.kinds import kind_in
from reports.dashboards.presenters import shown, with_unit
from reports.mirror.selectors import PEERS_AT_LEAST, MonthPoint, OpenThings, Peers
from reports.staffing.ratios import RatioLine, ratio_lines
from reports.staffing.selectors import gardens_of
from staffing.papers.presenters import due_sums


@dataclass(frozen=True)
class Standing:
    """One figure of the own kindergarten, with the median of the others of its kind as read."""

    line: RatioLine
    median: str


def standings(facts: KindergartenFacts, peers: Peers) -> list[Standing]:
    [garden] = gardens_of([facts])
    return [Standing(line, _median(line, peers)) for line in ratio_lines(garden)]


def _median(line: RatioLine, peers: Peers) -> str:
    if not line.code:
        return "不比"
    indicator, value = INDICATORS[line.code], peers.medians.get(line.code)
    if value is None:
        return f"同类园不到{PEERS_AT_LEAST}所"
    text = shown(indicator, value)
    return with_unit(indicator, text)


# What the kindergarten has to do about its open filing of fees.
SCHEDULE_TO_DO: dict[str, str] = {
    ScheduleFiling.State.DRAFT: "草稿，还没有报送",
    ScheduleFiling.State.RETURNED: "教育局退回，改好再报",
    ScheduleFiling.State.REVIEWED: "审核通过，公示后登记公示日期",
}


@dataclass(frozen=True)
class Thing:
    """Something to do or to wait for: what, where, why; `until` and what is `left` in words."""

    text: str
    url: str
    why: str
    until: str = ""
    left: str = ""
    late: bool = False


def to_do(things: OpenThings, *, today: dt.date) -> list[Thing]:
    """Returns first, then what was sent back, then what the law wants, nearest first; then papers."""
    months = [
        _thing(
            f"{zhmonth(line.period.month)}月报",
            reverse("my-filings"),
            _state_of(line.filing.state if line.filing else ""),
            localdate(line.until),
            today,
            until=zhdatetime(line.until, short=True),
        )
        for line in things.months
    ]
    returned = [
        _thing(
            kind_in(one.kind, one.county.code).name,
            reverse("procedure", args=[one.number]),
            "教育局退回，请补正",
            one.due_on,
            today,
        )
        for one in things.returned
    ]
    owed = [
        _thing(
            row.what,
            reverse("procedure-choose", args=[row.kindergarten.code]),
            "在“备案审批”里报",
            row.due_on,
            today,
        )
        for row in things.owed
    ]
    papers = [
        Thing(f"教职工{one.label}{one.all}人", f"{reverse('staff-due')}?kind={one.kind}", one.words)
        for one in due_sums(things.papers)
        if one.all
    ]
    filings = [
        Thing("收费备案", reverse("fee-filing", args=[one.pk]), SCHEDULE_TO_DO[one.state])
        for one in things.schedule_filings
        if one.state in SCHEDULE_TO_DO
    ]
    return [*months, *returned, *filings, *owed, *papers]


def _thing(
    text: str, url: str, why: str, due: dt.date | None, today: dt.date, *, until: str = ""
) -> Thing:
    if due is None:
        return Thing(text, url, why)
    days = (due - today).days
    left = f"还剩{days}天" if days > 0 else f"逾期{-days}天" if days else "今天截止"
    return Thing(text, url, why, until or zhdate(due), left, late=days < 0)


def _state_of(state: str) -> str:
    return {"returned": "被退回，改好再交", "draft": "填了一部分", "": "还没有填"}[state]


def with_the_bureau(things: OpenThings) -> list[Thing]:
    filings = [
        Thing(
            f"{zhmonth(one.month)}月报",
            reverse("filing-version", args=[one.pk, one.version]),
            "等乡镇街道初审" if one.waits_for_town else "等教育局审核",
        )
        for one in things.in_review
    ]
    procedures = [
        Thing(
            kind_in(one.kind, one.county.code).name,
            reverse("procedure", args=[one.number]),
            one.get_state_display(),
        )
        for one in things.with_bureau
    ]
    schedules = [
        Thing("收费备案", reverse("fee-filing", args=[one.pk]), "等教育局审核")
        for one in things.schedule_filings
        if one.state == ScheduleFiling.State.FILED
    ]
    return [*filings, *procedures, *schedules]


def trend(name: str, points: list[MonthPoint]) -> dict[str, Any] | None:
    """Data of the chart tag; None where no month was accepted yet."""
    if all(point.children is None for point in points):
        return None
    off = any(point.children is None and not point.asked for point in points)
    gap = any(point.children is None and point.asked for point in points)
    return {
        "title": "近12个月（人）",
        "unit": "人",
        "target": None,
        "points": [
            {
                "label": zhmonth(point.month),
                "value": None if point.children is None else str(point.children),
                "provisional": False,
                "holiday": point.children is None and not point.asked,
            }
            for point in points
        ],
        "words": ("灰带：当月不报。" if off else "") + ("断开：没有接收的月报。" if gap else ""),
        "description": f"{name}在园幼儿近12个月走势",
    }
