"""What a figure is made of: the returns that add up to it, who is missing, why it changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q

from accounts.access.scope import REGION_CHECKED
from accounts.models import Region
from indicators.catalogue import Indicator, Kind
from indicators.models import KindergartenFacts, RegionFacts
from indicators.rules import Counts, change, counts_of, rate, value_of
from indicators.selectors.figures import Figure, figures
from indicators.selectors.kindergarten import kindergarten_counts
from indicators.selectors.progress import CHILD_COLUMN, OwedReturn, filing_progress
from kindergartens.models import ClassCount, KindergartenStatus
from kindergartens.rules import CLASS_SIZE_LIMITS
from staffing.papers.rules import YEARLY_TRAINING_HOURS


@dataclass(frozen=True)
class Contribution:
    """What one accepted return adds. `denominator` is None where it is not made of returns."""

    kindergarten_id: int
    name: str
    is_example: bool
    ownership: str
    numerator: int
    denominator: int | None
    change: int | None  # of the numerator, to the month before; None if not counted then
    filing_id: int
    version: int
    accepted_at: dt.datetime
    # Of averages: so few people that their pay together would nearly tell what one has.
    withheld: bool = False


@dataclass
class ContributionGroup:
    """The returns of one region directly below the explained one, with their sums."""

    region: Region
    rows: list[Contribution] = field(default_factory=list)
    missing: list[OwedReturn] = field(default_factory=list)

    @property
    def numerator(self) -> int:
        return sum(row.numerator for row in self.rows)

    @property
    def denominator(self) -> int | None:
        parts = [row.denominator for row in self.rows]
        return None if None in parts else sum(part for part in parts if part is not None)

    @property
    def change(self) -> int:
        return sum(row.change or 0 for row in self.rows)


@dataclass(frozen=True)
class ChangeReason:
    """One step from last month's value to this month's. The steps' exact points add up."""

    label: str
    units: int  # change of the numerator
    below: int  # change of the denominator
    points: Decimal | None  # change of the value, in its own unit


@dataclass(frozen=True)
class Explanation:
    """One figure taken apart.

    `recomputing` says that the sums do not match because a return was accepted or replaced after
    the figure was computed: its recomputation is on the way.
    """

    figure: Figure
    formula: str
    groups: list[ContributionGroup]
    missing: list[OwedReturn]
    counted: int
    numerator_sum: int
    denominator_sum: int | None
    sums_match: bool
    recomputing: bool
    change_reasons: list[ChangeReason]
    before: Counts | None  # last month's counts, from which the reasons start
    scope_note: str
    population_date: dt.date | None
    registered_population: int | None
    registered_value: Decimal | None  # the gross rate on the registered base, to compare

    @property
    def rule_version(self) -> str:
        return self.figure.indicator.version


def explanation(region: Region, indicator: str, month: dt.date) -> Explanation:
    """Everything behind one figure, in a constant number of queries.

    KeyError names an unknown indicator.
    """
    (figure,) = figures(region, month, [indicator])
    chosen = figure.indicator
    row = RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region, month=month).first()
    now = _facts(region, month)
    before = _facts(region, figure.previous_month) if figure.previous_month else {}
    progress = filing_progress(region, month)
    groups = _groups(chosen, region, now, before, progress.rows)
    parts = [contribution for group in groups for contribution in group.rows]
    numerator_sum = sum(part.numerator for part in parts)
    denominator_sum = (
        sum(part.denominator or 0 for part in parts) if chosen.denominator_of_returns else None
    )
    sums_match = not chosen.of_returns or (
        numerator_sum == (figure.numerator or 0)
        and denominator_sum in (None, figure.denominator or 0)
    )
    registered = row.registered_population_3_5 if row and chosen.by_population else None
    reasons, earlier = _change_reasons(chosen, figure, now, before, progress.rows)
    return Explanation(
        figure=figure,
        formula=chosen.formula,
        groups=groups,
        missing=progress.rows,
        counted=len(parts),
        numerator_sum=numerator_sum,
        denominator_sum=denominator_sum,
        sums_match=sums_match,
        recomputing=not sums_match and _changed_since(region, month, figure.computed_at),
        change_reasons=reasons,
        before=earlier,
        scope_note=_scope_note(chosen, row),
        population_date=row.population_date if row and chosen.by_population else None,
        registered_population=registered,
        registered_value=rate(figure.numerator, registered),
    )


def _changed_since(region: Region, month: dt.date, computed_at: dt.datetime | None) -> bool:
    """Whether a return of the month was accepted or replaced after its figures were computed."""
    facts = KindergartenFacts.objects.unscoped(REGION_CHECKED).in_region(region).filter(month=month)
    if computed_at is None:
        return facts.current().exists()
    newer = Q(accepted_at__gt=computed_at) | Q(superseded_at__gt=computed_at)
    return facts.filter(newer).exists()


def _facts(region: Region, month: dt.date) -> dict[int, KindergartenFacts]:
    rows = (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .in_region(region)
        .current()
        .filter(month=month, counts_enrolment=True)
        .select_related("kindergarten", "filing_version")
        .order_by("kindergarten__code")
    )
    return {row.kindergarten_id: row for row in rows}


# What fewer people were paid together is told to those only who keep the register.
FEWEST_TOLD = 3


@dataclass(frozen=True)
class _Part:
    """What one return adds to a figure (0 where it does not add to it)."""

    numerator: int = 0
    denominator: int = 0
    numerator_heads: int = 0
    denominator_heads: int = 0

    @property
    def tells_of_few(self) -> bool:
        return any(
            0 < heads < FEWEST_TOLD for heads in (self.numerator_heads, self.denominator_heads)
        )

    def plus(self, other: _Part, sign: int = 1) -> _Part:
        return _Part(
            self.numerator + sign * other.numerator,
            self.denominator + sign * other.denominator,
            self.numerator_heads + sign * other.numerator_heads,
            self.denominator_heads + sign * other.denominator_heads,
        )

    def added_to(self, counts: Counts, *, of_averages: bool) -> Counts:
        return Counts(
            (counts.numerator or 0) + self.numerator,
            (counts.denominator or 0) + self.denominator,
            (counts.numerator_heads or 0) + self.numerator_heads
            if of_averages
            else counts.numerator_heads,
            (counts.denominator_heads or 0) + self.denominator_heads if of_averages else 1,
        )


def _part(indicator: Indicator, facts: KindergartenFacts) -> _Part:
    if not indicator.of_returns:
        return _Part()
    sums = kindergarten_counts(facts)
    return _Part(
        sum(sums[name] for name in indicator.numerator),
        sum(sums[n] for n in indicator.denominator) if indicator.denominator_of_returns else 0,
        sums[indicator.numerator_heads] if indicator.of_averages else 0,
        sums[indicator.denominator_heads] if indicator.of_averages else 0,
    )


def _groups(
    indicator: Indicator,
    region: Region,
    now: dict[int, KindergartenFacts],
    before: dict[int, KindergartenFacts],
    missing: list[OwedReturn],
) -> list[ContributionGroup]:
    column = CHILD_COLUMN[region.level]
    column = "town_id" if column == "id" else column
    children = {getattr(row, column) for row in now.values()} | {row.child_id for row in missing}
    groups = {
        child.pk: ContributionGroup(child)
        for child in Region.objects.filter(pk__in=children).order_by("code")
    }
    for row in now.values():
        part = _part(indicator, row)
        earlier = before.get(row.kindergarten_id)
        groups[getattr(row, column)].rows.append(
            Contribution(
                kindergarten_id=row.kindergarten_id,
                name=row.kindergarten.name,
                is_example=row.kindergarten.is_example,
                ownership=KindergartenStatus.Ownership(row.ownership).label,
                numerator=part.numerator,
                denominator=part.denominator if indicator.denominator_of_returns else None,
                change=part.numerator - _part(indicator, earlier).numerator if earlier else None,
                filing_id=row.filing_version.filing_id,
                version=row.filing_version.version,
                accepted_at=row.accepted_at,
                withheld=part.tells_of_few,
            )
        )
    for owed in missing:
        groups[owed.child_id].missing.append(owed)
    return list(groups.values())


def _change_reasons(
    indicator: Indicator,
    figure: Figure,
    now: dict[int, KindergartenFacts],
    before: dict[int, KindergartenFacts],
    missing: list[OwedReturn],
) -> tuple[list[ChangeReason], Counts | None]:
    """Steps from last month to this one: who came in, who changed, who dropped out, population.

    Answers with the counts of last month, from which the steps start.

    Each step's points are the value after it minus the value before it, unrounded, so the
    points of all steps add up to the whole change.
    """
    if figure.previous_month is None or figure.change is None:
        return [], None
    owing = {row.kindergarten_id for row in missing}
    gone = before.keys() - now.keys()
    both = now.keys() & before.keys()
    restated = {pk for pk in both if _flags(now[pk]) != _flags(before[pk])}
    # Who came in is added before who left is taken away: no step then divides by nothing.
    steps = [
        ("{n}所新计入", _difference(indicator, now.keys() - before.keys(), now, {})),
        ("{n}所人数增减", _difference(indicator, both - restated, now, before)),
        ("{n}所办园性质变更", _difference(indicator, restated, now, before)),
        ("{n}所尚未计入（上次人数）", _difference(indicator, gone & owing, {}, before)),
        ("{n}所转出、停办或撤销", _difference(indicator, gone - owing, {}, before)),
    ]
    earlier = RegionFacts.objects.unscoped(REGION_CHECKED).get(
        region=figure.region, month=figure.previous_month
    )
    start = counts = counts_of(indicator, _all_sums(indicator, earlier))
    reasons = []
    for label, (number, moved_by) in steps:
        if not number:
            continue
        after = moved_by.added_to(counts, of_averages=indicator.of_averages)
        reasons.append(
            ChangeReason(
                label.format(n=number),
                moved_by.numerator,
                moved_by.denominator,
                change(value_of(indicator, after), value_of(indicator, counts)),
            )
        )
        counts = after
    if indicator.by_population and counts.denominator != figure.denominator:
        after = Counts(counts.numerator, figure.denominator)
        label = f"{indicator.denominator_text}由{counts.denominator:,}变为{figure.denominator:,}"
        moved = (figure.denominator or 0) - (counts.denominator or 0)
        points = change(value_of(indicator, after), value_of(indicator, counts))
        reasons.append(ChangeReason(label, 0, moved, points))
    return reasons, start


def _all_sums(indicator: Indicator, facts: RegionFacts) -> dict[str, int | None]:
    return {name: getattr(facts, name) for name in indicator.sums}


def _flags(facts: KindergartenFacts) -> tuple[bool, bool, bool]:
    return facts.counts_public, facts.counts_inclusive, facts.counts_staff


def _difference(
    indicator: Indicator,
    chosen: set[int],
    now: dict[int, KindergartenFacts],
    before: dict[int, KindergartenFacts],
) -> tuple[int, _Part]:
    """How many kindergartens moved the figure, and by how much in each of its parts."""
    number, together = 0, _Part()
    for pk in chosen:
        is_now = _part(indicator, now[pk]) if pk in now else _Part()
        was = _part(indicator, before[pk]) if pk in before else _Part()
        number += is_now != was
        together = together.plus(is_now).plus(was, -1)
    return number, together


def _scope_note(indicator: Indicator, facts: RegionFacts | None) -> str:
    """Who is counted and who is not, in one or two sentences."""
    nursery = facts.nursery_children if facts else 0
    apart = f"不含托班{nursery:,}人，" if nursery else "不含托班，"
    if indicator.of_averages:
        recorded, public = (
            (facts.pay_recorded_kindergartens, facts.public_kindergartens) if facts else (0, 0)
        )
        return (
            f"{public:,}所公办园里{recorded:,}所登记了年工资，只计这些园，取统计时点以前最近一个登记的"
            "年度；合计相除，不是各园人均的平均。"
        )
    if indicator.code == "quota_kept_kindergarten_share":
        vacant, unfilled = (facts.vacant_posts, facts.unfilled_posts) if facts else (0, 0)
        return (
            f"统计时点名册在编的人对照核定编制：空编{vacant:,}名，其中{unfilled:,}名有编不补"
            "（空着，同时用编外专任教师顶岗）。没有登记编制或名册的公办园不判定。"
        )
    if indicator.kind is Kind.AMOUNT:
        public = indicator.code == "public_funding_per_child"
        scope = "public" if public else "inclusive"
        recorded = getattr(facts, f"{scope}_funded_kindergartens") if facts else 0
        return (
            f"{recorded:,}所{'公办园' if public else '普惠性民办园'}登记了统计时点上一年度的拨付，只计这些园；"
            "除以生均标准指定月份月报的幼儿数。只计生均经费，不计奖补等，角分舍去；合计相除，不是各园的平均。"
        )
    if indicator.code == "insured_staff_share":
        return (
            "统计时点名册在任、不是购买服务的人，养老、医疗、失业、工伤、生育保险和住房公积金都在缴的算参保；"
            "兼职的人各单位合起来算。一个人也没有登记参保的园不计入。"
        )
    if indicator.code == "trained_teacher_share":
        return (
            f"统计时点的上一个年度，从年初起一直在任的园长和专任教师，全年培训满{YEARLY_TRAINING_HOURS}学时的"
            "算覆盖。一个人也没有登记那年培训的园不计入。"
        )
    if indicator.kind is Kind.RATIO or indicator.code == "certified_share":
        return "只计教职工纳入统计的在册幼儿园；全区域合计相除，不是各园比值的平均。"
    if indicator.code == "compliant_class_share":
        limits = "、".join(
            f"{ClassCount.Grade(grade).label}{limit}人"
            for grade, limit in CLASS_SIZE_LIMITS.items()
        )
        return f"{limits}以内为达标；托班不计。"
    if indicator.code == "inclusive_kindergarten_share":
        return "按所数计算，与按在园幼儿计算的普惠率不同；目标只考核按幼儿计算的一项。"
    # Said of all enrolled children: for the shares that is the denominator, and the numerator
    # is a part of it.
    note = f"在园幼儿指在册幼儿园和附设幼儿班的全部在园幼儿，{apart}不含无证园。"
    if facts and facts.over_age_children:
        note += f"全部在园幼儿中6岁以上{facts.over_age_children:,}人。"
    return note
