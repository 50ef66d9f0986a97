"""Which month or school year the page is asked for."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.http import Http404

from accounts.formatting import zhmonth
from fees.free_year.rules import FREE_FROM
from kindergartens.rules import school_year
from reports.dashboards.converters import MonthConverter


@dataclass(frozen=True)
class When:
    """`code` as it stands in the address: 2026-10, or 2026 for the school year."""

    code: str
    word: str
    months: tuple[dt.date, ...]
    is_year: bool


def choices(available: list[dt.date]) -> list[When]:
    """Months with figures since the policy, the newest first, then the school years."""
    months = [month for month in available if month >= FREE_FROM]
    years = sorted({school_year(month) for month in months}, reverse=True)
    return [
        *[When(f"{month:%Y-%m}", zhmonth(month), (month,), is_year=False) for month in months],
        *[
            When(
                str(year),
                f"{year}学年",
                tuple(sorted(month for month in months if school_year(month) == year)),
                is_year=True,
            )
            for year in years
        ],
    ]


def asked(text: str, offered: list[When]) -> When | None:
    """The newest month without a wish; None where there is none; 404 for nonsense.

    A month that the place has no figures for is a month with nothing in it: links from the place
    above lead to it.
    """
    if not text:
        return offered[0] if offered else None
    for when in offered:
        if when.code == text:
            return when
    try:
        month = MonthConverter().to_python(text)
    except ValueError as error:
        if re.fullmatch(r"20[0-9]{2}", text):
            return When(text, f"{text}学年", (), is_year=True)
        raise Http404 from error
    return When(text, zhmonth(month), (month,), is_year=False)
