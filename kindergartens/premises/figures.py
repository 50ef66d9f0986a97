"""What is said of a kindergarten's buildings and equipment, and of an area's, derived from counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kindergartens.models import (
    EquipmentItem,
    Kindergarten,
    KindergartenStatus,
    Measure,
    PremisesStandard,
    Site,
)
from kindergartens.premises import rules
from kindergartens.premises.rules import Cohort, Standing, Supply, SupplySum, Verdict

# The worst first: what one site lacks, the kindergarten lacks.
FIRE_ORDER = ("failed", "not_applied", "rectifying", "unknown", "passed")


@dataclass(frozen=True)
class HeadCount:
    """Children and classes of the newest accepted return, without nursery classes."""

    month: dt.date
    children: int
    classes: int


@dataclass(frozen=True)
class AreaLine:
    """One measure of one kindergarten. `counted_on` is the oldest of the sites' counts it sums."""

    measure: Measure
    standard: PremisesStandard | None
    value: Decimal | None
    counted_on: dt.date | None
    per_child: Decimal | None
    standing: Standing
    shortfall: Decimal | None

    @property
    def unit(self) -> str:
        return "册" if self.measure == Measure.BOOKS else "平方米"


@dataclass(frozen=True)
class EquipmentLine:
    item: EquipmentItem
    supply: Supply
    counted_on: dt.date | None


@dataclass(frozen=True)
class PremisesOf:
    """One kindergarten's buildings and equipment on a day."""

    kindergarten: Kindergarten
    status: KindergartenStatus
    heads: HeadCount | None
    sites: Sequence[Site]
    designed_in: int | None
    areas: Sequence[AreaLine]
    equipment: Sequence[EquipmentLine]
    fire: str
    waiting: bool

    @property
    def children(self) -> int | None:
        return self.heads.children if self.heads else None

    @property
    def short_of(self) -> list[AreaLine]:
        return [line for line in self.areas if line.standing == Standing.UNMET]

    @property
    def unknown(self) -> list[AreaLine]:
        return [line for line in self.areas if line.standard and line.standing == Standing.UNKNOWN]

    @property
    def cost(self) -> Decimal | None:
        return rules.total(line.supply.cost for line in self.equipment)


@dataclass(frozen=True)
class MeasureSum:
    """One standard over an area: both cohorts, and those whose design year nobody registered."""

    standard: PremisesStandard
    new: Cohort
    old: Cohort
    undated: Cohort
    new_verdict: Verdict
    old_verdict: Verdict

    @property
    def every(self) -> Cohort:
        parts = (self.new, self.old, self.undated)
        return Cohort(
            sum(part.met for part in parts),
            sum(part.unmet for part in parts),
            sum(part.unknown for part in parts),
        )


@dataclass(frozen=True)
class Overview:
    """An area's kindergartens with the sums over them."""

    rows: Sequence[PremisesOf]
    measures: Sequence[MeasureSum]
    equipment: Sequence[tuple[EquipmentItem, SupplySum]]
    fire: Mapping[str, int]

    @property
    def cost(self) -> Decimal | None:
        """Yuan for everything short; None while a price or a count is missing for all items."""
        return rules.total(sums.cost for _, sums in self.equipment)
