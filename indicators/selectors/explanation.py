"""What a figure is made of: the returns that add up to it, who is missing, why it changed."""

from __future__ import annotations

import datetime as dt
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
    parts_of,
    published_returns,
    summed,
)
from indicators.selectors.scope_notes import scope_note
from indicators.selectors.withholding import TOO_FEW, sums_are_told
from kindergartens.models import FilingVersion, Kindergarten, KindergartenStatus


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
    """The returns of one region directly below the explained one, with their sums.

    `change` is the numerator's, of those that the figure compared with counts as well. `rows` is
    empty where only sums were asked for.
    """

    region: Region
    counted: int = 0
    numerator: int | None = None  # None of pay (withholding)
    denominator: int | None = None
    change: int = 0
    rows: list[Contribution] = field(default_factory=list)
    missing: list[OwedReturn] = field(default_factory=list)


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
    listed: bool  # whether groups have their rows
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
    rows_up_to: int | None = None,
) -> Explanation:
    """Everything behind one figure, in a constant number of queries.

    Of more returns than `rows_up_to`, counted and missing together, groups have no rows.

    With a `publication` that tells the region's figures: everything as it was when it was
    published, and what changed since. KeyError names an unknown indicator, or one that the
    publication does not have.
    """
    (today,) = figures(region, month, [indicator])
    chosen = today.indicator
    published = publication or last_publication(region, month)
    if publication is not None:
        against = Against.PUBLISHED
    earlier = month_compared(today, against, today.previous_month)
    months = {month, earlier or month}
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month__in=months)
    sums_of = {one.month: one for one in facts}
    row = sums_of.get(month)
    accepted = accepted_returns(chosen, region, months)
    progress = filing_progress(region, month)
    comparison = (
        compared(
            chosen, today, accepted, progress.rows, against=against, month=earlier,
            facts=sums_of.get(earlier),
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
    listed = rows_up_to is None or len(now) + len(missing) <= rows_up_to
    groups = _groups(
        chosen, region, now, beside, missing, since=publication is not None, listed=listed
    )
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
        listed=listed,
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
    listed: bool,
) -> list[ContributionGroup]:
    """`beside` are the returns of the figure compared with; `since`: it is the later of the two."""
    column = CHILD_COLUMN[region.level]
    column = "town_id" if column == "id" else column
    children = {row[column] for row in now.values()} | {row.child_id for row in missing}
    told = not indicator.of_averages
    of_returns = told and indicator.denominator_of_returns
    groups = {
        child.pk: ContributionGroup(
            child, numerator=0 if told else None, denominator=0 if of_returns else None
        )
        for child in Region.objects.filter(pk__in=children).order_by("code")
    }
    part_of = parts_of(indicator)
    names = _names(now) if listed else {}
    for pk in names or now:
        row, group = now[pk], groups[now[pk][column]]
        part, other = part_of(row), beside.get(pk)
        change = part.numerator - part_of(other).numerator if other and told else None
        if change is not None and since:
            change = -change
        group.counted += 1
        group.change += change or 0
        if group.numerator is not None:
            group.numerator += part.numerator
        if group.denominator is not None:
            group.denominator += part.denominator
        if listed:
            kindergarten, version = names[pk]
            group.rows.append(
                Contribution(
                    kindergarten_id=pk,
                    name=kindergarten.name,
                    is_example=kindergarten.is_example,
                    ownership=KindergartenStatus.Ownership(row["ownership"]).label,
                    numerator=part.numerator if told else None,
                    denominator=part.denominator if of_returns else None,
                    change=change,
                    filing_id=version.filing_id,
                    version=version.version,
                    accepted_at=row["accepted_at"],
                )
            )
    for owed in missing:
        groups[owed.child_id].missing.append(owed)
    return list(groups.values())


def _names(returns: Returns) -> dict[int, tuple[Kindergarten, FilingVersion]]:
    """Whose each return is and which version of it, by the kindergartens' codes."""
    versions = (
        FilingVersion.objects.unscoped(REGION_CHECKED)
        .filter(pk__in=[row["filing_version_id"] for row in returns.values()])
        .select_related("filing__kindergarten")
        .order_by("filing__kindergarten__code")
    )
    return {one.filing.kindergarten_id: (one.filing.kindergarten, one) for one in versions}
