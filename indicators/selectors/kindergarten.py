"""One kindergarten's own figures, from one frozen return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.catalogue import INDICATORS, Indicator
from indicators.models import KindergartenFacts
from indicators.rules import Outlook, counts_of, kindergarten_sums, value_of
from indicators.selectors.figures import Judgement, judgements, leading, month_context

PAY = (
    "established_heads", "established_pay_yuan", "non_established_heads",
    "non_established_pay_yuan",
)  # fmt: skip
PAPERS = ("insurable_people", "insured_people", "trainable_people", "trained_people")


def kindergarten_counts(facts: KindergartenFacts) -> dict[str, int]:
    """What one kindergarten's frozen return adds to each named sum."""
    posts = (
        "principals",
        "full_time_teachers",
        "childcare_workers",
        "health_staff",
        "other_staff",
        "certified_principals_and_teachers",
    )
    return kindergarten_sums(
        counts_enrolment=facts.counts_enrolment,
        counts_public=facts.counts_public,
        counts_inclusive=facts.counts_inclusive,
        counts_staff=facts.counts_staff,
        enrolled_children=facts.enrolled_children,
        classes=facts.classes,
        compliant_classes=facts.compliant_classes,
        staff={post: getattr(facts, post) for post in posts},
        fully_staffed=facts.fully_staffed,
        pay={name: getattr(facts, name) for name in PAY},
        vacant_posts=facts.vacant_posts,
        unfilled_posts=facts.unfilled_posts,
        papers={name: getattr(facts, name) for name in PAPERS},
        funded_children=facts.funded_children,
        funded_yuan=facts.funded_yuan,
    )


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
    context = month_context(facts.county, facts.month, indicators)
    targets = context.targets_at("kindergarten")
    sums: dict[str, int | None] = dict(kindergarten_counts(facts))
    built = []
    for indicator in (INDICATORS[code].on(facts.month) for code in indicators):
        counts = counts_of(indicator, sums)
        found = judgements(indicator, counts, targets, Outlook())
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
