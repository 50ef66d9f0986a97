"""Days as people read them, for rules that know no Django."""

from __future__ import annotations

import datetime as dt


def day_in_words(day: dt.date) -> str:
    """2026年9月1日."""
    return f"{day.year}年{day.month}月{day.day}日"
