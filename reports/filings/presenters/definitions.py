"""What each column of the return asks for, and of when (definitions.toml)."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accounts.formatting import zhdate
from kindergartens.calendar.rules import add_months
from kindergartens.models import ReportingPeriod
from kindergartens.rules import school_year

FILE = Path(__file__).parent.parent / "definitions.toml"


@dataclass(frozen=True)
class Definition:
    """One column's words: who counts, of when, and where that is written down."""

    column: str
    label: str
    text: str
    as_of: str
    source: str = ""


@cache
def _rows() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def definitions_of(period: ReportingPeriod) -> list[Definition]:
    """The definitions with the dates of one month."""
    dates = {
        "date": zhdate(period.reference_date),
        "school_year": zhdate(dt.date(school_year(period.month), 8, 31)),
    }
    begins = school_year(add_months(period.month, -1)) != school_year(period.month)
    return [
        _definition(column, {name: text.format_map(dates) for name, text in row.items()}, begins)
        for column, row in _rows().items()
    ]


def _definition(column: str, row: dict[str, str], begins_school_year: bool) -> Definition:
    september = row.pop("september", "")
    if begins_school_year:
        row["text"] += september
    return Definition(column, **row)
