"""Months in addresses, written 2026-10."""

from __future__ import annotations

import datetime as dt


class MonthConverter:
    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> dt.date:
        """The month's first day; ValueError, which the router takes as no match, for year 0."""
        return dt.date.fromisoformat(f"{value}-01")

    def to_url(self, value: dt.date) -> str:
        return f"{value:%Y-%m}"
