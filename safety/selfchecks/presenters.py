"""Lines of the pages of self-checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.formatting import zhdate
from safety.models import SelfCheck, SelfCheckProblem
from safety.selfchecks import rules
from safety.selfchecks.catalogue import every_line
from safety.selfchecks.rules import (
    DAILY,
    FIELDS,
    FREQUENCIES,
    THIS,
    Count,
    Key,
    Kind,
    Slot,
)
from safety.selfchecks.selectors import Place, total
from safety.selfchecks.words import overdue_words

WEEKDAYS = "一二三四五六日"


def line_words(code: str) -> str:
    """What was looked at; a line that no pack has any more is called by its code."""
    line = every_line().get(code)
    return line.says if line else code


def period_words(slot: Slot) -> str:
    if slot.frequency == DAILY:
        return zhdate(slot.begins, short=True)
    if slot.frequency == rules.MONTHLY:
        return f"{slot.begins.month}月"
    if slot.frequency == rules.TERM:
        season = "秋季" if slot.begins.month == rules.AUTUMN else "春季"
        return f"{slot.begins.year}年{season}学期"
    return f"{zhdate(slot.begins, short=True)}至{zhdate(slot.ends, short=True)}"


@dataclass(frozen=True)
class Task:
    """One self-check of the list of what is to be done; `check` is None until it is made."""

    slot: Slot
    check: SelfCheck | None

    @property
    def label(self) -> str:
        return FIELDS[self.slot.field]

    @property
    def period(self) -> str:
        return period_words(self.slot)

    @property
    def frequency_words(self) -> str:
        return FREQUENCIES[self.slot.frequency]

    @property
    def problems(self) -> int:
        return len(self.check.problems.all()) if self.check else 0


@dataclass(frozen=True)
class Block:
    """今天、本周、本月、本学期: what is to be done within."""

    title: str
    tasks: Sequence[Task]

    @property
    def left(self) -> int:
        return sum(task.check is None for task in self.tasks)


def blocks(slots: Iterable[Slot], made: Mapping[Key, SelfCheck]) -> list[Block]:
    found = []
    every = list(slots)
    for frequency, title in THIS.items():
        tasks = [Task(one, made.get(one.key)) for one in every if one.frequency == frequency]
        if tasks:
            found.append(Block(title, tasks))
    return found


def first_open(slots: Iterable[Slot], made: Collection[Key]) -> Slot | None:
    """What comes next; None where all is done."""
    return next((slot for slot in slots if slot.key not in made), None)


@dataclass(frozen=True)
class DayCell:
    """A day of the calendar: daily self-checks made of those owed; `due` 0: none is asked."""

    day: dt.date
    done: int
    due: int
    problems: int
    is_to_come: bool

    @property
    def tone(self) -> str:
        if not self.due or self.is_to_come:
            return "none"
        if self.done == self.due:
            return "all"
        return "part" if self.done else "no"


def calendar_of(
    month: dt.date,
    last: dt.date,
    slots: Iterable[Slot],
    made: Mapping[Key, SelfCheck],
    today: dt.date,
) -> list[list[DayCell | None]]:
    """Weeks from Monday; None before the first and behind the last day."""
    owed: dict[dt.date, list[Slot]] = {}
    for slot in slots:
        if slot.frequency == DAILY:
            owed.setdefault(slot.begins, []).append(slot)
    problems: dict[dt.date, int] = {}
    for check in made.values():
        problems[check.day] = problems.get(check.day, 0) + len(check.problems.all())
    cells: list[DayCell | None] = [None] * month.weekday()
    day = month
    while day <= last:
        there = owed.get(day, [])
        cells.append(
            DayCell(
                day,
                sum(slot.key in made for slot in there),
                len(there),
                problems.get(day, 0),
                day > today,
            )
        )
        day += rules.ONE_DAY
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def to_read(
    made: Iterable[SelfCheck], month: dt.date, last: dt.date, day: dt.date | None
) -> list[SelfCheck]:
    """Those of a day; without one those of the month that found something or came late."""
    of_month = [one for one in made if month <= one.day <= last]
    if day is not None:
        return [one for one in of_month if one.day == day]
    return [one for one in of_month if one.flag or one.problems.all()]


@dataclass(frozen=True)
class Found:
    """One line of a self-check that was made."""

    words: str
    answer: str
    problem: SelfCheckProblem | None = None


def found_in(check: SelfCheck) -> list[Found]:
    """Problems first, then what was in order, then what the kindergarten has not got."""
    return [
        *(Found(line_words(one.line), rules.PROBLEM, one) for one in check.problems.all()),
        *(Found(line_words(code), rules.NORMAL) for code in check.normal),
        *(Found(line_words(code), rules.NOT_APPLICABLE) for code in check.not_applicable),
    ]


# ---- an area -------------------------------------------------------------------------------------


def ratio(count: Count) -> str:
    return f"{count.done}/{count.due}" if count.due else "—"


@dataclass(frozen=True)
class FieldRow:
    label: str
    cells: Sequence[tuple[str, Count]]
    total: Count


def by_field(places: Iterable[Place]) -> list[FieldRow]:
    """Done and due of an area, a row a field, a column a frequency."""
    sums: dict[Kind, Count] = {}
    for place in places:
        for kind, count in place.counts.items():
            sums[kind] = sums.get(kind, Count()) + count
    rows = []
    for field, label in FIELDS.items():
        cells = [(words, sums.get((field, code), Count())) for code, words in FREQUENCIES.items()]
        rows.append(FieldRow(label, cells, total(count for _, count in cells)))
    return rows


@dataclass(frozen=True)
class TownRow:
    name: str
    code: str
    places: int
    behind: int
    total: Count
    flagged: int
    to_mend: int


def by_town(places: Iterable[Place]) -> list[TownRow]:
    towns: dict[str, list[Place]] = {}
    for place in places:
        towns.setdefault(place.town.code, []).append(place)
    return [
        TownRow(
            here[0].town.name,
            code,
            len(here),
            sum(bool(one.overdue) for one in here),
            total(one.total for one in here),
            sum(bool(one.late) for one in here),
            sum(one.to_mend for one in here),
        )
        for code, here in sorted(towns.items())
    ]


def flag_words(place: Place) -> str:
    if not place.late:
        return ""
    said = f"补录{place.late}次"
    return f"{said}，其中集中{place.at_once}次" if place.at_once else said


@dataclass(frozen=True)
class PlaceLine:
    place: Place
    cells: Sequence[tuple[str, str]]
    overdue: str
    flags: str


def place_line(place: Place) -> PlaceLine:
    cells = [(FREQUENCIES[code], ratio(count)) for code, count in place.by_frequency.items()]
    return PlaceLine(place, cells, overdue_words(place), flag_words(place))
