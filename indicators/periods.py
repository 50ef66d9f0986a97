"""Terms, school years and years as periods of a figure. Plain Python.

A figure is of a month. That of a school year is the figure of its statistical date, 1 September;
that of a term is the figure of the term's last month that has figures. A plain year, as yearbooks
count it, is the school year that begins in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kindergartens.rules import school_year

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
YEAR = re.compile(r"(\d{4})")
SCHOOL_YEAR = re.compile(r"(\d{4})-(\d{4})(?:-([12]))?")
# Autumn 1, spring 2, as school papers number them; every month belongs to one of them.
TERM_MONTHS = {1: (9, 10, 11, 12, 1), 2: (2, 3, 4, 5, 6, 7, 8)}
TERM_WORDS = {1: "秋季学期", 2: "春季学期"}


class Span(StrEnum):
    MONTH = "month"
    TERM = "term"
    SCHOOL_YEAR = "school_year"


@dataclass(frozen=True)
class Period:
    """What a figure is asked of. `first` is a first day of a month; `term` 1, 2 or 0."""

    span: Span
    first: dt.date
    term: int = 0

    @property
    def year(self) -> int:
        """The year in which its school year began."""
        return school_year(self.first)

    @property
    def months(self) -> tuple[dt.date, ...]:
        """The first day of each of its months, in order."""
        if self.span is Span.MONTH:
            return (self.first,)
        numbers = TERM_MONTHS[self.term] if self.term else (*TERM_MONTHS[1], *TERM_MONTHS[2])
        return tuple(dt.date(self.year + (month < 9), month, 1) for month in numbers)

    def __str__(self) -> str:
        if self.span is Span.MONTH:
            return f"{self.first.year}年{self.first.month}月"
        return f"{self.year}—{self.year + 1}学年{TERM_WORDS.get(self.term, '')}"


def school_year_period(year: int) -> Period:
    """The school year that begins in a year."""
    return Period(Span.SCHOOL_YEAR, dt.date(year, 9, 1))


def term_period(year: int, term: int) -> Period:
    """Term 1 (autumn) or 2 (spring) of the school year that begins in a year."""
    return Period(Span.TERM, dt.date(year + (term == 2), TERM_MONTHS[term][0], 1), term)


def parse(text: str) -> Period:
    """2025-10 is a month, 2025 and 2025-2026 a school year, 2025-2026-1 its autumn term.

    ValueError says in Chinese how a period is written.
    """
    text = text.strip()
    if match := MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        if year:
            return Period(Span.MONTH, dt.date(year, month, 1))
    elif match := YEAR.fullmatch(text):
        if 0 < int(match[1]) < dt.MAXYEAR:
            return school_year_period(int(match[1]))
    elif (match := SCHOOL_YEAR.fullmatch(text)) and int(match[2]) == int(match[1]) + 1 > 1:
        if match[3]:
            return term_period(int(match[1]), int(match[3]))
        return school_year_period(int(match[1]))
    raise ValueError(
        f"期次应写成2025-10（月）、2025或2025-2026（学年）、2025-2026-1（秋季学期）"
        f"或2025-2026-2（春季学期）：{text}"
    )


def parse_month(text: str) -> dt.date:
    """The first day of the month of 2025-10; ValueError says in Chinese how one is written."""
    try:
        period = parse(text)
    except ValueError:
        period = None
    if period is None or period.span is not Span.MONTH:
        raise ValueError(f"月份应写成2025-10：{text}")
    return period.first


def month_of(
    period: Period, months: Iterable[dt.date], reference_dates: Mapping[dt.date, dt.date]
) -> dt.date | None:
    """The month whose figures are the period's; None where there are none.

    `months` have figures; `reference_dates` says a month's statistical date where it has one. Of a
    school year it is the month whose statistical date is 1 September, or else September itself,
    the first month counted on or after that day. No other month stands in for it.
    """
    known = set(months)
    if period.span is Span.SCHOOL_YEAR:
        day = period.first
        on_the_day = [month for month, reference in reference_dates.items() if reference == day]
        wanted = min(on_the_day, default=day)
        return wanted if wanted in known else None
    return max((month for month in period.months if month in known), default=None)
