"""What is said of what a kindergarten keeps up, on the page and in the file."""

from __future__ import annotations

import datetime as dt

from accounts.formatting import zhdate
from safety.upkeep.rules import LACKS, OPEN_KITCHEN
from safety.upkeep.selectors import Place

NO_KITCHEN = "没有食堂"
MISSING = "没有登记"


def lacks_words(place: Place) -> list[str]:
    return [LACKS[one] for one in place.lacks]


def kitchen_words(place: Place) -> str:
    if not place.has_kitchen:
        return NO_KITCHEN
    if place.kitchen is None:
        return MISSING
    until = zhdate(place.kitchen.valid_until)
    return f"许可到{until}，明厨亮灶{OPEN_KITCHEN[place.kitchen.open_kitchen]}"


def day_words(day: dt.date | None) -> str:
    return zhdate(day) if day else MISSING


def covered_words(place: Place) -> str:
    """承保 of 在园: 120/118人."""
    if not place.covered:
        return "—"
    there = "—" if place.children is None else str(place.children)
    return f"{place.covered}/{there}"
