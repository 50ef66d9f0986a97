"""Lines of the pages of meal accounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts import formatting
from accounts.models import User
from fees.meals import selectors
from fees.meals.rules import MEALS, STANDINGS, Standing, standing
from fees.meals.selectors import Kept, Place
from fees.meals.stamps import stamp_of_account
from fees.meals.words import unlike_words
from fees.models import MealAccount, MealEntry

# As accounts.statuses calls them.
VERDICTS = {
    Standing.PENDING: "pending",
    Standing.WITHIN: "met",
    Standing.SURPLUS: "unmet",
    Standing.DEFICIT: "unmet",
    Standing.NO_LIMIT: "not_judged",
    Standing.UNAVAILABLE: "unavailable",
}


@dataclass(frozen=True)
class Line:
    """One month of a term; `entry` is None where nothing is recorded."""

    label: str
    slug: str
    entry: MealEntry | None
    has_begun: bool
    meals: str


def of_account(user: User, account: MealAccount, today: dt.date) -> dict[str, Any]:
    """What the page of one term shows. Five queries."""
    entries = list(MealEntry.objects.visible_to(user).filter(account=account))
    kept = Kept(
        account,
        selectors.flow_of(entries),
        [one.month for one in entries],
        sum(one.published_on is not None for one in entries),
        selectors.closing_of(user, account.kindergarten_id, account.term.former),
    )
    county = account.kindergarten.organisation.region.county
    limit = (
        selectors.limit_of(county, min(today, account.term.last_day))
        if county is not None
        else None
    )
    lacks = kept.lacks(today)
    found = standing(kept.flow, limit.percent if limit else None, whole=not lacks)
    by_month = {one.month: one for one in entries}
    whole = by_month.get(None)
    return {
        "kept": kept,
        "limit": limit,
        "lines": [_line("全学期", "term", whole, True)]
        if whole
        else [
            _line(f"{m.year}年{m.month}月", f"{m:%Y-%m}", by_month.get(m), m <= today)
            for m in account.term.months
        ],
        "may_take_whole": not entries,
        "verdict": VERDICTS[found],
        "verdict_words": lacks or STANDINGS[found],
        "seen": stamp_of_account(account, entries),
        "share": share_words(kept),
        "child_days": sum(one.child_days for one in entries),
        "a_day": _a_day(kept, entries),
    }


def _line(label: str, slug: str, entry: MealEntry | None, has_begun: bool) -> Line:
    meals = ""
    if entry is not None:
        meals = "，".join(
            f"{word}{formatting.count(number)}"
            for kind, word in MEALS.items()
            if (number := getattr(entry, kind)) is not None
        )
    return Line(label, slug, entry, has_begun, meals)


def _a_day(kept: Kept, entries: list[MealEntry]) -> str:
    """What was spent on a child and day, in yuan."""
    days = sum(one.child_days for one in entries)
    return formatting.decimal(kept.flow.spending / days) if days else "无法计算"


def share_words(kept: Kept) -> str:
    if kept.share is None:
        return "无法计算"
    return f"{formatting.percent(kept.share)}%"


@dataclass(frozen=True)
class PlaceLine:
    place: Place
    share: str
    verdict: str
    verdict_words: str
    unlike: list[str]


def place_line(place: Place) -> PlaceLine:
    return PlaceLine(
        place,
        share_words(place.kept) if place.kept else formatting.MISSING,
        VERDICTS[place.standing] if place.standing else "",
        place.lacks or (STANDINGS[place.standing] if place.standing else ""),
        [unlike_words(one) for one in place.unlike],
    )
