"""What a demo class says beside its head-counts: flows, attendance, parts, reasons for the unusual.

No chance, no database.

Counties ask for these since the last September of the demo; the months before hold none, as those
of a real county that began later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from config.demo.classes import LIMITS, ClassRow
from kindergartens.calendar.published import working_calendar
from kindergartens.calendar.rules import working_days_between
from kindergartens.rules import last_day, school_year
from reports.filings.checks import (
    GRADE_LABELS,
    MOVED_TOGETHER,
    UNUSUAL_CHANGE,
    Finding,
    called,
    catalogue,
)
from reports.filings.promotion import OneClass, promote

ONE_DAY = dt.timedelta(days=1)


def is_asked(month: dt.date, last_month: dt.date) -> bool:
    """Whether a month's return asks for details, where `last_month` is the demo's newest."""
    return school_year(month) == school_year(last_month)


@cache
def days_open(month: dt.date) -> int:
    """The month's working days; only weekends are left out where holidays are not published."""
    return working_days_between(month - ONE_DAY, last_day(month), working_calendar())


def details(row: ClassRow, month: dt.date, before: Mapping[str, int]) -> dict[str, int]:
    """By column. `before` are last month's children by class (`children_before`)."""
    children = row.children
    seed = children * 7 + row.number * 3 + month.month
    change = children - before.get(row.name, 0)
    return {
        "entered": max(0, change),
        "departed": max(0, -change),
        "moved_in": 0,
        "moved_out": 0,
        "attended": children * days_open(month) * (91 + seed % 7) // 100,
        "disabled": min(children, int(seed % 19 == 0)),
        "left_behind": children // 9,
        "migrant": children // 6,
        "aided": children // 12,
    }


def children_before(last: Iterable[ClassRow], month: dt.date) -> dict[str, int]:
    """Last month's children by class, as a month calls it: when a school year begins, classes have
    moved up. A class that is new by then is not there."""
    promotion = promote(
        (OneClass(row.name, row.grade, row.children) for row in last),
        since=school_year(month - ONE_DAY),
        to=school_year(month),
    )
    return {one.name: one.was.children for one in promotion.moved}


def reasons(row: ClassRow, month: dt.date, before: Mapping[str, int]) -> list[tuple[Finding, str]]:
    """What the checks find unusual about a class, each with the reason the director gave.

    `before` are the children of its classes a month before, by name.
    """
    found = []
    limit = LIMITS.get(row.grade)
    values: dict[str, Any] = {"name": row.name, "children": row.children}
    if limit is not None and row.children > limit:
        over = row.children - limit
        size = catalogue()["class_size"].finding(
            row.name, grade=GRADE_LABELS[row.grade], limit=limit, over=over, **values
        )
        found.append((size, "教室已用满，新学期招生时控制。"))
    had = before.get(row.name)
    is_asked_now = month.month != 9 or row.grade in MOVED_TOGETHER
    if had is not None and is_asked_now and abs(row.children - had) >= UNUSUAL_CHANGE:
        word = "多" if row.children > had else "少"
        change = catalogue()["class_change"].finding(
            row.name, word=word, difference=abs(row.children - had), before=had,
            since=called(None), **values,
        )  # fmt: skip
        found.append((change, row.note or "本月有幼儿插班、转园，已登记。"))
    return found


def all_reasons(
    classes: Sequence[ClassRow], month: dt.date, before: Mapping[str, int]
) -> list[tuple[Finding, str]]:
    """Of every class and of the whole."""
    of_classes = [one for row in classes for one in reasons(row, month, before)]
    return of_classes + reasons_of_whole(classes, before)


def reasons_of_whole(
    classes: Iterable[ClassRow], before: Mapping[str, int]
) -> list[tuple[Finding, str]]:
    """The same of the classes that are not there any more."""
    there = {row.name for row in classes}
    return [
        (
            catalogue()["class_vanished"].finding(
                name, name=name, since=called(None), before=children
            ),
            "幼儿已并入本园其他班或转园，已登记。",
        )
        for name, children in before.items()
        if children and name not in there
    ]
