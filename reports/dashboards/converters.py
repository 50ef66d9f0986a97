"""Months in addresses, written 2026-10."""

from __future__ import annotations

import datetime as dt
import re

# No return is older than the portal's codes or dated a lifetime ahead; year 1 has no month before.
YEARS = range(2000, 2101)


class MonthConverter:
    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> dt.date:
        """The month's first day; ValueError, which the router takes as no match, for others."""
        if not re.fullmatch(self.regex, value) or int(value[:4]) not in YEARS:
            raise ValueError(f"not a month of {YEARS.start} to {YEARS.stop - 1}: {value!r}")
        return dt.date.fromisoformat(f"{value}-01")

    def to_url(self, value: dt.date) -> str:
        return f"{value:%Y-%m}"
