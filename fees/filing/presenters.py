"""A filing in words: its differences, what is wrong with each line, costs, whose turn it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.access.permissions import Permission
from accounts.formatting import decimal, quantity, zhdate
from accounts.models import User
from fees.filing.rules import (
    COSTED,
    DRAFT,
    FILED,
    PUBLISHED,
    RETURNED,
    REVIEWED,
    STEPS,
    WITHDRAWN,
    Beside,
    Line,
    Problem,
    before,
    called,
    difference,
    problems,
)
from fees.filing.services import is_other_person
from fees.models import CostSheet, ScheduleFiling, ScheduleFilingEvent
from fees.rules import FEE_HOURS, FEE_UNITS

TAGS = {
    DRAFT: "draft",
    FILED: "submitted",
    RETURNED: "returned",
    REVIEWED: "accepted",
    PUBLISHED: "done",
    WITHDRAWN: "withdrawn",
}
DIFFERENCES = {"kept": "不变", "changed": "调整", "added": "新增", "stopped": "停收"}
ORDER = ("changed", "added", "stopped", "kept")
LOOKS = {
    ScheduleFilingEvent.Action.DRAFTED: ("pencil", "past"),
    ScheduleFilingEvent.Action.FILED: ("send", "past"),
    ScheduleFilingEvent.Action.RETURNED: ("arrow-back-up", "back"),
    ScheduleFilingEvent.Action.REVIEWED: ("circle-check", "done"),
    ScheduleFilingEvent.Action.PUBLISHED: ("circle-check", "done"),
    ScheduleFilingEvent.Action.WITHDRAWN: ("arrow-back-up", "back"),
}


@dataclass(frozen=True)
class Row:
    """One line as the review reads it: `was` and `now` in words, empty where there is none."""

    line: Line
    called: str
    whose: str
    kind: str
    word: str
    was: str
    now: str
    step: str
    problems: list[Problem]


@dataclass(frozen=True)
class Checked:
    rows: list[Row]
    whole: list[Problem]
    forbids: bool


def checked(lines: Sequence[Line], beside: Beside, *, today: dt.date) -> Checked:
    """What changes comes first; with what the checks say beside each line."""
    found = problems(lines, beside, today=today)
    rows = [
        _row(line, beside, [one for one in found if one.position == line.position])
        for line in lines
    ]
    return Checked(
        rows=sorted(rows, key=lambda row: ORDER.index(row.kind)),
        whole=[one for one in found if not one.position],
        forbids=any(one.forbids for one in found),
    )


def _row(line: Line, beside: Beside, found: list[Problem]) -> Row:
    kind = difference(line, beside.standing)
    old = before(line, beside.standing)
    step = ""
    if kind == "changed" and old is not None and old.unit == line.unit:
        more = line.amount - old.amount
        step = f"{'涨' if more > 0 else '降'}{quantity(abs(more))}元" if more else ""
    return Row(
        line=line,
        called=called(line),
        whose=_whose(line),
        kind=kind,
        word=DIFFERENCES[kind],
        was=_price(old) if old is not None else "",
        now="" if line.stops else _price(line),
        step=step,
        problems=found,
    )


def _price(line: Line) -> str:
    return f"{quantity(line.amount)}{FEE_UNITS[line.unit]}"


def _whose(line: Line) -> str:
    """Besides the scope, which stands in what it is called; empty where it is everybody's."""
    said = [FEE_HOURS[line.hours]] if line.hours != "any" else []
    return "，".join([*said, "新入园幼儿"] if line.entrants == "new" else said)


def costs(sheet: CostSheet, lines: Sequence[Line]) -> dict[str, Any]:
    """The sheet, what a child costs a month, and what is to be charged for the same month."""
    cost = sheet.per_child_month
    monthly = [
        line for line in lines if line.item in COSTED and line.unit == "month" and not line.stops
    ]
    return {
        "sheet": sheet,
        "per_child_month": decimal(cost),
        "beside": [
            {
                "called": called(line),
                "amount": quantity(line.amount),
                "more": line.amount > cost,
                "difference": decimal(abs(line.amount - cost)),
            }
            for line in monthly
        ],
    }


def timeline(filing: ScheduleFiling) -> list[dict[str, Any]]:
    events = filing.events.select_related("done_as__user", "done_as__organisation")
    return [
        {
            "title": event.get_action_display(),
            "who": f"{event.done_as.user.full_name}（{event.done_as.organisation.name}）",
            "at": event.at,
            "text": event.reason,
            "icon": LOOKS[ScheduleFilingEvent.Action(event.action)][0],
            "tone": LOOKS[ScheduleFilingEvent.Action(event.action)][1],
        }
        for event in events
    ]


def acts(filing: ScheduleFiling, by: User) -> list[str]:
    """What this person may do now: the same conditions as the acts themselves ask."""
    post = by.acting
    if post is None:
        return []
    drafts = post.is_of_kindergarten and by.can(Permission.ASK_PROCEDURES)
    reviews = by.can(Permission.REVIEW_PROCEDURES)
    may = {
        "file": drafts,
        "withdraw": drafts,
        "review": reviews and is_other_person(filing, post),
        "return": reviews,
        "publish": drafts or reviews,
    }
    return [act for act in STEPS[filing.state] if may[act]]


def turn(filing: ScheduleFiling) -> str:
    """Who does the next step; empty once it has ended."""
    county = filing.kindergarten.organisation.region.county
    office = f"{county.name}教育局" if county else "区县教育局"
    return {
        DRAFT: "还没有报送。填好收费项目，由园长报送。",
        FILED: f"等{office}审核。",
        RETURNED: "教育局退回，改好再报。退回的原因见办理经过。",
        REVIEWED: "审核通过，等公示。公示以后登记公示日期，新标准才能收。",
        PUBLISHED: f"{zhdate(filing.published_on)}在{filing.published_where}公示，已列入收费标准。",
        WITHDRAWN: "已撤回，现在执行的标准不变。",
    }[filing.state]
