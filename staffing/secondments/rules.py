"""Teachers sent from one kindergarten to another (结对帮扶、轮岗交流): months served, what is refused.

Source: 学前教育法 Art 27, central kindergartens guide those of their township; the months are what the
plans for pairing ask for.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class SentFacts:
    """As typed. `ended_on` is the first day no longer there; None: goes on."""

    purpose: str
    started_on: dt.date
    ended_on: dt.date | None = None
    document: str = ""


def months_served(started_on: dt.date, ended_on: dt.date | None, today: dt.date) -> int:
    """Whole months (满月) from the first day up to the end, or up to today where it goes on.

    A month is full on the same day of a later month, or on its last day where it has none such. 0
    before it begins, and in the first month.
    """
    end = today + dt.timedelta(days=1) if ended_on is None else min(ended_on, today)
    if end <= started_on:
        return 0
    months = (end.year - started_on.year) * 12 + end.month - started_on.month
    return months if end >= _same_day(started_on, months) else months - 1


def _same_day(day: dt.date, months: int) -> dt.date:
    at = day.year * 12 + day.month - 1 + months
    year, month = at // 12, at % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def date_problem(facts: SentFacts) -> tuple[str, str]:
    """(field, why) of dates that cannot be; empty where they can."""
    if facts.ended_on is not None and facts.ended_on <= facts.started_on:
        return "ended_on", "要在派出日期以后。"
    return "", ""
