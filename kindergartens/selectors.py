"""What the registry's pages show: kindergartens with today's status and their last returns."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.access.scope import NOTHING
from accounts.models import Region, User
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)

MONTHS_SHOWN = 12

# Kindergartens with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]

# Sort keys of the list, as they stand in the address.
SORTS: Mapping[str, str] = {
    "name": "name",
    "town": "current__town__code",
    "ownership": "current__ownership",
    "state": "current__operating_state",
    "children": "children",
    "filing": "filing_state",
}


@dataclass(frozen=True)
class RegistryFilter:
    """What a person asked the list for. Unknown values are dropped, never an error."""

    text: str = ""
    region: str = ""
    ownership: str = ""
    state: str = ""
    sort: str = "town"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> RegistryFilter:
        sort = query.get("sort", "")
        return cls(
            text=unicodedata.normalize("NFKC", query.get("q", "")).strip()[:60],
            region=query.get("region", "") if query.get("region", "").isdecimal() else "",
            ownership=_among(query.get("ownership", ""), KindergartenStatus.Ownership.values),
            state=_among(query.get("state", ""), KindergartenStatus.OperatingState.values),
            sort=sort if sort.removeprefix("-") in SORTS else "town",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.region or self.ownership or self.state)


def _among(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def kindergartens_on(user: User, day: dt.date) -> Rows:
    """Kindergartens the person sees, each with `current`, the status in force on a day.

    One without such a status has no `current` attribute.
    """
    in_force = Q(statuses__valid_from__lte=day) & (
        Q(statuses__valid_to__isnull=True) | Q(statuses__valid_to__gt=day)
    )
    rows: Rows = Kindergarten.objects.visible_to(user).annotate(
        current=FilteredRelation("statuses", condition=in_force)
    )
    return rows.select_related("current__town__county")


def newest_month(user: User, now: dt.datetime) -> dt.date | None:
    """The newest month for which returns have been opened in the person's area."""
    periods = ReportingPeriod.objects.visible_to(user).filter(opens_at__lte=now)
    return periods.aggregate(month=Max("month"))["month"]


def registry(user: User, asked: RegistryFilter, *, day: dt.date, month: dt.date | None) -> Rows:
    """Rows of the list: `children` and `children_month` of the last accepted return, and
    `filing_state` of the given month's return (None when it was not begun).
    """
    accepted = MonthlyFiling.objects.filter(
        kindergarten=OuterRef("pk"), state=MonthlyFiling.State.ACCEPTED
    ).order_by("-period__month")
    heads = (
        ClassCount.objects.filter(
            filing_version__filing=OuterRef("last_filing"),
            filing_version__version=F("filing_version__filing__version"),
        )
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version")
        .annotate(head_count=Sum(F("boys") + F("girls")))
        .values("head_count")
    )
    this_month = MonthlyFiling.objects.filter(
        Q(period__month=month) if month else NOTHING, kindergarten=OuterRef("pk")
    )
    rows = _narrowed(kindergartens_on(user, day), asked).annotate(
        last_filing=Subquery(accepted.values("pk")[:1]),
        children_month=Subquery(accepted.values("period__month")[:1]),
        children=Subquery(heads),
        filing_state=Subquery(this_month.values("state")[:1]),
    )
    column = F(SORTS[asked.sort.removeprefix("-")])
    first = (
        column.desc(nulls_last=True) if asked.sort.startswith("-") else column.asc(nulls_last=True)
    )
    return rows.order_by(first, "code")


def _narrowed(rows: Rows, asked: RegistryFilter) -> Rows:
    if asked.text:
        rows = rows.filter(Q(name__icontains=asked.text) | Q(code__startswith=asked.text))
    if asked.region:
        rows = rows.filter(
            Q(current__town__code=asked.region) | Q(current__town__county__code=asked.region)
        )
    if asked.ownership:
        rows = rows.filter(current__ownership=asked.ownership)
    if asked.state:
        rows = rows.filter(current__operating_state=asked.state)
    return rows


@dataclass(frozen=True)
class RegistryCounts:
    """Kindergartens by nature, among those running on the day; `stopped` are the others."""

    running: int
    public: int
    inclusive_private: int
    other_private: int
    stopped: int


def registry_counts(user: User, *, day: dt.date) -> RegistryCounts:
    ownership, running = KindergartenStatus.Ownership, Q(current__operating_state="operating")
    counts = kindergartens_on(user, day).aggregate(
        running=Count("pk", filter=running),
        public=Count("pk", filter=running & Q(current__ownership=ownership.PUBLIC)),
        inclusive_private=Count(
            "pk", filter=running & Q(current__ownership=ownership.INCLUSIVE_PRIVATE)
        ),
        other_private=Count(
            "pk", filter=running & Q(current__ownership=ownership.NON_INCLUSIVE_PRIVATE)
        ),
        every=Count("pk"),
    )
    every = counts.pop("every")
    return RegistryCounts(stopped=every - counts["running"], **counts)


def towns_with_kindergartens(user: User) -> list[Region]:
    """Towns to filter by, in the order of their codes, with `kindergartens` in each."""
    return list(
        Region.objects.filter(organisations__kindergarten__in=Kindergarten.objects.visible_to(user))
        .annotate(kindergartens=Count("organisations__kindergarten"))
        .select_related("county")
        .order_by("code")
    )


@dataclass(frozen=True)
class MonthOfReturn:
    """One month of a kindergarten: its return, if it owed or filed one, and what it counted.

    `children` and `nursery` are of the newest submitted version, None where there is none.
    """

    period: ReportingPeriod
    filing: MonthlyFiling | None
    submitted_at: dt.datetime | None
    children: int | None
    nursery: int | None
    state: str


def months_of(kindergarten: Kindergarten, *, now: dt.datetime) -> list[MonthOfReturn]:
    """The last twelve months, newest first, with the state of each return.

    A month without a return is "missing" after the lock, "unfiled" before it, and "not_owed" when
    the status on its statistical date asks for none.
    """
    county = kindergarten.organisation.region.county_id
    periods = list(ReportingPeriod.objects.filter(county=county, opens_at__lte=now)[:MONTHS_SHOWN])
    filings = {
        filing.period_id: filing
        for filing in MonthlyFiling.objects.filter(kindergarten=kindergarten, period__in=periods)
    }
    versions = {
        version.filing_id: version
        for version in FilingVersion.objects.filter(
            filing__in=filings.values(), version=F("filing__version")
        ).annotate(
            children=Sum(
                F("classes__boys") + F("classes__girls"),
                filter=~Q(classes__grade=ClassCount.Grade.NURSERY),
            ),
            nursery=Sum(
                F("classes__boys") + F("classes__girls"),
                filter=Q(classes__grade=ClassCount.Grade.NURSERY),
                default=0,
            ),
        )
    }
    owed = list(KindergartenStatus.objects.filter(kindergarten=kindergarten).expected_to_file())
    months = []
    for period in periods:
        filing = filings.get(period.pk)
        version = versions.get(filing.pk) if filing else None
        months.append(
            MonthOfReturn(
                period=period,
                filing=filing,
                submitted_at=version.submitted_at if version else None,
                children=version.children if version else None,
                nursery=version.nursery if version else None,
                state=_state_of(filing, period, owed, now),
            )
        )
    return months


def _state_of(
    filing: MonthlyFiling | None,
    period: ReportingPeriod,
    owed: list[KindergartenStatus],
    now: dt.datetime,
) -> str:
    if filing is not None and filing.state != MonthlyFiling.State.DRAFT:
        return filing.state
    day = period.reference_date
    if not any(s.valid_from <= day and (s.valid_to is None or s.valid_to > day) for s in owed):
        return "not_owed"
    if now >= period.locks_at:
        return "missing"
    return "unfiled" if filing is None else filing.state


def classes_last_accepted(kindergarten: Kindergarten) -> list[ClassCount]:
    """The classes of the newest accepted return, with their version; empty before the first."""
    last = (
        MonthlyFiling.objects.filter(kindergarten=kindergarten, state=MonthlyFiling.State.ACCEPTED)
        .order_by("-period__month")
        .values("pk")[:1]
    )
    return list(
        ClassCount.objects.filter(
            filing_version__filing=Subquery(last),
            filing_version__version=F("filing_version__filing__version"),
        ).select_related("filing_version__filing__period")
    )
