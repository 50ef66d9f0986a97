"""Buildings and equipment against a standard: per child, share of kindergartens, what is short.

Values on plain numbers, all Decimal; a missing value is None and stays so: it is never zero.
Sources: 县域学前教育普及普惠督导评估 (outdoor 4, activity rooms 8.17, building 10.44 m² a child; of
kindergartens designed after 2017 all have to meet each, of older ones half), 沈教督发〔2021〕11号
items 26-27; 昆都仑区实施方案 三（二）: 有没有, 够不够, 差多少.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Standing(StrEnum):
    """How one kindergarten stands to one demand."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unavailable"


class Verdict(StrEnum):
    """How many kindergartens meet a demand, against how many have to; 待报齐 while the ones not
    known yet could still make it up.
    """

    MET = "met"
    PENDING = "pending"
    UNMET = "unmet"
    UNAVAILABLE = "unavailable"
    NOT_JUDGED = "not_judged"


def total(values: Iterable[Decimal | None]) -> Decimal | None:
    """Sum over a kindergarten's sites; None as soon as one site's value is missing, or of none."""
    found = list(values)
    if not found or any(value is None for value in found):
        return None
    return sum((value for value in found if value is not None), ZERO)


def per_child(value: Decimal | None, children: int | None) -> Decimal | None:
    """Of one child (生均), unrounded; None without the value or without children."""
    if value is None or not children:
        return None
    return value / children


def standing(value: Decimal | None, children: int | None, at_least: Decimal) -> Standing:
    """value ÷ children ≥ at_least, compared without dividing so that nothing is rounded."""
    if value is None or not children:
        return Standing.UNKNOWN
    return Standing.MET if value >= at_least * children else Standing.UNMET


def shortfall(value: Decimal | None, children: int | None, at_least: Decimal) -> Decimal | None:
    """How much is missing for all children (m² or copies); zero when met, None when unknown."""
    if value is None or not children:
        return None
    return max(ZERO, at_least * children - value)


def is_new_design(designed_in: int | None, designed_since: int) -> bool | None:
    """Whether the newer building standard holds; None when the year is not registered."""
    return None if designed_in is None else designed_in >= designed_since


@dataclass(frozen=True)
class Cohort:
    """Kindergartens held to one demand: how many meet it, fall short, are not known."""

    met: int = 0
    unmet: int = 0
    unknown: int = 0

    @property
    def kindergartens(self) -> int:
        return self.met + self.unmet + self.unknown

    @property
    def share(self) -> Decimal | None:
        """Met ÷ all, as a fraction; None while one of them is not known."""
        if self.unknown or not self.kindergartens:
            return None
        return Decimal(self.met) / self.kindergartens


def cohort(standings: Iterable[Standing]) -> Cohort:
    found = list(standings)
    return Cohort(
        met=found.count(Standing.MET),
        unmet=found.count(Standing.UNMET),
        unknown=found.count(Standing.UNKNOWN),
    )


def judge_cohort(counted: Cohort, demanded: Decimal | None) -> Verdict:
    """Whether so many kindergartens meet it as the document demands (a fraction of all)."""
    if demanded is None:
        return Verdict.NOT_JUDGED
    if not counted.kindergartens:
        return Verdict.UNAVAILABLE
    needed = demanded * counted.kindergartens
    if counted.met >= needed:
        return Verdict.MET
    return Verdict.PENDING if counted.met + counted.unknown >= needed else Verdict.UNMET


# ---- consistency of one count ------------------------------------------------------------------


def contradictions(values: Mapping[str, Decimal]) -> list[tuple[str, str]]:
    """(measure, sentence) for what cannot be true together: rooms within the building, play ground
    and green within the land (domain facts §3.6).
    """
    found = []
    land, floor = values.get("land_area_m2"), values.get("floor_area_m2")
    activity = values.get("activity_room_area_m2")
    if floor is not None and activity is not None and activity > floor:
        found.append(
            (
                "activity_room_area_m2",
                f"活动用房{activity}平方米，比园舍建筑面积{floor}平方米还大。请核对两个数。",
            )
        )
    open_air = [values.get("outdoor_area_m2"), values.get("green_area_m2")]
    ground = sum((area for area in open_air if area is not None), ZERO)
    if land is not None and ground > land:
        found.append(
            (
                "land_area_m2",
                f"室外游戏场地和绿地合计{ground}平方米，比占地面积{land}平方米还大。请核对这几个数。",
            )
        )
    return found


# ---- equipment ---------------------------------------------------------------------------------


class Enough(StrEnum):
    """有没有, 够不够 in one word."""

    NONE = "none"
    SHORT = "short"
    ENOUGH = "enough"
    UNKNOWN = "unknown"


def needed(
    need: str,
    amount: Decimal | None,
    *,
    surveyed: Decimal | None,
    children: int | None,
    classes: int | None,
    whole: bool,
) -> Decimal | None:
    """How much of an item a kindergarten should have; None where its base is not known.

    `need` is "surveyed" (as counted on the spot), "per_class", "per_child" or "per_kindergarten".
    Indivisible things are rounded up.
    """
    if need == "surveyed":
        return surveyed
    base = {"per_class": classes, "per_child": children, "per_kindergarten": 1}[need]
    if base is None or amount is None:
        return None
    exact = amount * base
    return exact.to_integral_value(rounding=ROUND_CEILING) if whole else exact


class Lack(StrEnum):
    """Why it cannot be said how much of an item a kindergarten should have."""

    COUNT = "count"  # surveyed on the spot, and nobody has
    STANDARD = "standard"  # no amount is set
    HEADS = "heads"  # no accepted return to take children or classes from


def why_not_needed(
    need: str,
    amount: Decimal | None,
    *,
    surveyed: Decimal | None,
    counted: bool,
    children: int | None,
    classes: int | None,
) -> Lack | None:
    """What `needed` lacks; None where it has a value. `counted`: whether every site was counted."""
    if need == "surveyed":
        if surveyed is not None:
            return None
        return Lack.STANDARD if counted else Lack.COUNT
    if amount is None:
        return Lack.STANDARD
    base = {"per_class": classes, "per_child": children, "per_kindergarten": 1}[need]
    return Lack.HEADS if base is None else None


@dataclass(frozen=True)
class Supply:
    """One item in the three columns: 有没有 (present), 够不够 (enough), 差多少 (gap), and cost.

    `lack` says why `needed` is None.
    """

    present: Decimal | None
    needed: Decimal | None
    unit_cost: Decimal | None
    lack: Lack | None = None

    @property
    def enough(self) -> Enough:
        if self.present is None:
            return Enough.UNKNOWN
        if self.needed is None:
            return Enough.UNKNOWN if self.present else Enough.NONE
        if self.present >= self.needed:
            return Enough.ENOUGH
        return Enough.SHORT if self.present else Enough.NONE

    @property
    def has(self) -> bool | None:
        """有没有."""
        return None if self.present is None else self.present > 0

    @property
    def gap(self) -> Decimal | None:
        """差多少; zero when there is enough, None when it cannot be said."""
        if self.present is None or self.needed is None:
            return None
        return max(ZERO, self.needed - self.present)

    @property
    def cost(self) -> Decimal | None:
        """Yuan to make the gap good; None without a unit cost."""
        gap = self.gap
        if gap is None:
            return None
        if gap == 0:
            return ZERO
        return None if self.unit_cost is None else gap * self.unit_cost


@dataclass(frozen=True)
class SupplySum:
    """One item over many kindergartens. Sums are of those known; `unknown` says how many are not."""

    kindergartens: int
    unknown: int
    without: int
    short: int
    present: Decimal | None
    needed: Decimal | None
    gap: Decimal | None
    cost: Decimal | None
    # Of most of the unknown ones; None where those have a standard and were not counted.
    lack: Lack | None = None

    @property
    def counted(self) -> int:
        return self.kindergartens - self.unknown


def sum_supplies(supplies: Iterable[Supply]) -> SupplySum:
    """The county's line. Cost is None when something is short and has no unit cost."""
    found = list(supplies)
    known = [one for one in found if one.gap is not None]
    costs = [one.cost for one in known]
    return SupplySum(
        kindergartens=len(found),
        unknown=len(found) - len(known),
        without=sum(1 for one in known if one.gap and not one.present),
        short=sum(1 for one in known if one.gap),
        present=total(one.present for one in known),
        needed=total(one.needed for one in known),
        gap=total(one.gap for one in known),
        cost=total(costs),
        lack=_most(one.lack for one in found if one.gap is None),
    )


def _most(lacks: Iterable[Lack | None]) -> Lack | None:
    found = Counter(lacks).most_common(1)
    return found[0][0] if found else None
