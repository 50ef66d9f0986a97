"""In which order shortfalls are shown: the least effort first.

Effort is how large a part of what is needed is still missing: 12 people short of 120 needed are a
tenth. Figures in children, people, classes, square metres and yuan are so set beside each other
without being added. Of equal parts the smaller amount comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from indicators.catalogue import Indicator, Kind
from indicators.rules import AT_LEAST, AT_MOST, Counts


@dataclass(frozen=True)
class Need:
    """What a target needs of what is counted (children, people, classes), and what is short of it."""

    needed: int
    short: int

    @property
    def effort(self) -> Fraction:
        """The missing part of what is needed; nothing at all there: 1."""
        return Fraction(self.short, self.needed) if self.needed else Fraction(1)

    @property
    def order(self) -> tuple[Fraction, int]:
        return self.effort, self.short


def need_of(indicator: Indicator, counts: Counts, gap: int) -> Need:
    """Of shares and amounts the numerator falls short, of children a person the people do.

    Of a count that should be low, too many are there: `gap` of all of them have to go.
    """
    operator = indicator.operator
    if indicator.kind is Kind.COUNT and operator == AT_MOST:
        return Need(counts.numerator or 0, gap)
    present = counts.numerator if operator == AT_LEAST else counts.denominator
    return Need((present or 0) + gap, gap)
