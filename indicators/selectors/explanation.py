"""What a figure is made of: the returns that add up to it, who is missing, why it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator
from indicators.models import KindergartenFacts, Publication, RegionFacts
from indicators.rules import Counts, counts_of, rate
from indicators.selectors.as_published import (
    figure_as_published,
    missing_as_published,
    people_as_published,
)
from indicators.selectors.comparison import (
    Against,
    ChangeReason,
    Comparison,
    compared,
    last_publication,
    month_compared,
)
from indicators.selectors.estimate import Estimate, estimate_of
from indicators.selectors.figures import Figure, figures
from indicators.selectors.progress import CHILD_COLUMN, OwedReturn, filing_progress
from indicators.selectors.region_sums import region_sums
from indicators.selectors.returns import (
    Returns,
    accepted_returns,
    counted,
    part_of,
    published_returns,
    summed,
)
from indicators.selectors.scope_notes import scope_note
from indicators.selectors.withholding import TOO_FEW, sums_are_told
from kindergartens.models import KindergartenStatus


@dataclass(frozen=True)
class Contribution:
    """What one accepted return adds. `denominator` is None where it is not made of returns."""

    kindergarten_id: int
    name: str
    is_example: bool
    ownership: str
    numerator: int | None  # None of pay, which is not told of a kindergarten (withholding)
    denominator: int | None
    # Of the numerator, to the figure compared with; of one as it was published, to today.
    change: int | None  # None if not counted there
    filing_id: int
    version: int
    accepted_at: dt.datetime


@dataclass
class ContributionGroup:
    """The returns of one region directly below the explained one, with their sums."""

    region: Region
    rows: list[Contribution] = field(default_factory=list)
    missing: list[OwedReturn] = field(default_factory=list)

    @property
    def numerator(self) -> int | None:
        return _sum(row.numerator for row in self.rows)

    @property
    def denominator(self) -> int | None:
        return _sum(row.denominator for row in self.rows)

    @property
    def change(self) -> int:
        return sum(row.change or 0 for row in self.rows)


def _sum(parts: Iterable[int | None]) -> int | None:
    """None where one of them is not told."""
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


@dataclass(frozen=True)
class Explanation:
    """One figure taken apart.

    `recomputing` says that the sums do not match because a return was accepted or replaced after
    the figure was computed: its recomputation is on the way. `publication` is the one as of which
    everything stands; `today` is then the figure as it is now. `published` is the newest one that
    tells this figure.
    """

    figure: Figure
    formula: str
    groups: list[ContributionGroup]
    missing: list[OwedReturn]
    counted: int
    numerator_sum: int | None
    denominator_sum: int | None
    sums_match: bool
    recomputing: bool
    against: Against
    comparison: Comparison | None
    scope_note: str
    population_date: dt.date | None
    registered_population: int | None
    registered_value: Decimal | None  # the gross rate on the registered base, to compare
    estimate: Estimate | None
    publication: Publication | None
    published: Publication | None
    today: Figure

    @property
    def rule_version(self) -> str:
        return self.figure.indicator.version

    @property
    def change_reasons(self) -> list[ChangeReason]:
        return self.comparison.reasons if self.comparison else []

    @property
    def before(self) -> Counts | None:
        """The counts from which the reasons start."""
        return self.comparison.before if self.comparison else None


def explanation(
    region: Region,
    indicator: str,
    month: dt.date,
    *,
    against: Against = Against.MONTH,
    publication: Publication | None = None,
) -> Explanation:
    """Everything behind one figure, in a constant number of queries.

    With a `publication` that tells the region's figures: everything as it was when it was
    published, and what changed since. KeyError names an unknown indicator, or one that the
    publication does not have.
    """
    (today,) = figures(region, month, [indicator])
    chosen = today.indicator
    row = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month=month).first()
    published = publication or last_publication(region, month)
    if publication is not None:
        against = Against.PUBLISHED
    earlier = month_compared(today, against, today.previous_month)
    accepted = accepted_returns(region, {month, earlier or month})
    progress = filing_progress(region, month)
    comparison = (
        compared(
            chosen, today, accepted, progress.rows, against=against, month=earlier,
            publication=published if earlier == month else last_publication(region, earlier),
        )
        # The steps of an average of pay would tell whose pay made them.
        if earlier and not chosen.of_averages
        else None
    )  # fmt: skip
    if publication is None:
        figure, missing, now = today, progress.rows, counted(accepted, month)
        beside = comparison.then if comparison else {}
    else:
        figure = figure_as_published(publication, region, chosen)
        missing = missing_as_published(publication, region)
        now = published_returns(accepted, publication)
        beside = counted(accepted, month)
    groups = _groups(chosen, region, now, beside, missing, since=publication is not None)
    sums = summed(chosen, now, None)
    denominator_sum = sums.denominator if chosen.denominator_of_returns else None
    tells_sums = sums_are_told(chosen, region.level) and figure.reason != TOO_FEW
    sums_match = _match(chosen, sums, figure, row if publication is None else None)
    people = _people(row) if publication is None else people_as_published(publication, region)
    registered, population_date = people if chosen.by_population else (None, None)
    return Explanation(
        figure=figure,
        formula=chosen.formula,
        groups=groups,
        missing=missing,
        counted=len(now),
        numerator_sum=(sums.numerator or 0) if tells_sums else None,
        denominator_sum=denominator_sum if tells_sums else None,
        sums_match=sums_match,
        recomputing=not sums_match
        and publication is None
        and _changed_since(region, month, figure.computed_at),
        against=against,
        comparison=comparison,
        # What a publication does not say of its scope, today's sums do not say for it.
        scope_note=scope_note(chosen, None if publication else row),
        population_date=population_date,
        registered_population=registered,
        registered_value=rate(figure.numerator, registered),
        estimate=None if publication else estimate_of(figure, missing),
        publication=publication,
        published=published,
        today=today,
    )


def _match(
    indicator: Indicator, sums: Counts, figure: Figure, row: RegionFacts | None
) -> bool:  # fmt: skip
    """Whether the returns add up to the figure; also where its sums are kept but not told."""
    if not indicator.of_returns:
        return True
    kept = Counts(figure.numerator, figure.denominator)
    if indicator.of_averages:
        # Of one as it was published, nobody can say any more where it was not told then.
        kept = counts_of(indicator, region_sums(row, indicator.sums)) if row else sums
    return (sums.numerator or 0) == (kept.numerator or 0) and (
        not indicator.denominator_of_returns or (sums.denominator or 0) == (kept.denominator or 0)
    )


def _people(row: RegionFacts | None) -> tuple[int | None, dt.date | None]:
    """How many are registered, and on which day residents and registered were counted."""
    return (row.registered_population_3_5, row.population_date) if row else (None, None)


def _changed_since(region: Region, month: dt.date, computed_at: dt.datetime | None) -> bool:
    """Whether a return of the month was accepted or replaced after its figures were computed."""
    facts = KindergartenFacts.objects.unscoped(REGION_CHECKED).in_region(region).filter(month=month)
    if computed_at is None:
        return facts.current().exists()
    newer = Q(accepted_at__gt=computed_at) | Q(superseded_at__gt=computed_at)
    return facts.filter(newer).exists()


def _groups(
    indicator: Indicator,
    region: Region,
    now: Returns,
    beside: Returns,
    missing: list[OwedReturn],
    *,
    since: bool,
) -> list[ContributionGroup]:
    """`beside` are the returns of the figure compared with; `since`: it is the later of the two."""
    column = CHILD_COLUMN[region.level]
    column = "town_id" if column == "id" else column
    children = {getattr(row, column) for row in now.values()} | {row.child_id for row in missing}
    groups = {
        child.pk: ContributionGroup(child)
        for child in Region.objects.filter(pk__in=children).order_by("code")
    }
    secret = indicator.of_averages
    for row in now.values():
        part = part_of(indicator, row)
        other = beside.get(row.kindergarten_id)
        moved = part.numerator - part_of(indicator, other).numerator if other else None
        groups[getattr(row, column)].rows.append(
            Contribution(
                kindergarten_id=row.kindergarten_id,
                name=row.kindergarten.name,
                is_example=row.kindergarten.is_example,
                ownership=KindergartenStatus.Ownership(row.ownership).label,
                numerator=None if secret else part.numerator,
                denominator=(
                    part.denominator if indicator.denominator_of_returns and not secret else None
                ),
                change=None if secret or moved is None else -moved if since else moved,
                filing_id=row.filing_version.filing_id,
                version=row.filing_version.version,
                accepted_at=row.accepted_at,
            )
        )
    for owed in missing:
        groups[owed.child_id].missing.append(owed)
    return list(groups.values())
