"""What the registry's pages show: kindergartens with today's status and their last returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from accounts.access.scope import home_region
from accounts.history.tracking import TRACKED
from accounts.models import Membership, Region, User
from kindergartens.models import (
    ClassCount,
    FilingVersion,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    ReportingPeriod,
)

MONTHS_SHOWN = 12
OF_ANY = "whether a kindergarten in a query runs, which the law has published"
# A return that counts while a correction of it is under way; a state to show, not to store.
REOPENED = "reopened"

# Kindergartens with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]


def licensed_and_running(day: dt.date) -> Q:
    """Of kindergartens: they run on the day and no recorded licence has run out before it.

    Who runs without a licence is in another register (kindergartens.unlicensed).
    """
    running = (
        KindergartenStatus.objects.unscoped(OF_ANY)
        .on(day)
        .filter(
            kindergarten=OuterRef("pk"),
            operating_state=KindergartenStatus.OperatingState.OPERATING,
        )
    )
    return Q(Exists(running)) & (Q(licence_until__isnull=True) | Q(licence_until__gte=day))


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
