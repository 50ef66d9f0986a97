"""What is said of a kindergarten's self-checks, on the page and in the file."""

from __future__ import annotations

from safety.selfchecks.rules import FIELDS
from safety.selfchecks.selectors import Place

# The others are on the kindergarten's page.
FIELDS_NAMED = 3


def overdue_words(place: Place) -> str:
    """Which fields, the three with most first: 消防12次、食品3次."""
    counts: dict[str, int] = {}
    for slot in place.overdue:
        counts[slot.field] = counts.get(slot.field, 0) + 1
    ordered = sorted(counts, key=lambda one: (-counts[one], list(FIELDS).index(one)))
    said = "、".join(f"{FIELDS[one]}{counts[one]}次" for one in ordered[:FIELDS_NAMED])
    return f"{said}等" if len(ordered) > FIELDS_NAMED else said
