"""What a plan to hire people comes to: people still missing, and what they cost a year.

People are whole; money is Decimal yuan of one year. What nobody has entered is None, never 0.
Source of the first plan: 昆都仑区实施方案 三（一）1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    gap: int
    planned: int
    hired: int | None
    yearly_cost: Decimal | None

    @property
    def still_missing(self) -> int | None:
        """缺口 − 已到岗, never below 0; None while nobody said how many came."""
        return None if self.hired is None else max(0, self.gap - self.hired)

    @property
    def cost(self) -> Decimal | None:
        """计划补充 × 每人每年费用; None without a cost."""
        return None if self.yearly_cost is None else self.planned * self.yearly_cost


@dataclass(frozen=True)
class Total:
    """Sums over lines. `unsaid` lines do not say how many came, `unpriced` ones what one costs:
    `hired`, `still_missing` and `cost` are then None, for a part is not the whole.
    """

    gap: int
    planned: int
    hired: int | None
    still_missing: int | None
    cost: Decimal | None
    unsaid: int
    unpriced: int


def total(lines: Iterable[Line]) -> Total:
    found = list(lines)
    unsaid = sum(line.hired is None for line in found)
    unpriced = sum(line.cost is None for line in found)
    return Total(
        gap=sum(line.gap for line in found),
        planned=sum(line.planned for line in found),
        hired=None if unsaid else sum(line.hired or 0 for line in found),
        still_missing=None if unsaid else sum(line.still_missing or 0 for line in found),
        cost=None if unpriced else sum((line.cost or Decimal(0) for line in found), Decimal(0)),
        unsaid=unsaid,
        unpriced=unpriced,
    )
