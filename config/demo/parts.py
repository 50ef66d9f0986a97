"""Whole numbers cut into parts that add up again."""

from __future__ import annotations

import random
from collections.abc import Sequence


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Cut `total` by `weights`; the largest remainders get what rounding left over."""
    scale = sum(weights)
    exact = [total * weight / scale for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: parts[at] - exact[at])
    for at in by_remainder[: total - sum(parts)]:
        parts[at] += 1
    return parts


def partition(rng: random.Random, total: int, count: int, spread: float = 0.3) -> list[int]:
    """Cut `total` into `count` uneven parts, each about `spread` around the mean."""
    return apportion(total, [rng.uniform(1 - spread, 1 + spread) for _ in range(count)])


def spread_units(rng: random.Random, units: int, weights: Sequence[float]) -> list[int]:
    """Give `units` indivisible things to places: one each first, the rest by weight."""
    return [1 + more for more in apportion(units - len(weights), list(weights))]
