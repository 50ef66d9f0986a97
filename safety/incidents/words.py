"""Cases in words: clocks, people, the course of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.formatting import zhdatetime
from safety.incidents.rules import FIRST_REPORT, PARENTS, RECIPIENTS, Clock, Timing, clock, spoken
from safety.models import IncidentCase, IncidentReport

ICONS = {"follow_up": "message", "final": "flag", "supplement": "pencil"}
NO_LIMIT = "没有规定时限，不判定"


@dataclass(frozen=True)
class Said:
    """A clock as a page shows it: a tag of a tone, and its detail beside it."""

    word: str
    detail: str
    tone: str
    icon: str


def said(found: Clock) -> Said:
    """按时、迟报1小时5分钟…; without a limit how long it took, and that nothing is judged."""
    allowed = f"限{spoken(found.allowed)}" if found.allowed is not None else NO_LIMIT
    time = spoken(found.minutes)
    words = {
        Timing.IN_TIME: Said("按时", f"用时{time}，{allowed}", "green", "circle-check"),
        Timing.LATE: Said(f"迟报{time}", allowed, "red", "clock-x"),
        Timing.RUNNING: Said(f"还剩{time}", f"还没有登记，{allowed}", "amber", "clock"),
        Timing.OVERDUE: Said(f"已超{time}", f"还没有登记，{allowed}", "red", "alert-triangle"),
        Timing.DONE: Said(f"用时{time}", allowed, "line", "clock-check"),
        Timing.WAITING: Said("还没有登记", f"已过{time}，{allowed}", "amber", "clock"),
    }
    return words[found.timing]


@dataclass(frozen=True)
class Row:
    """A case of a list with its clocks; `parents` is None where no child is concerned."""

    case: Any
    report: Said
    parents: Said | None


def row(case: Any, now: dt.datetime) -> Row:
    """Of a case with the columns of selectors.timed."""
    return Row(
        case,
        said(
            clock(case.occurred_at, case.reported_at, now, getattr(case, f"{FIRST_REPORT}_minutes"))
        ),
        said(
            clock(case.occurred_at, case.parents_told_at, now, getattr(case, f"{PARENTS}_minutes"))
        )
        if case.concerns_children
        else None,
    )


def people(case: IncidentCase) -> str:
    """伤病儿童1人、死亡教职工1人; 无人伤亡."""
    counts = (
        ("伤病儿童", case.children_hurt),
        ("死亡儿童", case.children_dead),
        ("伤病教职工", case.staff_hurt),
        ("死亡教职工", case.staff_dead),
    )
    return "、".join(f"{what}{number}人" for what, number in counts if number) or "无人伤亡"


def reported_to(case: IncidentCase) -> str:
    return "、".join(label for code, label in RECIPIENTS.items() if code in case.reported_to)


def timeline(case: IncidentCase, reports: Iterable[IncidentReport]) -> list[dict[str, Any]]:
    """What happened and what was reported of it, in the order of time."""
    events: list[dict[str, Any]] = [
        {"title": "发生", "at": case.occurred_at, "text": case.place, "icon": "alert-triangle"}
    ]
    if case.reported_at:
        events.append(
            {"title": "首次上报", "at": case.reported_at, "text": f"报给{reported_to(case)}",
             "icon": "send"}
        )  # fmt: skip
    if case.parents_told_at:
        events.append({"title": "告知家长", "at": case.parents_told_at, "icon": "users"})
    events += [
        {
            "title": one.get_kind_display(),
            "who": one.entered_as.user.full_name,
            "at": one.reported_at,
            "text": f"{one.text}（更正原因：{one.reason}）" if one.reason else one.text,
            "icon": ICONS[one.kind],
            "tone": "back" if one.kind == IncidentReport.Kind.SUPPLEMENT else "past",
        }
        for one in reports
    ]
    if case.closed_at and case.closed_as:
        events.append(
            {"title": "结案", "who": case.closed_as.user.full_name, "at": case.closed_at,
             "text": case.closing_note, "icon": "check", "tone": "done"}
        )  # fmt: skip
    return sorted(events, key=lambda event: event["at"])


def state(case: IncidentCase) -> str:
    if case.withdrawn_at is not None:
        return "已撤销"
    return "已结案" if case.closed_at is not None else "处置中"


def in_words(at: dt.datetime | None) -> str | None:
    return None if at is None else zhdatetime(at)
