"""What the items of an evaluation make together. Plain Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Grade:
    """A grade (等次) of an evaluation: so many items 合格 at least, so many 基本合格 at most."""

    name: str
    least_passed: int
    most_basic: int


def grade_of(grades: Iterable[Grade], *, passed: int, basic: int, failed: int) -> Grade | None:
    """The highest grade that items 合格, 基本合格 and 不合格 reach; None where they reach none.

    An item 不合格 leaves no grade (沈教督发〔2021〕11号).
    """
    if failed:
        return None
    reached = [one for one in grades if passed >= one.least_passed and basic <= one.most_basic]
    return max(reached, key=lambda one: one.least_passed, default=None)
