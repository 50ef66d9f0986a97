"""Rounding as people do it by hand, for what is shown; nothing is decided on rounded figures."""

from decimal import ROUND_HALF_UP, Decimal


def half_up(value: Decimal, places: int) -> Decimal:
    """Decimal("0.125") to two places is 0.13, Decimal("-0.125") is −0.13."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
