"""Whether a term's account, and what is entered in it, is still as it was on the page."""

from __future__ import annotations

from collections.abc import Iterable

from fees.meals.rules import MEALS
from fees.models import MealAccount, MealEntry
from kindergartens.stamps import stamp_of, stamp_of_texts

ENTRY_FIELDS = (
    "receipts", "food", "fuel", "other", "refunds", "child_days", *MEALS, "published_on",
)  # fmt: skip
ACCOUNT_FIELDS = (
    "state", "opening", "opening_reason", "counted_cash", "explanation", "submitted_at",
    "decided_at",
)  # fmt: skip


def stamp_of_entry(entry: MealEntry | None) -> str:
    """Empty while there is none."""
    return stamp_of(entry, ENTRY_FIELDS) if entry is not None else ""


def stamp_of_account(account: MealAccount, entries: Iterable[MealEntry]) -> str:
    """Of all that a county accepts, and a kindergarten hands in."""
    return stamp_of_texts(
        {"account": stamp_of(account, ACCOUNT_FIELDS)}
        | {str(one.month): stamp_of_entry(one) for one in entries}
    )
