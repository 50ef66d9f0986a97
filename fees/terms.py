"""School terms (学期), by which meal accounts are kept. Plain Python.

The school year begins on 1 September (kindergartens.rules); its autumn term is taken to end with
January and its spring term with August, so that every month belongs to one term.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kindergartens.rules import school_year

SEASONS = {"autumn": "秋季学期", "spring": "春季学期"}
_MONTHS = {"autumn": (9, 10, 11, 12, 1), "spring": (2, 3, 4, 5, 6, 7, 8)}


@dataclass(frozen=True, order=True)
class Term:
    """`year` is the one in which the school year began; terms are ordered as they follow."""

    year: int
    season: str

    @property
    def months(self) -> list[dt.date]:
        """The first day of each."""
        return [
            dt.date(self.year if month >= 9 else self.year + 1, month, 1)
            for month in _MONTHS[self.season]
        ]

    @property
    def first_day(self) -> dt.date:
        return self.months[0]

    @property
    def last_day(self) -> dt.date:
        return self.following.first_day - dt.timedelta(days=1)

    @property
    def former(self) -> Term:
        if self.season == "spring":
            return Term(self.year, "autumn")
        return Term(self.year - 1, "spring")

    @property
    def following(self) -> Term:
        if self.season == "autumn":
            return Term(self.year, "spring")
        return Term(self.year + 1, "autumn")

    def __str__(self) -> str:
        return f"{self.year}—{self.year + 1}学年{SEASONS[self.season]}"


def term_of(day: dt.date) -> Term:
    return Term(school_year(day), "autumn" if day.month in _MONTHS["autumn"] else "spring")
