"""What a case of an incident may say, whether it was reported in time, and what it brings. Plain Python.

Sources: 学前教育法 Art 52 (protect, report to police, education and others, tell parents in time);
人体损伤程度鉴定标准 (in force since 2014-01-01) for the words of harm. The law says 及时 and names no
hours: a county that has set none gets no verdict.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from kindergartens.procedures.rules import after_months

CONSEQUENCES_FILE = Path(__file__).with_name("consequences.toml")

UNHURT, DEATH = "none", "death"
# The gravest of those hurt; 人体损伤程度鉴定标准 3.1 to 3.3 for those between the first and the last.
HARMS: Mapping[str, str] = {
    UNHURT: "无伤害",
    "slight": "轻微伤",
    "minor": "轻伤",
    "serious": "重伤",
    DEATH: "死亡",
}
# 学前教育法 Art 52 names police and education; the others by what happened.
RECIPIENTS: Mapping[str, str] = {
    "education": "教育局",
    "police": "公安",
    "health": "卫生健康",
    "market": "市场监管",
    "fire": "消防救援",
    "emergency": "应急管理",
    "town": "乡镇街道",
    "other": "其他部门",
}
# As the bureau finds it to be, in the words of 包头市任务清单 13 and 30 and 教督〔2020〕1号 (十一), (十六).
NATURES: Mapping[str, str] = {
    "ethics": "虐童、体罚及变相体罚等严重师德失范",
    "accident": "造成较大社会影响的安全责任事故",
    "case": "造成较大社会影响的重大案事件",
}
FIRST_REPORT, PARENTS = "first_report", "parents"
TIMED: Mapping[str, str] = {FIRST_REPORT: "首次上报", PARENTS: "告知家长"}
MOST_MINUTES = 72 * 60
MOST_IN_A_CASE = 500
# An older case is a wrong year: no consequence reaches so far back.
OLDEST = dt.timedelta(days=3 * 366)


@dataclass(frozen=True)
class CaseFacts:
    """A case as typed. Moments are aware; None is "not yet"."""

    occurred_at: dt.datetime
    kind: str
    place: str
    harm: str
    children_hurt: int
    children_dead: int
    staff_hurt: int
    staff_dead: int
    concerns_children: bool
    account: str
    measures: str
    reported_at: dt.datetime | None
    reported_to: Collection[str]
    parents_told_at: dt.datetime | None

    @property
    def hurt(self) -> int:
        return self.children_hurt + self.staff_hurt

    @property
    def dead(self) -> int:
        return self.children_dead + self.staff_dead


def case_problems(case: CaseFacts, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """What is wrong with a case: (field, what to do)."""
    if case.occurred_at > now:
        yield "occurred_at", "发生时间在现在以后，请核对日期和时间。"
    elif case.occurred_at < now - OLDEST:
        yield "occurred_at", "发生时间在三年以前，请核对年份。"
    yield from _harm_problems(case)
    yield from _told_problems(case, now)


def _harm_problems(case: CaseFacts) -> Iterator[tuple[str, str]]:
    if case.dead and case.harm != DEATH:
        yield "harm", f"填了死亡{case.dead}人，伤害程度要选“死亡”。人数填错的请改人数。"
    elif case.harm == DEATH and not case.dead:
        yield "harm", "选了“死亡”，请填死亡儿童或死亡教职工人数；没有人死亡的请改伤害程度。"
    elif case.harm == UNHURT and case.hurt:
        yield "harm", f"填了伤病{case.hurt}人，请选伤害程度；没有人受伤的请把人数改成0。"
    elif case.harm not in (UNHURT, DEATH) and not case.hurt:
        yield (
            "children_hurt",
            ("选了伤害程度，请填伤病儿童或伤病教职工人数；没有人受伤的请选“无伤害”。"),
        )


def _told_problems(case: CaseFacts, now: dt.datetime) -> Iterator[tuple[str, str]]:
    for name, at, what in (
        ("reported_at", case.reported_at, "首次上报"),
        ("parents_told_at", case.parents_told_at, "告知家长"),
    ):
        if at is not None and at < case.occurred_at:
            yield name, f"{what}的时间早于发生时间，请核对这两个时间。"
        elif at is not None and at > now:
            yield name, f"{what}的时间在现在以后；还没有办的请先留空，办了再补。"
    if case.reported_at is not None and not case.reported_to:
        yield "reported_to", "填了首次上报时间，请勾选报给了哪些部门。"
    if case.reported_at is None and case.reported_to:
        yield "reported_at", "勾选了上报的部门，请填首次上报时间；还没有上报的请取消勾选。"
    if not case.concerns_children and (case.children_hurt or case.children_dead):
        yield "concerns_children", "有儿童伤亡，就涉及儿童，请勾选。"
    if not case.concerns_children and case.parents_told_at is not None:
        yield "parents_told_at", "没有勾选“涉及儿童”，不填告知家长的时间；涉及的请勾选。"


def month_problem(occurred_on: dt.date, stated_on: dt.date | None) -> str:
    """Why a case cannot be the incident that a return states; "" when it can."""
    if stated_on is None or (occurred_on.year, occurred_on.month) == (
        stated_on.year,
        stated_on.month,
    ):
        return ""
    return (
        f"月报写的是{stated_on.year}年{stated_on.month}月{stated_on.day}日，发生时间要在这个月里。"
        "月报写错了的，请先更正月报；是另一起的，请从“登记事故”建档。"
    )


def report_problem(*, reported_at: dt.datetime, occurred_at: dt.datetime, now: dt.datetime) -> str:
    """Why a follow-up cannot have been made at that time; "" when it can."""
    if reported_at < occurred_at:
        return "报告时间早于事故发生时间，请核对。"
    if reported_at > now:
        return "报告时间在现在以后，请核对。"
    return ""


def closing_problems(
    *, concerns_children: bool, is_reported: bool, parents_told: bool, has_final: bool
) -> list[str]:
    """What is still missing before a case may be closed."""
    found = []
    if not is_reported:
        found.append("还没有登记首次上报时间和部门")
    if concerns_children and not parents_told:
        found.append("还没有登记告知家长的时间（学前教育法第五十二条）")
    if not has_final:
        found.append("还没有终报")
    return found


class Timing(StrEnum):
    """How a step stands against the time allowed from the occurrence."""

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"
    OVERDUE = "overdue"
    DONE = "done"  # done, and nobody has set how long it may take
    WAITING = "waiting"  # not done, likewise


@dataclass(frozen=True)
class Clock:
    """`minutes`: what it took, or how far over, or what is left (RUNNING); of WAITING since then.

    `allowed`: minutes that were allowed; None where nobody has set any.
    """

    timing: Timing
    minutes: int
    allowed: int | None


def clock(
    occurred_at: dt.datetime, done_at: dt.datetime | None, now: dt.datetime, allowed: int | None
) -> Clock:
    """A step from occurrence on, to the minute; exactly the time allowed is in time."""
    taken = int(((done_at or now) - occurred_at).total_seconds() // 60)
    if allowed is None:
        return Clock(Timing.WAITING if done_at is None else Timing.DONE, taken, None)
    if done_at is not None:
        if taken > allowed:
            return Clock(Timing.LATE, taken - allowed, allowed)
        return Clock(Timing.IN_TIME, taken, allowed)
    if taken > allowed:
        return Clock(Timing.OVERDUE, taken - allowed, allowed)
    return Clock(Timing.RUNNING, allowed - taken, allowed)


def spoken(minutes: int) -> str:
    """25分钟, 2小时, 1小时5分钟, 3天2小时."""
    if minutes < 60:
        return f"{minutes}分钟"
    hours, left = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}小时{f'{left}分钟' if left else ''}"
    days, hours = divmod(hours, 24)
    return f"{days}天{f'{hours}小时' if hours else ''}"


# ---- what a finding of the bureau brings ---------------------------------------------------------

VETO, BAR = "annual_veto", "county_bar"


@dataclass(frozen=True)
class Consequence:
    """One clause of a document. `region` is the code of the place that issued it, "" the nation's.

    `months`: how long it lasts from the day of the incident; 0 for the calendar year of it.
    """

    effect: str
    natures: tuple[str, ...]
    region: str
    document: str
    clause: str
    since: dt.date
    says: str
    months: int = 0


@cache
def consequences() -> tuple[Consequence, ...]:
    """Every clause, in the order of the file."""
    rows = tomllib.loads(CONSEQUENCES_FILE.read_text(encoding="utf-8"))["consequence"]
    return tuple(Consequence(**row | {"natures": tuple(row["natures"])}) for row in rows)


@dataclass(frozen=True)
class Brought:
    """What one finding brings by one clause; `until` is the first day without it."""

    consequence: Consequence
    since: dt.date
    until: dt.date

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day < self.until


def brought_by(nature: str, occurred_on: dt.date, places: Collection[str]) -> list[Brought]:
    """What an incident of that nature brings in a county; `places` are the codes it lies in.

    A veto is of the annual check of the calendar year; a bar counts from the day of the incident.
    """
    found = []
    for one in consequences():
        if nature not in one.natures or occurred_on < one.since:
            continue
        if one.region and one.region not in places:
            continue
        if one.months:
            found.append(Brought(one, occurred_on, after_months(occurred_on, one.months)))
        else:
            year = occurred_on.year
            found.append(Brought(one, dt.date(year, 1, 1), dt.date(year + 1, 1, 1)))
    return found


# ---- a month's return beside its cases -----------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """An incident as a return or a case has it, as far as both say the same things."""

    key: int
    kindergarten: int
    day: dt.date
    kind: str


def unmatched(stated: Iterable[Told], cases: Iterable[Told]) -> tuple[list[int], list[int]]:
    """Keys of incidents without a case, and of cases that no return states.

    One of each side makes a pair: of the same kindergarten and day, those of the same kind first,
    then whatever is left, for the kind may have been found out later.
    """
    left, right = list(stated), list(cases)
    for same_kind in (True, False):
        open_cases: dict[tuple[int, dt.date, str], list[Told]] = {}
        for case in right:
            open_cases.setdefault(_place(case, same_kind), []).append(case)
        still = []
        for one in left:
            beside = open_cases.get(_place(one, same_kind))
            if beside:
                right.remove(beside.pop(0))
            else:
                still.append(one)
        left = still
    return [one.key for one in left], [one.key for one in right]


def _place(one: Told, same_kind: bool) -> tuple[int, dt.date, str]:
    return one.kindergarten, one.day, one.kind if same_kind else ""
