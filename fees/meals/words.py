"""How an account stands in a file, and in what a price is unlike the county's, there and on pages."""

from __future__ import annotations

from accounts import formatting
from fees.meals.rules import STANDINGS, Standing
from fees.meals.selectors import Unlike
from fees.rules import FEE_UNITS


def standing_words(found: Standing, lacks: str) -> str:
    return f"{STANDINGS[found]}：{lacks}" if lacks else STANDINGS[found]


def unlike_words(one: Unlike) -> str:
    """公示16.5元/天，比统一的15元多1.5元."""
    said = f"{one.month.month}月实收" if one.month else "公示"
    word = "多" if one.more > 0 else "少"
    return (
        f"{said}{formatting.quantity(one.amount)}{FEE_UNITS[one.unit]}，"
        f"比统一的{formatting.quantity(one.unified)}元{word}{formatting.quantity(abs(one.more))}元"
    )
