"""What of people's pay is told, and where: never so little that it tells what one person has.

Averages of fewer than three people are not told at all. Sums and numbers of people are told of a
county alone: beside its own, the sums of all but one of its towns, or of all but one of its
kindergartens, would tell those of the one that was left out. Elsewhere the ratio stands alone.
Whoever keeps the register of pay reads each kindergarten's there (staffing.establishment).
"""

from __future__ import annotations

from dataclasses import replace

from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.rules import Counts

FEWEST_TOLD = 3
TOO_FEW = f"有一方不到{FEWEST_TOLD}人，列出来会显出个人的工资，不列。"


def tells_of_few(indicator: Indicator, counts: Counts) -> bool:
    """Whether an average is one of so few that it would nearly tell what one of them has."""
    if not indicator.of_averages:
        return False
    heads = (counts.numerator_heads, counts.denominator_heads)
    return any(people is not None and 0 < people < FEWEST_TOLD for people in heads)


def sums_are_told(indicator: Indicator, level: int) -> bool:
    """Whether a place of this level tells what its figure is divided of."""
    return not indicator.of_averages or level == Region.Level.COUNTY


def told(indicator: Indicator, counts: Counts) -> Counts:
    """The counts that may be judged and divided: nothing of an average of few."""
    if not tells_of_few(indicator, counts):
        return counts
    return replace(
        counts, numerator=None, denominator=None, numerator_heads=None, denominator_heads=None
    )
