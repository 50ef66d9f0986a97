"""What the free year comes to, by kindergarten and month: a few queries whatever the area."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import Region, User
from fees.free_year.rules import (
    Fee,
    Month,
    MonthsRule,
    Nothing,
    Standing,
    Unknown,
    Waiver,
    difference,
    waiver_of,
)
from fees.models import (
    Charge,
    FeeHours,
    FeeItem,
    FeeScope,
    FeeUnit,
    FreeYearStandard,
    ScheduledFee,
    SubsidyClaim,
)
from fees.models.claim import Figures
from kindergartens.models import (
    ClassCount,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)

Ownership = KindergartenStatus.Ownership
STANDINGS = {
    Ownership.PUBLIC.value: Standing.PUBLIC,
    Ownership.INCLUSIVE_PRIVATE.value: Standing.INCLUSIVE_PRIVATE,
    # In the register is who has been approved; places without a licence are another one.
    Ownership.NON_INCLUSIVE_PRIVATE.value: Standing.APPROVED_PRIVATE,
}
Grade = ClassCount.Grade
# By region: of a kindergarten only those of its own places are looked at.
Standards = Mapping[int, list[FreeYearStandard]]


@dataclass(frozen=True)
class FreeMonth:
    """One kindergarten and month: what is known, by which row of a place, and what it comes to.

    `filing` is the accepted return, None where there is none yet; `day` its statistical date.
    """

    kindergarten: Kindergarten
    town: Region
    day: dt.date
    filing: MonthlyFiling | None
    facts: Month
    standard: FreeYearStandard | None
    result: Waiver | Nothing | Unknown
    claim: SubsidyClaim | None = None
    # What the return says 大班 was asked a month, in yuan; None where it says nothing of them.
    asked: Decimal | None = None

    @property
    def over_asked(self) -> bool:
        """Whether parents of 大班 were asked more than is left after the waiver."""
        return (
            self.waiver is not None
            and self.asked is not None
            and self.asked > self.waiver.parents_pay
        )

    @property
    def month(self) -> dt.date:
        return self.facts.month

    @property
    def waiver(self) -> Waiver | None:
        return self.result if isinstance(self.result, Waiver) else None

    @property
    def computed(self) -> Decimal | None:
        """Yuan; 0 where it is known that nothing is waived, None where nobody can say."""
        if isinstance(self.result, Waiver):
            return self.result.amount
        return Decimal(0) if isinstance(self.result, Nothing) else None

    @property
    def difference(self) -> Decimal | None:
        """Yuan by which today's figures differ from what was approved, else claimed (多退少补)."""
        if self.claim is None:
            return None
        settled = self.claim.amount if self.claim.approved is None else self.claim.approved
        return difference(self.computed, settled)

    @property
    def figures(self) -> Figures | None:
        """What is computed now, with the version it rests on; None where nothing comes of it."""
        if self.waiver is None or self.filing is None or self.filing.accepted_version is None:
            return None
        return self.waiver.children, self.waiver.waived, self.filing.accepted_version

    @property
    def differs(self) -> bool:
        """Whether other figures hold now than those it was approved in sight of, else claimed with."""
        return self.claim is not None and self.figures != self.claim.rests_on


def months_of_region(user: User, region: Region, months: Collection[dt.date]) -> list[FreeMonth]:
    """Every kindergarten that owed or filed a return of these months, by town, code and month."""
    place = _within(region)
    return _read(
        months,
        periods=ReportingPeriod.objects.visible_to(user).filter(_counties(region)),
        filings=MonthlyFiling.objects.visible_to(user).filter(**{f"town{place}": region}),
        statuses=KindergartenStatus.objects.visible_to(user).filter(**{f"town{place}": region}),
        claims=SubsidyClaim.objects.visible_to(user).filter(**{f"town{place}": region}),
    )


def months_of_kindergarten(
    user: User, kindergarten: Kindergarten, months: Collection[dt.date]
) -> list[FreeMonth]:
    """The same of one kindergarten that was found to be theirs."""
    return _read(
        months,
        periods=ReportingPeriod.objects.visible_to(user),
        filings=MonthlyFiling.objects.visible_to(user).filter(kindergarten=kindergarten),
        statuses=KindergartenStatus.objects.visible_to(user).filter(kindergarten=kindergarten),
        claims=SubsidyClaim.objects.visible_to(user).filter(kindergarten=kindergarten),
    )


def classes_of(one: FreeMonth) -> list[tuple[ClassCount, int]]:
    """Classes of the return with children of the last year, and how many each has."""
    if one.filing is None or one.filing.accepted_version is None:
        return []
    rows = ClassCount.objects.unscoped("of a return in hand").filter(
        filing_version__filing=one.filing,
        filing_version__version=one.filing.accepted_version,
        grade__in=[Grade.LARGE, Grade.MIXED],
    )
    return [
        (row, row.children if row.grade == Grade.LARGE else row.age5 + row.age6) for row in rows
    ]


def _within(region: Region) -> str:
    """What leads from a town to the region of a page."""
    level = Region.Level(region.level)
    return "" if level == Region.Level.TOWN else f"__{level.name.lower()}"


def _counties(region: Region) -> Q:
    level = Region.Level(region.level)
    if level >= Region.Level.COUNTY:
        return Q(county=region.county_id or region.pk)
    return Q(**{f"county__{level.name.lower()}": region})


def _read(
    months: Collection[dt.date],
    *,
    periods: QuerySet[ReportingPeriod],
    filings: QuerySet[MonthlyFiling],
    statuses: QuerySet[KindergartenStatus],
    claims: QuerySet[SubsidyClaim],
) -> list[FreeMonth]:
    if not months:
        return []
    days: dict[int, list[ReportingPeriod]] = defaultdict(list)
    for period in periods.filter(month__in=months).order_by("month"):
        days[period.county_id].append(period)
    all_days = [period.reference_date for of_county in days.values() for period in of_county]
    if not all_days:
        return []
    # A row that holds on any of the days.
    touching = Q(valid_from__lte=max(all_days)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gt=min(all_days))
    )
    rows = statuses.filter(touching)
    accepted = _accepted(filings, months)
    lines = _lines(touching, rows)
    standards: dict[int, list[FreeYearStandard]] = defaultdict(list)
    for standard in FreeYearStandard.objects.filter(touching).select_related("region"):
        standards[standard.region_id].append(standard)
    found = []
    for status in rows.select_related("town__county", "town__city", "kindergarten"):
        for period in days.get(status.town.county_id or 0, ()):
            if not status.is_in_force(period.reference_date):
                continue
            filing = accepted.pop((status.kindergarten_id, period.month), None)
            if filing is not None or status.owes_return:
                found.append(_free_month(status, period, filing, lines, standards))
    # Accepted once, of a day for which the register now says nothing.
    found += [_without_status(filing) for filing in accepted.values()]
    standing = {
        (claim.kindergarten_id, claim.month): claim
        for claim in claims.filter(month__in=months)
        .exclude(step=SubsidyClaim.Step.WITHDRAWN)
        .select_related("filing_version", "computed_version")
    }
    found = [replace(one, claim=standing.get((one.kindergarten.pk, one.month))) for one in found]
    return sorted(found, key=lambda one: (one.town.code, one.kindergarten.code, one.month))


def _accepted(
    filings: QuerySet[MonthlyFiling], months: Collection[dt.date]
) -> dict[tuple[int, dt.date], MonthlyFiling]:
    """Returns the figures count, each with its children of the last year."""
    classes = (
        ClassCount.objects.unscoped("of returns in hand")
        .filter(
            filing_version__filing=OuterRef("pk"),
            filing_version__version=OuterRef("accepted_version"),
        )
        .order_by()
    )

    def children(grade: str, number: F) -> Coalesce:
        of_grade = classes.filter(grade=grade).values("filing_version").annotate(n=Sum(number))
        return Coalesce(Subquery(of_grade.values("n")), 0)

    asked = (
        Charge.objects.unscoped("of returns in hand")
        .filter(
            filing_version__filing=OuterRef("pk"),
            filing_version__version=OuterRef("accepted_version"),
            item=FeeItem.CARE_EDUCATION,
            scope=FeeScope.LARGE,
            unit=FeeUnit.MONTH,
            payers__gt=0,
        )
        .order_by("-amount")
        .values("amount")[:1]
    )
    rows = (
        filings.filter(month__in=months, accepted_version__isnull=False)
        .annotate(
            asked=Subquery(asked),
            large=children(Grade.LARGE, F("boys") + F("girls")),  # type: ignore[arg-type]
            mixed=children(Grade.MIXED, F("age5") + F("age6")),  # type: ignore[arg-type]
        )
        .select_related("kindergarten", "period", "town__county", "town__city")
    )
    return {(one.kindergarten_id, one.month): one for one in rows}


def _lines(touching: Q, statuses: QuerySet[KindergartenStatus]) -> Mapping[int, list[ScheduledFee]]:
    """Lines of care and education, by kindergarten."""
    found: dict[int, list[ScheduledFee]] = defaultdict(list)
    rows = (
        ScheduledFee.objects.unscoped("of kindergartens in hand")
        .standing()
        .filter(touching, item=FeeItem.CARE_EDUCATION)
        .filter(kindergarten__in=statuses.order_by().values("kindergarten"))
    )
    for line in rows:
        found[line.kindergarten_id].append(line)
    return found


def _free_month(
    status: KindergartenStatus,
    period: ReportingPeriod,
    filing: MonthlyFiling | None,
    lines: Mapping[int, list[ScheduledFee]],
    standards: Standards,
) -> FreeMonth:
    day = period.reference_date
    standard = nearest(standards, status.town, day, half_day=status.half_day)
    facts = Month(
        month=period.month,
        standing=standing_of(status),
        half_day=status.half_day,
        large=None if filing is None else filing.large,  # type: ignore[attr-defined]
        mixed=None if filing is None else filing.mixed,  # type: ignore[attr-defined]
        standard=None if standard is None else standard.yuan_per_month,
        months_rule=None if standard is None else MonthsRule(standard.months_rule),
        fees=tuple(
            Fee(
                line.scope, line.hours, line.unit, line.amount, line.before_waiver,
                line.entrants, line.valid_from,
            )
            for line in lines.get(status.kindergarten_id, ())
            if _is_on(line, day)
        ),
    )  # fmt: skip
    return FreeMonth(
        status.kindergarten,
        status.town,
        day,
        filing,
        facts,
        standard,
        waiver_of(facts),
        asked=None if filing is None else filing.asked,  # type: ignore[attr-defined]
    )


def _without_status(filing: MonthlyFiling) -> FreeMonth:
    facts = Month(
        filing.month, None, half_day=False, large=filing.large, mixed=filing.mixed,  # type: ignore[attr-defined]
        standard=None, months_rule=None,
    )  # fmt: skip
    return FreeMonth(
        filing.kindergarten, filing.town, filing.period.reference_date, filing, facts, None,
        waiver_of(facts),
    )  # fmt: skip


def standing_of(status: KindergartenStatus) -> Standing:
    """One that is not running, or is no kindergarten (托幼点), has no claim."""
    return STANDINGS[status.ownership] if status.owes_return else Standing.UNAPPROVED


def nearest(
    standards: Standards, town: Region, day: dt.date, *, half_day: bool
) -> FreeYearStandard | None:
    """The row that holds: of the nearest place that has one, for its hours before one for any."""
    own = FeeHours.HALF_DAY if half_day else FeeHours.FULL_DAY
    for place in (town.county_id, town.city_id, town.province_id):
        fitting = [
            row
            for row in (standards.get(place, ()) if place else ())
            if row.hours in {own, FeeHours.ANY} and _is_on(row, day)
        ]
        if fitting:
            return max(fitting, key=lambda row: row.hours == own)
    return None


def _is_on(row: ScheduledFee | FreeYearStandard, day: dt.date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or row.valid_to > day)
