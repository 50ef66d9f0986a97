"""Rates, ratios and verdicts on plain values (三率三比).

Counts are ints, rates Decimal; a missing value is None and never 0. Comparisons are exact
(fractions), so rounding never decides a verdict. Formulas and worked tables: docs/indicators.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from accounts.rounding import half_up
from indicators.catalogue import Direction, Indicator, Kind

AT_LEAST = ">="
AT_MOST = "<="
# 临界: met, with less than one percentage point to spare.
NEAR_MARGIN = Decimal("0.01")


class Verdict(StrEnum):
    """判定. The values are the codes under which accounts.statuses words and draws them."""

    MET = "met"  # 达标
    NEAR = "near"  # 临界: met, margin under one point
    PENDING = "pending"  # 待报齐: short, but kindergartens not yet counted could fill the gap
    UNMET = "unmet"  # 未达标
    UNAVAILABLE = "unavailable"  # 无法计算


# Worst first: the verdict that leads where several targets apply.
SEVERITY = (Verdict.UNMET, Verdict.PENDING, Verdict.UNAVAILABLE, Verdict.NEAR, Verdict.MET)


@dataclass(frozen=True)
class Counts:
    """Numerator and denominator of one figure; None where a count is missing.

    Of a count the denominator is 1. Of two averages, each side with the people it is divided by;
    of everything else these are 1, or how many parts make a unit of the numerator (dm² of a m²).
    `is_more`: the numerator is what is known, and there is more of it.
    """

    numerator: int | None
    denominator: int | None
    numerator_heads: int | None = 1
    denominator_heads: int | None = 1
    is_more: bool = False

    def crossed(self) -> tuple[int | None, int | None]:
        """The same quotient as one fraction of whole numbers; None where a part is missing, or an
        average is of nobody.
        """
        if self.numerator_heads == self.denominator_heads == 1:
            return self.numerator, self.denominator
        if not self.numerator_heads or not self.denominator_heads:
            return None, None
        return (
            None if self.numerator is None else self.numerator * self.denominator_heads,
            None if self.denominator is None else self.denominator * self.numerator_heads,
        )


@dataclass(frozen=True)
class Outlook:
    """What kindergartens not counted yet could add: their last counts, and how many have none."""

    numerator: int = 0
    denominator: int = 0
    unknown_kindergartens: int = 0
    numerator_heads: int = 0
    denominator_heads: int = 0


@dataclass(frozen=True)
class Ruling:
    """One figure against one target.

    `gap` is how many children (shares), kindergartens, classes or people are missing to the
    target, above 0, or None; `surplus` how many there are beyond it, or None. `close` says that
    the figure as printed reads differently from the verdict, e.g. 85.00 and not met.
    """

    verdict: Verdict
    gap: int | None = None
    surplus: int | None = None
    close: bool = False


def rate(numerator: int | None, denominator: int | None) -> Decimal | None:
    """Numerator ÷ denominator to 28 digits, unrounded for every use; None if not computable."""
    if numerator is None or not denominator:
        return None
    return Decimal(numerator) / Decimal(denominator)


def value_of(indicator: Indicator, counts: Counts) -> Decimal | None:
    """The figure itself. Children per person without children is not computable, not 0."""
    if indicator.kind is Kind.COUNT:
        return rate(counts.numerator, indicator.parts)
    if indicator.kind is Kind.RATIO and counts.numerator == 0:
        return None
    return rate(*counts.crossed())


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Difference of two unrounded rates (百分点 when multiplied by 100); None if one is missing."""
    return None if now is None or before is None else now - before


def displayed(value: Decimal, kind: Kind, places: int = 2) -> Decimal:
    """A figure as people read it, rounded half-up: shares in percent, counts whole, others plain."""
    shown = value * 100 if kind is Kind.SHARE else value
    return half_up(shown, 0 if kind is Kind.COUNT else places)


def meets(counts: Counts, operator: str, target: Decimal) -> bool | None:
    """Whether numerator ÷ denominator reaches the target, exactly; None if not computable.

    A ratio with people missing altogether (children but no staff) is not met.
    """
    numerator, denominator = counts.crossed()
    if numerator is None or denominator is None:
        return None
    if denominator == 0:
        return False if operator == AT_MOST and numerator > 0 else None
    if operator == AT_MOST and numerator == 0:
        return None
    value = Fraction(numerator, denominator)
    return value >= Fraction(target) if operator == AT_LEAST else value <= Fraction(target)


def distance(counts: Counts, operator: str, target: Decimal) -> int | None:
    """How many units beyond (above 0) or short of (below 0) the target.

    At least t (shares): numerator − ceil(t × denominator), the denominator held fixed, e.g.
    children who would have to be in public instead of other kindergartens. At most n children a
    person (ratios): people − ceil(children ÷ n). Of averages in units of the numerator: what all
    of its people together have beyond, or lack. None if not computable.
    """
    if None in counts.crossed() or counts.numerator is None or counts.denominator is None:
        return None
    wanted = Fraction(target)
    if operator == AT_LEAST:
        apiece = Fraction(counts.numerator_heads or 1, counts.denominator_heads or 1)
        return counts.numerator - math.ceil(wanted * counts.denominator * apiece)
    return counts.denominator - math.ceil(Fraction(counts.numerator) / wanted)


def judge(
    indicator: Indicator,
    counts: Counts,
    operator: str,
    target: Decimal,
    outlook: Outlook = Outlook(),
) -> Ruling:
    """One of the five verdicts, with what is missing or to spare.

    Raises ValueError for an operator that does not fit the indicator's direction.
    """
    if operator != indicator.operator:
        raise ValueError(f"{indicator.code}只与{indicator.operator}比较，不能用{operator}。")
    if indicator.kind is Kind.COUNT:
        return _judge_count(indicator, counts, target, outlook)
    met = meets(counts, operator, target)
    if met is None:
        return Ruling(Verdict.UNAVAILABLE)
    units = distance(counts, operator, target)
    close = _reads_differently(indicator, counts, operator, target, met)
    if met:
        near = _margin_is_small(indicator, counts, target)
        return Ruling(Verdict.NEAR if near else Verdict.MET, surplus=units, close=close)
    gap = None if units is None else -units
    if outlook.unknown_kindergartens or _filled(counts, operator, target, outlook):
        return Ruling(Verdict.PENDING, gap=gap, close=close)
    return Ruling(Verdict.UNMET, gap=gap, close=close)


def _judge_count(indicator: Indicator, counts: Counts, target: Decimal, outlook: Outlook) -> Ruling:
    """A whole number against a target: nothing is divided, so 0 can be met, and nothing is near."""
    if counts.numerator is None:
        return Ruling(Verdict.UNAVAILABLE)
    at_least = indicator.direction is Direction.AT_LEAST
    wanted = Fraction(target) * indicator.parts
    line = math.ceil(wanted) if at_least else math.floor(wanted)
    units = counts.numerator - line if at_least else line - counts.numerator
    if units >= 0 and counts.is_more and not at_least:
        # How much more nobody knows: it may be too much.
        return Ruling(Verdict.UNAVAILABLE)
    if units >= 0:
        return Ruling(Verdict.MET, surplus=units)
    # Kindergartens not counted yet only ever add: they fill what is short, never what is too many.
    fills = outlook.unknown_kindergartens or units + outlook.numerator >= 0
    return Ruling(Verdict.PENDING if at_least and fills else Verdict.UNMET, gap=-units)


def _filled(counts: Counts, operator: str, target: Decimal, outlook: Outlook) -> bool:
    together = Counts(
        (counts.numerator or 0) + outlook.numerator,
        (counts.denominator or 0) + outlook.denominator,
        (counts.numerator_heads or 0) + outlook.numerator_heads,
        (counts.denominator_heads or 0) + outlook.denominator_heads,
    )
    return bool(meets(together, operator, target))


def _margin_is_small(indicator: Indicator, counts: Counts, target: Decimal) -> bool:
    """Under one point to spare. Where 100 % is the most, targets above 99 % leave no such room."""
    if indicator.kind is not Kind.SHARE:
        return False
    if indicator.at_most_whole and target + NEAR_MARGIN > 1:
        return False
    return not meets(counts, AT_LEAST, target + NEAR_MARGIN)


def _reads_differently(
    indicator: Indicator, counts: Counts, operator: str, target: Decimal, met: bool
) -> bool:
    value = rate(*counts.crossed())
    if value is None:
        return False
    shown, line = displayed(value, indicator.kind), displayed(target, indicator.kind)
    return (shown >= line if operator == AT_LEAST else shown <= line) != met


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The verdict that leads; None where nothing is judged."""
    return min(verdicts, key=SEVERITY.index, default=None)


def counts_of(indicator: Indicator, sums: Mapping[str, int | None]) -> Counts:
    """An indicator's numerator and denominator from named sums; None if one part is missing."""
    if indicator.kind is Kind.COUNT:
        untold = indicator.told_by and not sums[indicator.told_by]
        return Counts(
            None if untold else _total(indicator.numerator, sums),
            1,
            indicator.parts,
            is_more=bool(indicator.uncounted and sums[indicator.uncounted]),
        )
    counts = Counts(_total(indicator.numerator, sums), _total(indicator.denominator, sums))
    if not indicator.of_averages:
        return replace(counts, numerator_heads=indicator.parts)
    return replace(
        counts,
        numerator_heads=sums[indicator.numerator_heads],
        denominator_heads=sums[indicator.denominator_heads],
    )


def _total(names: tuple[str, ...], sums: Mapping[str, int | None]) -> int | None:
    total = 0
    for name in names:
        part = sums[name]
        if part is None:
            return None
        total += part
    return total
