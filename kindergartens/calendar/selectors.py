"""Reads for the reporting periods: a county's rule, who owes and filed what, extensions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.access.scope import region_scope
from accounts.models import Region, User
from kindergartens.calendar.rules import PeriodTimes, PreReview
from kindergartens.calendar.waiting import waits_for_town
from kindergartens.models import (
    ExtensionRequest,
    FilingExtension,
    Kindergarten,
    KindergartenStatus,
    MonthlyFiling,
    PeriodRule,
    PreReviewRule,
    ReportingPeriod,
)

OF_A_PERIOD_SEEN = "counts of periods that the person was found to see"
OF_A_RETURN_IN_HAND = "extensions of a kindergarten's month in hand"
OF_COUNTIES_SEEN = "which months counties asked for, of kindergartens in hand"
OF_THE_OWN_COUNTY = "the rule and the months of the person's own county"
# Rows with columns that exist only in the query, which the type checker cannot see.
Rows = QuerySet[Any]

# Submitted and not taken back; one that counts stays filed while its correction is under way.
FILED = ~Q(state=MonthlyFiling.State.DRAFT) | Q(accepted_version__isnull=False)


def times_of(county: Region) -> PeriodTimes:
    """How a county sets its months: its own rule, or the portal's."""
    rule = PeriodRule.objects.unscoped(OF_THE_OWN_COUNTY).filter(county=county).first()
    if rule is None:
        return PeriodTimes()
    return PeriodTimes(rule.reference_day, rule.opens_day, rule.due_after, rule.locks_after)


def pre_reviews_decided(county: Region) -> list[PreReview]:
    """What was decided about pre-review by the towns, in the order it was decided."""
    rows = PreReviewRule.objects.unscoped(OF_THE_OWN_COUNTY).filter(county=county).order_by("pk")
    return [PreReview(row.from_month, row.is_on) for row in rows]


def first_unlocked(county: Region, now: dt.datetime) -> dt.date | None:
    """The oldest month of a county that is not locked yet."""
    rows = ReportingPeriod.objects.unscoped(OF_THE_OWN_COUNTY)
    return rows.filter(county=county, locks_at__gt=now).aggregate(oldest=Min("month"))["oldest"]


def newest_period(county: Region) -> dt.date | None:
    """The newest month of a county that has a period, opened or not."""
    rows = ReportingPeriod.objects.unscoped(OF_THE_OWN_COUNTY).filter(county=county)
    return rows.aggregate(newest=Max("month"))["newest"]


def months_asked(counties: Collection[int]) -> dict[int, set[dt.date]]:
    """By county (its key) the months that it asked returns of. One query."""
    rows = ReportingPeriod.objects.unscoped(OF_COUNTIES_SEEN).filter(county__in=counties)
    found: dict[int, set[dt.date]] = {county: set() for county in counties}
    for county, month in rows.order_by().values_list("county_id", "month"):
        found[county].add(month)
    return found


def with_counts(periods: QuerySet[ReportingPeriod], now: dt.datetime) -> Rows:
    """Periods with `expected`, `filed`, `late` (a part of filed) and `extended` kindergartens.

    Who is expected is who owed a return by the status on the statistical date.
    """
    filings = MonthlyFiling.objects.filter(
        FILED, kindergarten=OuterRef("kindergarten"), month=OuterRef(OuterRef("month"))
    )
    late = filings.filter(first_submitted_at__gt=OuterRef(OuterRef("due_at")))
    owing = (
        KindergartenStatus.objects.on(OuterRef("reference_date"))  # type: ignore[arg-type]
        .expected_to_file()
        .filter(town__county=OuterRef("county"))
    )
    extended = (
        FilingExtension.objects.in_force(now)
        .filter(period=OuterRef("pk"))
        .order_by()
        .values("period")
        .annotate(number=Count("kindergarten", distinct=True))
        .values("number")
    )
    return periods.annotate(
        expected=_number(owing),
        filed=_number(owing.filter(Exists(filings))),
        late=_number(owing.filter(Exists(late))),
        extended=Coalesce(Subquery(extended, output_field=IntegerField()), 0),
    )


def _number(owing: Rows) -> Coalesce:
    counted = owing.order_by().values("town__county").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)


def period_list(user: User, *, now: dt.datetime) -> Rows:
    """The periods of the person's county, the newest month first, with their counts."""
    return with_counts(ReportingPeriod.objects.visible_to(user), now).select_related("county")


@dataclass(frozen=True)
class MonthCounts:
    """One month of an area, its counties together."""

    expected: int
    filed: int
    late: int
    locked: bool

    @property
    def missing(self) -> int:
        return self.expected - self.filed


def month_counts(user: User, month: dt.date, *, now: dt.datetime) -> MonthCounts:
    """Expected, filed, late of all the person's counties; locked when all of them are."""
    rows = list(with_counts(ReportingPeriod.objects.visible_to(user).filter(month=month), now))
    return MonthCounts(
        expected=sum(row.expected for row in rows),
        filed=sum(row.filed for row in rows),
        late=sum(row.late for row in rows),
        locked=all(now >= row.locks_at for row in rows),
    )


# What one kindergarten's return of a period is, for its page: the tabs and their words.
TABS = (("", "应报"), ("open", "未报"), ("late", "迟报"), ("filed", "已报"), ("extended", "延期中"))


def kindergartens_owing(
    user: User, period: ReportingPeriod, *, now: dt.datetime
) -> QuerySet[Kindergarten]:
    """The kindergartens of `owed_returns`."""
    owed = owed_returns(user, period, now=now)
    rows = Kindergarten.objects.unscoped(OF_A_PERIOD_SEEN)
    return rows.filter(pk__in=owed.values("kindergarten"))


def owed_returns(user: User, period: ReportingPeriod, *, now: dt.datetime) -> Rows:
    """Status rows of who owes a return of the period, with what became of it.

    `filing_id`, `state` (of the return, else "unfiled"; "missing" after the lock), `is_filed`,
    `is_late`, `submitted_at` and `extended_until`, the end of the extension in force.
    """
    filing = MonthlyFiling.objects.filter(kindergarten=OuterRef("kindergarten"), month=period.month)
    extension = (
        FilingExtension.objects.in_force(now)
        .filter(kindergarten=OuterRef("kindergarten"), period=period)
        .order_by("-until")
    )
    locked = now >= period.locks_at
    return (
        KindergartenStatus.objects.unscoped(OF_A_PERIOD_SEEN)
        .filter(region_scope(user, "town"), town__county=period.county_id)
        .on(period.reference_date)
        .expected_to_file()
        .select_related("kindergarten", "town")
        .annotate(
            filing_id=Subquery(filing.values("pk")[:1]),
            version=Subquery(filing.values("version")[:1]),
            filing_state=Subquery(filing.values("state")[:1]),
            submitted_at=Subquery(filing.values("first_submitted_at")[:1]),
            is_filed=Exists(filing.filter(FILED)),
            waits_for_town=Exists(filing.annotate(waits=waits_for_town()).filter(waits=True)),
            is_late=Exists(filing.filter(FILED, first_submitted_at__gt=period.due_at)),
            extended_until=Subquery(extension.values("until")[:1]),
        )
        .annotate(
            progress=Case(
                When(waits_for_town=True, then=Value("pre_review")),
                When(is_filed=True, then=F("filing_state")),
                default=Value("missing")
                if locked
                else Coalesce(F("filing_state"), Value("unfiled")),
                output_field=CharField(),
            )
        )
        .order_by("town__code", "kindergarten__code")
    )


TAB_FILTERS = {
    "open": Q(is_filed=False),
    "late": Q(is_late=True),
    "filed": Q(is_filed=True),
    "extended": Q(extended_until__isnull=False),
}


def tab_numbers(rows: Rows) -> dict[str, int]:
    """How many rows each tab has; "" is all of them."""
    return rows.order_by().aggregate(
        **{f"n_{code}": Count("pk", filter=found) for code, found in TAB_FILTERS.items()},
        n_=Count("pk"),
    )


def status_owed_by(
    kindergarten: Kindergarten, period: ReportingPeriod
) -> KindergartenStatus | None:
    """The status in force on the statistical date, with its town and county."""
    on_the_date = kindergarten.statuses.on(period.reference_date)
    return on_the_date.select_related("town__county").first()


def extension_in_force(
    kindergarten_id: int, period_id: int, now: dt.datetime
) -> FilingExtension | None:
    """The extension that goes furthest, None where none is in force."""
    return (
        FilingExtension.objects.unscoped(OF_A_RETURN_IN_HAND)
        .in_force(now)
        .filter(kindergarten=kindergarten_id, period=period_id)
        .order_by("-until", "-pk")
        .first()
    )


def extensions_in_force(kindergarten: Kindergarten, now: dt.datetime) -> dict[int, FilingExtension]:
    """Of each period, by its key, the kindergarten's extension that goes furthest."""
    rows = kindergarten.extensions.in_force(now).select_related("granted_as__user")
    return {row.period_id: row for row in rows.order_by("until", "pk")}


def extensions_of(kindergarten_id: int, period_id: int) -> list[FilingExtension]:
    """All extensions of one month of a kindergarten, oldest first, with who granted them."""
    return list(
        FilingExtension.objects.unscoped(OF_A_RETURN_IN_HAND)
        .filter(kindergarten=kindergarten_id, period=period_id)
        .select_related(
            "granted_as__user", "granted_as__organisation",
            "revoked_as__user", "revoked_as__organisation",
        )
    )  # fmt: skip


def extensions_of_period(user: User, period: ReportingPeriod) -> list[FilingExtension]:
    """Every extension of a period, the newest first, with kindergartens and who granted them."""
    return list(
        FilingExtension.objects.visible_to(user)
        .filter(period=period)
        .select_related("kindergarten", "granted_as__user", "revoked_as__user")
        .order_by("-granted_at", "-pk")
    )


def requests_of_period(user: User, period: ReportingPeriod) -> list[ExtensionRequest]:
    """What kindergartens asked for a month, with the answers; what waits comes first."""
    return list(
        ExtensionRequest.objects.visible_to(user)
        .filter(period=period)
        .select_related("kindergarten", "asked_as__user", "answered_as__user", "extension")
        .order_by(F("answered_at").desc(nulls_first=True), "asked_at", "pk")
    )


def waiting_requests(user: User) -> list[ExtensionRequest]:
    """Every question of the person's area that waits for an answer, the oldest first."""
    rows = ExtensionRequest.objects.visible_to(user).waiting()
    return list(rows.select_related("kindergarten", "period", "asked_as__user"))


def latest_requests(kindergarten: Kindergarten) -> dict[int, ExtensionRequest]:
    """Of each period, by its key, what the kindergarten asked last."""
    rows = kindergarten.extension_requests.select_related("answered_as__user", "asked_as__user")
    return {row.period_id: row for row in rows.order_by("asked_at", "pk")}
