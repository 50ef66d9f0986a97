"""What is read off the stored sums of a region: named sums, a value, what could still be added."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from indicators.catalogue import INDICATORS, Indicator
from indicators.models import RegionFacts
from indicators.rules import Outlook, counts_of, value_of
from indicators.selectors.withholding import told

RULES = [rule for indicator in INDICATORS.values() for rule in indicator.rules]
SUM_NAMES = {name for rule in RULES for name in rule.sums}
POPULATION_SUMS = {"resident_population_3_5", "registered_population_3_5"}
# Known of a place whether or not a return of its kindergartens is counted.
OF_THE_PLACE = POPULATION_SUMS | {
    name for rule in RULES if not rule.of_returns for name in rule.sums
}


def region_sums(facts: RegionFacts, names: Iterable[str] | None = None) -> dict[str, int | None]:
    """Named sums of a region (None: all); those of returns are missing while no kindergarten is
    counted.
    """
    nothing_counted = facts.kindergartens == 0
    return {
        name: None if nothing_counted and name not in OF_THE_PLACE else getattr(facts, name)
        for name in (SUM_NAMES if names is None else names)
    }


def value_in(indicator: Indicator, facts: RegionFacts) -> Decimal | None:
    """A month's value by the rule of that month."""
    rule = indicator.on(facts.month)
    return value_of(rule, told(rule, counts_of(rule, region_sums(facts, rule.sums))))


def outlook(indicator: Indicator, facts: RegionFacts) -> Outlook:
    """What the kindergartens not counted yet could add to this indicator."""
    if indicator.denominator == ("expected",):
        # A return that has not come can still come.
        return Outlook(facts.expected - facts.filed)
    if not indicator.of_returns:
        return Outlook()

    def pending(names: tuple[str, ...]) -> int:
        return sum(getattr(facts, f"pending_{n}") for n in names if n not in POPULATION_SUMS)

    of_averages = indicator.of_averages
    return Outlook(
        numerator=pending((*indicator.numerator, *indicator.undecided))
        + sum(getattr(facts, name) for name in indicator.undecided),
        denominator=pending(indicator.denominator),
        unknown_kindergartens=max(0, facts.expected - facts.accepted - facts.pending_kindergartens),
        numerator_heads=pending((indicator.numerator_heads,)) if of_averages else 0,
        denominator_heads=pending((indicator.denominator_heads,)) if of_averages else 0,
    )
