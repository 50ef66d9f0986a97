"""What stands in the cells of a table of aggregates. Plain Python.

Counts and rates are kept as they are printed: the number of their places says how exact they are.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from accounts.exchange.kinds import Cell, Day, Kind, Wrong, compact
from kindergartens.rules import last_day

YEAR = re.compile(r"(\d{4})(?:年度|年底|年末|年)?")
MONTH = re.compile(r"(\d{4})(?:-|/|\.|年)(0?[1-9]|1[0-2])月?")
SCHOOL_YEAR = re.compile(r"(\d{4})(?:-|/|至|~)(\d{4})(?:学年)?")
FIRST_YEAR, LAST_YEAR = 1949, 2099
BLANKS_FOR_MISSING = "没有的数空着，不要填文字和“—”。"
COUNT = re.compile(r"(-?)([0-9]{1,12}(?:\.[0-9]{1,12})?)(万?)")
RATE = re.compile(r"(-?)(?:1:)?([0-9]{1,6}(?:\.[0-9]{1,6})?)%?")
SIGNS_OF_UNIT = {
    "人": ("人", "名"),
    "所": ("所", "个"),
    "个": ("个", "班"),
    "㎡": ("m2", "平方米"),
    "册": ("册", "本"),
}


@dataclass(frozen=True)
class StatisticalDate(Kind):
    """A day, a month (its last day), a school year (its 1 September), or a year alone.

    A year is read as text: which day of it is meant hangs on the kind of the source.
    """

    def read(self, cell: Cell) -> dt.date | str:
        if isinstance(cell, dt.date):
            return Day().read(cell)
        text = compact(cell)
        year = YEAR.fullmatch(text)
        if year:
            return self._year(year[1])
        school_year = SCHOOL_YEAR.fullmatch(text)
        if school_year:
            first, second = int(school_year[1]), int(school_year[2])
            if second != first + 1:
                raise Wrong("学年要写成相连的两年，如2025-2026。")
            return school_year_begins(int(self._year(school_year[1])))
        month = MONTH.fullmatch(text)
        if month:
            return last_day(dt.date(int(self._year(month[1])), int(month[2]), 1))
        try:
            return Day().read(cell)
        except Wrong:
            raise Wrong(
                "看不出是哪一天或哪一年。请写成2020-12-31、2020-12、2020，或学年2025-2026。"
            ) from None

    def _year(self, text: str) -> str:
        if not FIRST_YEAR <= int(text) <= LAST_YEAR:
            raise Wrong(f"{text}年不在{FIRST_YEAR}—{LAST_YEAR}年之间，请核对。")
        return text

    def keep(self, value: dt.date | str | None) -> str | None:
        return value.isoformat() if isinstance(value, dt.date) else value

    def restore(self, kept: str | None) -> dt.date | str | None:
        if kept is None or len(kept) == 4:
            return kept
        return dt.date.fromisoformat(kept)

    @property
    def says(self) -> str:
        return "2020-12-31，或2020-12、2020；学年写2025-2026"


def school_year_begins(year: int) -> dt.date:
    """统计时点 of school year statistics."""
    return dt.date(year, 9, 1)


def day_of_year(year: int, *, school_statistics: bool) -> dt.date:
    """A year alone: its end, of school year statistics (教育事业统计) its 1 September."""
    return school_year_begins(year) if school_statistics else dt.date(year, 12, 31)


@dataclass(frozen=True)
class PrintedCount(Kind):
    """A count as printed, in ones or in 万: "28,959", "60.70", "60.70万人"."""

    unit: str

    def read(self, cell: Cell) -> str:
        text = _plain(cell).replace(",", "")
        in_ones = ""
        for sign in SIGNS_OF_UNIT[self.unit]:
            if text.endswith(sign):
                text = text.removesuffix(sign)
                # Said beside the number itself, it holds whatever the row's unit is.
                in_ones = "人" if self.unit == "人" and not text.endswith("万") else ""
        match = COUNT.fullmatch(text)
        if match is None or isinstance(cell, bool):
            raise Wrong(f"要填数字。{BLANKS_FOR_MISSING}")
        if match[1]:
            raise Wrong("不能是负数，请核对。")
        return match[2] + (match[3] or in_ones)

    @property
    def says(self) -> str:
        return f"数字，单位{self.unit}；没有的空着"


@dataclass(frozen=True)
class PrintedRate(Kind):
    """A published rate as printed: 72.17 or 72.17% for a share, 15.45 or 1:15.45 for a ratio."""

    percent: bool
    at_most_whole: bool

    def read(self, cell: Cell) -> str:
        match = RATE.fullmatch(_plain(cell))
        if match is None or isinstance(cell, bool):
            raise Wrong(f"要填公布的数，如72.17。{BLANKS_FOR_MISSING}")
        if match[1]:
            raise Wrong("不能是负数，请核对。")
        number = Decimal(match[2])
        if self.percent and 0 < number <= 1:
            raise Wrong(
                f"这里按百分数填：百分之85填85，不填0.85。{match[2]}是{match[2]}%吗？请核对。"
            )
        if self.at_most_whole and number > 100:
            raise Wrong(f"占比不会超过100%，现在是{match[2]}%。请核对。")
        return match[2]

    @property
    def says(self) -> str:
        return "百分数，照印出来的位数填，如72.17" if self.percent else "照印出来的位数填，如15.45"


def _plain(cell: Cell) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else compact(cell)
