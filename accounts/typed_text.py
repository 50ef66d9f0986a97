"""Text that people type, made safe to store and to compare."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

# Lines of a longer remark may be kept; everything else that steers a terminal or a parser goes.
KEPT_CONTROLS = {"\n"}


def clean(text: Any) -> str:
    """What was typed without control characters, in one Unicode spelling, without outer blanks.

    PostgreSQL refuses NUL, and direction marks can make a name read as another; nothing a person
    means to type is lost.
    """
    normal = unicodedata.normalize("NFC", str(text if text is not None else ""))
    return "".join(
        letter
        for letter in normal.replace("\r\n", "\n")
        if letter in KEPT_CONTROLS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co"}
    ).strip()


def day_until(text: str, today: dt.date) -> dt.date:
    """The day of an address (2026-10-25), today for one to come and for what is no day."""
    try:
        return min(dt.date.fromisoformat(text), today)
    except ValueError:
        return today
