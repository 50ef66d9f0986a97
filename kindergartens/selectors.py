"""What the registry's pages show: kindergartens with today's status and their last returns."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access.scope import NOTHING, home_region
from accounts.history.tracking import TRACKED
from accounts.models import Membership, Region, User
from accounts.typed_text import clean
from kindergartens.groups.selectors import groups_seen, in_group
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)

MONTHS_SHOWN = 12
# A return that counts while a correction of it is under way; a state to show, not to store.
REOPENED = "reopened"

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
    group: str = ""
    sort: str = "town"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> RegistryFilter:
        sort = query.get("sort", "")
        return cls(
            text=unicodedata.normalize("NFKC", clean(query.get("q", "")))[:60],
            region=query.get("region", "") if query.get("region", "").isdecimal() else "",
            ownership=_among(query.get("ownership", ""), KindergartenStatus.Ownership.values),
            state=_among(query.get("state", ""), KindergartenStatus.OperatingState.values),
            group=_number(query.get("group", "")),
            sort=sort if sort.removeprefix("-") in SORTS else "town",
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.region or self.ownership or self.state or self.group)


def _number(text: str) -> str:
    """A key of at most ten ASCII digits; anything else is dropped."""
    return text if text.isascii() and text.isdecimal() and len(text) <= 10 else ""


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
    """Rows of the list: `children` and `children_month` of the last return that counts, and
    `filing_state` of the given month's return (None when it was not begun).

    A return sent back for a correction goes on counting, and its state is "reopened" until the
    correction is submitted. Returns filed in another county are that county's to read.
    """
    returns = MonthlyFiling.objects.visible_to(user).filter(kindergarten=OuterRef("pk"))
    accepted = returns.filter(accepted_version__isnull=False).order_by("-month")
    heads = (
        ClassCount.objects.filter(
            filing_version__filing=OuterRef("last_filing"),
            filing_version__version=F("filing_version__filing__accepted_version"),
        )
        .exclude(grade=ClassCount.Grade.NURSERY)
        .order_by()
        .values("filing_version")
        .annotate(head_count=Sum(F("boys") + F("girls")))
        .values("head_count")
    )
    state = MonthlyFiling.State
    this_month = returns.filter(Q(month=month) if month else NOTHING).annotate(
        shown_state=Case(
            When(
                accepted_version__isnull=False,
                state__in=[state.DRAFT, state.RETURNED],
                then=Value(REOPENED),
            ),
            default=F("state"),
        )
    )
    rows = _narrowed(user, kindergartens_on(user, day), asked, day).annotate(
        last_filing=Subquery(accepted.values("pk")[:1]),
        children_month=Subquery(accepted.values("month")[:1]),
        children=Subquery(heads),
        filing_state=Subquery(this_month.values("shown_state")[:1]),
    )
    column = F(SORTS[asked.sort.removeprefix("-")])
    first = (
        column.desc(nulls_last=True) if asked.sort.startswith("-") else column.asc(nulls_last=True)
    )
    return rows.order_by(first, "code")


def _narrowed(user: User, rows: Rows, asked: RegistryFilter, day: dt.date) -> Rows:
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
    if asked.group:
        group = groups_seen(user, day).filter(pk=asked.group).first()
        if group is not None:
            rows = rows.filter(in_group(group, day, town="current__town"))
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

    `children` and `nursery` are of the version that counts, else of the newest submitted one;
    None where there is none. `elsewhere` names where the kindergarten was when that month's return
    is not the person's to read.
    """

    period: ReportingPeriod
    filing: MonthlyFiling | None
    submitted_at: dt.datetime | None
    children: int | None
    nursery: int | None
    state: str
    elsewhere: Region | None


def months_of(user: User, kindergarten: Kindergarten, *, now: dt.datetime) -> list[MonthOfReturn]:
    """The last twelve months, newest first, with the state of each return the person may read.

    The period is that of the county the kindergarten was in on the statistical date. A month
    without a return is "missing" after the lock, "unfiled" before it, and "not_owed" when the
    status on its statistical date asks for none.
    """
    statuses = list(kindergarten.statuses.select_related("town"))
    filings = {
        filing.month: filing
        for filing in MonthlyFiling.objects.visible_to(user)
        .filter(kindergarten=kindergarten)
        .select_related("period")
        .order_by("-month")[:MONTHS_SHOWN]
    }
    versions = {version.filing_id: version for version in _versions_shown(filings.values())}
    region = kindergarten.organisation.region
    months = []
    for period, status in _periods_of(region.county_id or region.pk, statuses, filings, now):
        filing = filings.get(period.month)
        version = versions.get(filing.pk) if filing else None
        months.append(
            MonthOfReturn(
                period=period,
                filing=filing,
                submitted_at=version.submitted_at if version else None,
                children=version.children if version else None,
                nursery=version.nursery if version else None,
                state=_state_of(filing, period, status, now),
                elsewhere=None if filing else _elsewhere(user, kindergarten, period, status),
            )
        )
    return months


def _elsewhere(
    user: User,
    kindergarten: Kindergarten,
    period: ReportingPeriod,
    status: KindergartenStatus | None,
) -> Region | None:
    """The town, or other county, the kindergarten was in; None where the person looks after it.

    A director reads the own returns wherever they went.
    """
    home = home_region(user)
    own = user.acting is not None and user.acting.organisation_id == kindergarten.organisation_id
    if own or home is None or status is None or home.contains(status.town):
        return None
    return status.town if home.county_id == period.county_id else period.county


def _periods_of(
    county: int,
    statuses: Sequence[KindergartenStatus],
    filings: Mapping[dt.date, MonthlyFiling],
    now: dt.datetime,
) -> list[tuple[ReportingPeriod, KindergartenStatus | None]]:
    """One period a month: where a return was filed, else of the county of the date's status.

    Months without a status are those of `county`, today's.
    """
    counties = {status.town.county_id for status in statuses} | {county}
    counties |= {filing.period.county_id for filing in filings.values()}
    chosen: dict[dt.date, tuple[ReportingPeriod, KindergartenStatus | None]] = {}
    periods = ReportingPeriod.objects.unscoped(
        "a kindergarten's months, of every county it was in"
    ).filter(county__in=counties, opens_at__lte=now)
    for period in periods.select_related("county").order_by("-month")[
        : MONTHS_SHOWN * len(counties)
    ]:
        day = period.reference_date
        status = next((row for row in statuses if row.is_in_force(day)), None)
        filing = filings.get(period.month)
        wanted = status.town.county_id if status else county
        if period.county_id == (filing.period.county_id if filing else wanted):
            chosen[period.month] = period, status
    return list(chosen.values())[:MONTHS_SHOWN]


def _versions_shown(filings: Iterable[MonthlyFiling]) -> QuerySet[Any]:
    """Of each return the version that counts, else the newest, with its `children`."""
    shown = Coalesce("filing__accepted_version", "filing__version")
    read = FilingVersion.objects.unscoped("of returns that the person was found to see")
    return read.filter(filing__in=filings, version=shown).annotate(
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


def _state_of(
    filing: MonthlyFiling | None,
    period: ReportingPeriod,
    status: KindergartenStatus | None,
    now: dt.datetime,
) -> str:
    if filing is not None:
        begun = filing.state in {MonthlyFiling.State.DRAFT, MonthlyFiling.State.RETURNED}
        if filing.accepted_version is not None and begun:
            return REOPENED
        if filing.state != MonthlyFiling.State.DRAFT:
            return filing.state
    if status is None or not status.owes_return:
        return "not_owed"
    if now >= period.locks_at:
        return "missing"
    return "unfiled" if filing is None else filing.state


def classes_last_accepted(user: User, kindergarten: Kindergarten) -> list[ClassCount]:
    """The classes of the newest return that counts, if the person may read it, with their version.

    Empty before the first.
    """
    last = (
        MonthlyFiling.objects.visible_to(user)
        .filter(kindergarten=kindergarten, accepted_version__isnull=False)
        .order_by("-month")
        .values("pk")[:1]
    )
    return list(
        ClassCount.objects.unscoped("of the return chosen by visible_to just above")
        .filter(
            filing_version__filing=Subquery(last),
            filing_version__version=F("filing_version__filing__accepted_version"),
        )
        .select_related("filing_version__filing")
    )


MOST_CONTACTS = 20


def contacts(kindergarten: Kindergarten, *, day: dt.date) -> list[Membership]:
    """Who acts for the kindergarten on that day or will: director, clerks and their deputies."""
    posts = Membership.objects.in_force(day) | Membership.objects.not_over(day)
    posts = posts.unscoped("who acts for a kindergarten in hand")
    posts = posts.filter(organisation=kindergarten.organisation_id, user__is_active=True)
    rows = posts.select_related("user", "deputises_for__user")
    return list(rows.order_by("role", "valid_from", "pk")[:MOST_CONTACTS])


def status_keys_ever(kindergarten: Kindergarten) -> QuerySet[Any]:
    """Keys of all status rows a kindergarten has or had, removed ones too."""
    return (
        TRACKED[KindergartenStatus]
        .copies("of what a kindergarten in hand was")
        .filter(kindergarten_id=kindergarten.pk)
        .order_by()
        .values("pgh_obj_id")
        .distinct()
    )
