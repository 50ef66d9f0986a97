"""The State Council's arrangements of holidays and make-up days (holidays.toml), as a calendar."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

from kindergartens.calendar.rules import Notice, WorkingCalendar

FILE = Path(__file__).with_name("holidays.toml")
ONE_DAY = dt.timedelta(days=1)


@cache
def working_calendar() -> WorkingCalendar:
    """Every published year. A year that is not in the file has weekends only."""
    notices, off, work = {}, set(), set()
    for year, table in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        notices[int(year)] = Notice(table["document"], table["issued_on"])
        for first, last in table["off"]:
            day = dt.date.fromisoformat(first)
            while day <= dt.date.fromisoformat(last):
                off.add(day)
                day += ONE_DAY
        work.update(table["work"])
    return WorkingCalendar(notices, frozenset(off), frozenset(work))
