"""自查: what kindergartens look at themselves, when it is due, what is overdue. Plain Python.

Sources: 学前教育法 Art 51 (safety duties, hazards found and removed in time) and 53 (health care); the
papers of each line stand in fixtures/safety/selfcheck-*.toml.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kindergartens.calendar.rules import WorkingCalendar, is_working_day
from kindergartens.rules import school_year

# Domain facts §7.2.
FIELDS = {
    "fire": "消防",
    "food": "食品",
    "premises": "校舍",
    "gate": "门卫",
    "technical": "技防",
    "handover": "接送",
    "nap": "就寝",
    "health": "卫生保健",
    "bus": "校车",
    "other": "其他",
}
DAILY, WEEKLY, MONTHLY, TERM = "daily", "weekly", "monthly", "term"
FREQUENCIES = {DAILY: "每日", WEEKLY: "每周", MONTHLY: "每月", TERM: "每学期"}
THIS = {DAILY: "今天", WEEKLY: "本周", MONTHLY: "本月", TERM: "本学期"}

NORMAL, PROBLEM, NOT_APPLICABLE = "normal", "problem", "na"
ANSWERS = {NORMAL: "正常", PROBLEM: "有问题", NOT_APPLICABLE: "不适用"}
MOST_IN_AN_ACCOUNT = 200
MOST_IN_A_PLACE = 60
MOST_PHOTOS = 3

LATE = "late"
FLAGS = {LATE: "补录"}
LATE_AT_ONCE = "集中补录"
# The first month for which the portal asks for self-checks: that in which it took them in. The duty
# is older (the lines say), but nobody was asked to enter them before.
ASKED_FROM = dt.date(2026, 11, 1)
# Settings of the portal, of no document: so many days of one frequency's checks entered within so
# short a time were hardly made day by day; so far back something forgotten may still be entered.
DAYS_AT_ONCE = 3
SHORT_TIME = dt.timedelta(hours=1)
DAYS_BACK = 31
# The month in which the autumn term begins; from its first day to its last, the 31st of January.
AUTUMN = 9
AUTUMN_TERM = dt.timedelta(days=152)
ONE_DAY = dt.timedelta(days=1)

# A field and a frequency.
Kind = tuple[str, str]
# Field, frequency, first day of the period.
Key = tuple[str, str, dt.date]


@dataclass(frozen=True)
class Line:
    """One thing to look at; fixtures/safety/selfcheck-national.toml explains the fields."""

    code: str
    field: str
    says: str
    frequency: str
    document: str
    item: str
    since: dt.date
    clause: str = ""
    until: dt.date | None = None
    may_lack: bool = False
    full_day: bool = False
    hazard: str = "other"

    def is_in_force(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    @property
    def kind(self) -> Kind:
        return self.field, self.frequency


@dataclass(frozen=True)
class Slot:
    """One self-check that is owed: a field and a frequency, from the first to the last day of its
    period."""

    field: str
    frequency: str
    begins: dt.date
    ends: dt.date

    @property
    def key(self) -> Key:
        return self.field, self.frequency, self.begins

    @property
    def kind(self) -> Kind:
        return self.field, self.frequency


@dataclass(frozen=True)
class Asked:
    """What decides what one kindergarten owes.

    `open`: from when until before when it runs, None without an end. `since`: the first month that its
    county asked a return of, None where it has not begun. `holidays`: months (寒暑假) in which nobody
    was asked for one. `lacks`: items of the monthly return that its newest return answers 不适用: what
    it has not got is not looked at.
    """

    open: tuple[tuple[dt.date, dt.date | None], ...]
    since: dt.date | None
    holidays: frozenset[dt.date] = frozenset()
    half_day: bool = False
    lacks: frozenset[str] = frozenset()

    def is_open(self, day: dt.date) -> bool:
        return any(first <= day and (end is None or day < end) for first, end in self.open)

    @property
    def begins(self) -> dt.date | None:
        """From when on: where the county begins later than the portal, from its own first month."""
        return None if self.since is None else max(ASKED_FROM, self.since)

    def is_off(self, frequency: str, day: dt.date) -> bool:
        """In the holidays nobody looks day by day; what a month and a term ask for stays."""
        return frequency in (DAILY, WEEKLY) and day.replace(day=1) in self.holidays

    def asks(self, line: Line, day: dt.date) -> bool:
        return (
            line.is_in_force(day)
            and not (line.full_day and self.half_day)
            and not (line.may_lack and line.item in self.lacks)
        )


def period_of(frequency: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the period of a day: itself, its week from Monday, its month, its term.

    The autumn term is taken to end with January and the spring term with August, so that every day
    belongs to one.
    """
    if frequency == DAILY:
        return day, day
    if frequency == WEEKLY:
        monday = day - ONE_DAY * day.weekday()
        return monday, monday + ONE_DAY * 6
    if frequency == MONTHLY:
        return day.replace(day=1), _last_of_month(day)
    year = school_year(day)
    if day.month >= AUTUMN or day.month == 1:
        return dt.date(year, AUTUMN, 1), dt.date(year + 1, 1, 31)
    return dt.date(year + 1, 2, 1), dt.date(year + 1, 8, 31)


def _last_of_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def lines_of(lines: Iterable[Line], kind: Kind, asked: Asked, day: dt.date) -> list[Line]:
    """What is looked at in one self-check on a day."""
    return [line for line in lines if line.kind == kind and asked.asks(line, day)]


def due(
    lines: Sequence[Line],
    asked: Asked,
    first: dt.date,
    last: dt.date,
    working: WorkingCalendar,
    frequencies: Iterable[str] = FREQUENCIES,
) -> list[Slot]:
    """Self-checks owed for the periods that end within the days, and for the term they lie in.

    A period is asked for from `asked.begins` on, where the kindergarten runs on one of its working days
    (weekends and holidays are none, make-up days are), by the lines in force on the first of these.
    """
    found = []
    for frequency in frequencies:
        for begins, ends in _periods(frequency, first, last, asked.begins):
            days = _days_open(asked, begins, ends, working)
            day = next((one for one in days if not asked.is_off(frequency, one)), None)
            if day is None:
                continue
            there = {
                line.field
                for line in lines
                if line.frequency == frequency and asked.asks(line, day)
            }
            found += [Slot(one, frequency, begins, ends) for one in FIELDS if one in there]
    return found


def now_due(
    lines: Sequence[Line], asked: Asked, today: dt.date, working: WorkingCalendar
) -> list[Slot]:
    """Self-checks of today, this week, this month and this term."""
    found = []
    for frequency in FREQUENCIES:
        ends = period_of(frequency, today)[1]
        found += due(lines, asked, ends, ends, working, [frequency])
    return found


def _periods(
    frequency: str, first: dt.date, last: dt.date, since: dt.date | None
) -> Iterator[tuple[dt.date, dt.date]]:
    begins, ends = period_of(frequency, first)
    while since is not None and begins <= last:
        # A term that runs when the asking begins is asked for: there is time.
        asked = ends if frequency == TERM else begins
        if asked >= since and (frequency == TERM or first <= ends <= last):
            yield begins, ends
        begins, ends = period_of(frequency, ends + ONE_DAY)


def _days_open(
    asked: Asked, begins: dt.date, ends: dt.date, working: WorkingCalendar
) -> Iterator[dt.date]:
    day = begins
    while day <= ends:
        if is_working_day(day, working) and asked.is_open(day):
            yield day
        day += ONE_DAY


def overdue(slots: Iterable[Slot], done: Collection[Key], today: dt.date) -> list[Slot]:
    """Those whose period is over and that nobody made: not done is overdue."""
    return [slot for slot in slots if slot.ends < today and slot.key not in done]


@dataclass(frozen=True)
class Count:
    """So many were made of so many. What still has time is in neither, until it is made."""

    done: int = 0
    due: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.done + other.done, self.due + other.due)

    @property
    def missing(self) -> int:
        return self.due - self.done


def counted(slots: Iterable[Slot], done: Collection[Key], today: dt.date) -> dict[Kind, Count]:
    """Done and due by field and frequency."""
    found: dict[Kind, Count] = {}
    for slot in slots:
        is_done = slot.key in done
        if is_done or slot.ends < today:
            found[slot.kind] = found.get(slot.kind, Count()) + Count(int(is_done), 1)
    return found


# ---- entering one --------------------------------------------------------------------------------


def day_problem(
    kind: Kind,
    day: dt.date,
    today: dt.date,
    *,
    lines: Sequence[Line],
    asked: Asked,
    working: WorkingCalendar,
) -> str:
    """Why a self-check cannot be entered for a day; empty where it can."""
    if day > today:
        return "这天还没有到，不能提前登记。请填实际检查的那天。"
    if day < today - ONE_DAY * DAYS_BACK:
        return f"只能补录最近{DAYS_BACK}天的。更早的不再补，按未做计。"
    since = asked.begins
    if since is None:
        return "区县还没有开设报送期，开设的第一个月起登记自查。"
    if day < since:
        return f"自查从{since.year}年{since.month}月起登记，更早的不用补。"
    if asked.is_off(kind[1], day):
        return "这个月放假，没有要求报月报，不用每日、每周自查。请核对日期。"
    if not is_working_day(day, working):
        return "这天是休息日，不用自查。请填工作日；发现问题的，马上到“安全隐患”里登记。"
    if not asked.is_open(day):
        return "这天幼儿园不在办，不用自查。请核对日期。"
    if not lines_of(lines, kind, asked, day):
        return "这天没有要查的项目，请返回看要做哪些自查。"
    return ""


def flag_of(kind: Kind, day: dt.date, entered_on: dt.date) -> str:
    """补录 where it was entered after its period had ended."""
    return LATE if entered_on > period_of(kind[1], day)[1] else ""


def entered_at_once(
    entered: Iterable[tuple[int, dt.date, dt.datetime]], now: dt.datetime
) -> set[int]:
    """Keys of late daily self-checks (key, day, when entered) entered 集中: DAYS_AT_ONCE days or more
    within SHORT_TIME before `now`; empty where there were fewer days.

    Give it those alone that are 补录: what is entered on its own day is as it should be.
    """
    lately = [(key, day) for key, day, at in entered if now - SHORT_TIME <= at <= now]
    if len({day for _, day in lately}) < DAYS_AT_ONCE:
        return set()
    return {key for key, _ in lately}


@dataclass(frozen=True)
class Answered:
    """What was said of one line. `fixed` None: not said; `repair_by`: until when, where it was not.

    `photos`: how many come with it.
    """

    answer: str
    account: str = ""
    place: str = ""
    fixed: bool | None = None
    repair_by: dt.date | None = None
    photos: int = 0

    @property
    def is_problem(self) -> bool:
        return self.answer == PROBLEM


def line_problems(line: Line, said: Answered, day: dt.date | None) -> Iterator[tuple[str, str]]:
    """Field of the line and why it cannot be so; `day` is when it was looked at, where that is known."""
    if said.answer not in ANSWERS:
        yield "answer", "这一项还没有选，请选正常、有问题或不适用。"
        return
    if said.answer == NOT_APPLICABLE and not line.may_lack:
        yield "answer", "每所园都有这一项，请选正常或有问题。"
    if not said.is_problem:
        if said.photos:
            yield "answer", "附了照片，请选“有问题”并写明在哪里；没有问题的，请把照片去掉。"
        return
    if not said.account:
        yield "account", "请写明发现了什么问题。"
    if not said.place:
        yield (
            "place",
            (
                "照片要写明是在哪里拍的，例如：二楼东侧楼梯口。"
                if said.photos
                else "请写明问题在哪里，例如：二楼东侧楼梯口。"
            ),
        )
    if said.fixed is None:
        yield "fixed", "请选当场整改了没有。"
    elif not said.fixed and said.repair_by is None:
        yield "repair_by", "没有当场整改的，请填计划哪天改好，会登记为隐患。"
    elif not said.fixed and day is not None and said.repair_by is not None and said.repair_by < day:
        yield "repair_by", "改好的日期不能早于检查日期。"
    if said.photos > MOST_PHOTOS:
        yield "photos", f"一项最多{MOST_PHOTOS}张照片，请去掉几张。"


def check_problems(
    lines: Iterable[Line], answers: Mapping[str, Answered], day: dt.date | None
) -> Iterator[tuple[str, str, str]]:
    """Line, field of it and reason, of a whole self-check; every line wants an answer."""
    for line in lines:
        for name, text in line_problems(line, answers.get(line.code, Answered("")), day):
            yield line.code, name, text


# ---- beside the monthly return -------------------------------------------------------------------


def counted_by_item(
    lines: Sequence[Line], slots: Iterable[Slot], done: Collection[Key], today: dt.date
) -> dict[str, Count]:
    """Done and due by the item of the return (safety/items.toml) that the lines tell of."""
    items: dict[Kind, set[str]] = {}
    for line in lines:
        items.setdefault(line.kind, set()).add(line.item)
    found: dict[str, Count] = {}
    for kind, count in counted(slots, done, today).items():
        for item in items.get(kind, ()):
            found[item] = found.get(item, Count()) + count
    return found
