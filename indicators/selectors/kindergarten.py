"""One kindergarten's own figures, from one frozen return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Region
from indicators.catalogue import INDICATORS, Indicator
from indicators.kindergarten_sums import kindergarten_sums
from indicators.models import KindergartenFacts, Target
from indicators.rules import Outlook, counts_of, value_of
from indicators.selectors.cuts import told_apart
from indicators.selectors.judging import Judgement, judgements, leading, month_context
from indicators.sums import SUMS


def kindergarten_counts(facts: KindergartenFacts) -> dict[str, int]:
    """What one kindergarten's frozen return adds to each named sum."""
    return kindergarten_sums(facts.__dict__)


def outlook_of_one(indicator: Indicator, sums: Mapping[str, int | None]) -> Outlook:
    """What nobody can say of it yet could still be found to be met; it files no second return."""
    return Outlook(sum(sums[name] or 0 for name in indicator.undecided))


@dataclass(frozen=True)
class KindergartenFigure:
    """One indicator of one kindergarten's frozen return."""

    indicator: Indicator
    numerator: int | None
    denominator: int | None
    value: Decimal | None
    verdicts: list[Judgement]
    leading: Judgement | None


def kindergarten_figures(
    facts: KindergartenFacts, indicators: Sequence[str]
) -> list[KindergartenFigure]:
    """A kindergarten's own figures against the targets that judge each kindergarten.

    Of indicators that are made of returns only.
    """
    return figures_of_each(facts.county, facts.month, [facts], indicators)[0]


def figures_of_each(
    county: Region, month: dt.date, rows: Iterable[KindergartenFacts], indicators: Sequence[str]
) -> list[list[KindergartenFigure]]:
    """The same of many kindergartens of a county, in their order; three queries for all of them."""
    context = month_context(county, month, indicators)
    wanted = [INDICATORS[code].on(month) for code in indicators]
    targets = context.targets_at("kindergarten")
    judging = {i.code: [t for t in targets if t.indicator == i.code] for i in wanted}
    return [_figures(facts, wanted, judging) for facts in rows]


def _figures(
    facts: KindergartenFacts, wanted: Sequence[Indicator], judging: Mapping[str, list[Target]]
) -> list[KindergartenFigure]:
    sums: dict[str, int | None] = dict(kindergarten_counts(facts))
    built = []
    for indicator in wanted:
        counts = counts_of(indicator, sums)
        found = judgements(
            indicator, counts, judging[indicator.code], outlook_of_one(indicator, sums)
        )
        built.append(
            KindergartenFigure(
                indicator,
                counts.numerator,
                counts.denominator if indicator.denominator else None,
                value_of(indicator, counts),
                found,
                leading(found),
            )
        )
    return built


# What a kindergarten is as a whole: a share of these is all or nothing of a single one.
OF_STATUS = frozenset(
    {"ownership", "sponsor_type", "counts_public", "counts_inclusive", "level", "urban_rural"}
)


def says_of_one(indicator: Indicator) -> bool:
    """Whether an indicator says anything of a single kindergarten: made of what it files, and no
    share of what it is. Averages of pay would be those of the few who work there.
    """
    if not set(indicator.sums) <= SUMS.keys() or not indicator.denominator or indicator.of_averages:
        return False
    return not (told_apart(indicator.numerator) ^ told_apart(indicator.denominator)) & OF_STATUS
