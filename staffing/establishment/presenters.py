"""Lines of the pages of approved posts and pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts import formatting
from accounts.rounding import half_up
from kindergartens.models import Kindergarten
from staffing.establishment.rules import Paid, Posts, pay_ratio
from staffing.establishment.selectors import PaidYear, newest_pay, posts_of
from staffing.models import PayRecord

# What fewer were paid together would tell what one of them was paid.
FEWEST_SHOWN = 3
FEW = f"不到{FEWEST_SHOWN}人，不显示"


@dataclass(frozen=True)
class PayWords:
    """One year of one kindergarten as it may be shown."""

    year: int
    established_heads: int
    established_average: str
    other_heads: int
    other_average: str
    # In percent, or why it is not said.
    ratio: str


@dataclass(frozen=True)
class PlaceLine:
    """One kindergarten of the list."""

    kindergarten: Kindergarten
    posts: Posts
    pay: PayWords | None


def pay_words(paid: PaidYear, *, whole: bool) -> PayWords:
    """`whole`: for whoever keeps the roster; others see no average of very few people."""
    return PayWords(
        paid.year,
        paid.established.heads,
        _average(paid.established, whole=whole),
        paid.other.heads,
        _average(paid.other, whole=whole),
        _ratio(paid, whole=whole),
    )


def _ratio(paid: PaidYear, *, whole: bool) -> str:
    ratio = pay_ratio(paid.established, paid.other)
    if ratio is None:
        return "有一方没有人"
    # Beside the other side's average it would tell what is withheld.
    if not whole and min(paid.established.heads, paid.other.heads) < FEWEST_SHOWN:
        return FEW
    return f"{formatting.percent(ratio)}%"


def _average(paid: Paid, *, whole: bool) -> str:
    if paid.average is None:
        return "没有人"
    if paid.heads < FEWEST_SHOWN and not whole:
        return FEW
    return f"{half_up(paid.average, 0):,}"


def place_lines(
    kindergartens: Sequence[Kindergarten], day: dt.date, *, whole: bool
) -> list[PlaceLine]:
    """Three queries, however many are on the page."""
    keys = [one.pk for one in kindergartens]
    posts, pay = posts_of(keys, day), newest_pay(keys, day.year)
    return [
        PlaceLine(
            one, posts[one.pk], pay_words(pay[one.pk], whole=whole) if one.pk in pay else None
        )
        for one in kindergartens
    ]


def title_lines(paid: PaidYear) -> list[tuple[str, list[Paid]]]:
    """By title: established, then others."""
    return [
        (label, [paid.rows[kind, title] for kind in PayRecord.Kind.values])
        for title, label in PayRecord.Title.choices
    ]
