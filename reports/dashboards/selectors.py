"""What the dashboard reads besides the figures themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet

from accounts.access.scope import REGION_CHECKED
from accounts.history.tracking import TRACKED
from accounts.models import Region, User
from indicators.models import KindergartenFacts, RegionFacts, Target
from indicators.selectors import OwedReturn
from kindergartens.calendar import rules
from kindergartens.calendar.waiting import waits_for_town
from kindergartens.models import Kindergarten, MonthlyFiling, ReportingPeriod
from kindergartens.models.period import ReportingPeriodQuerySet


def newest_computed(region: Region, month: dt.date) -> dt.datetime | None:
    """When the newest figure among this region and the regions right below it was computed.

    One indexed query: it is asked every two seconds by every open dashboard.
    """
    # Regions first: with OR over both tables, every region of the nation would be read.
    regions = Region.objects.filter(Q(pk=region.pk) | Q(parent=region.pk))
    facts = RegionFacts.objects.unscoped(REGION_CHECKED).filter(
        region__in=regions.values("pk"), month=month
    )
    return facts.aggregate(newest=Max("computed_at"))["newest"]


def facts_of(region: Region, month: dt.date) -> RegionFacts | None:
    return (
        RegionFacts.objects.unscoped(REGION_CHECKED).filter(region=region.pk, month=month).first()
    )


@dataclass(frozen=True)
class PeriodDates:
    """Dates of one month; None where the counties of a region differ, or none has the month."""

    periods: int = 0
    reference_date: dt.date | None = None
    due_at: dt.datetime | None = None
    locks_at: dt.datetime | None = None


def _periods(region: Region) -> ReportingPeriodQuerySet:
    """The periods of the region's county, or of every county in it."""
    return ReportingPeriod.objects.unscoped(REGION_CHECKED).of_region(region)


def reference_dates(region: Region) -> dict[dt.date, dt.date]:
    """The statistical date of each month of the region; where its counties differ, the latest."""
    return _periods(region).reference_dates()


def holidays(region: Region) -> frozenset[dt.date]:
    """Months (寒暑假) in which nobody of the region was asked for a return."""
    return rules.holidays(set(_periods(region).values_list("month", flat=True)))


def period_dates(region: Region, month: dt.date) -> PeriodDates:
    periods = list(_periods(region).filter(month=month))
    if not periods:
        return PeriodDates()
    first = periods[0]
    return PeriodDates(
        len(periods),
        *(
            getattr(first, name) if len({getattr(p, name) for p in periods}) == 1 else None
            for name in ("reference_date", "due_at", "locks_at")
        ),
    )


def counted(region: Region, month: dt.date) -> QuerySet[KindergartenFacts]:
    """The returns counted in a region, town by town; not read yet."""
    return (
        KindergartenFacts.objects.unscoped(REGION_CHECKED)
        .in_region(region)
        .current()
        .filter(month=month, counts_enrolment=True)
        .select_related("kindergarten", "filing_version", "town")
        .order_by("town__code", "kindergarten__code")
    )


def kindergartens_of_town(town: Region, month: dt.date) -> QuerySet[KindergartenFacts]:
    """The returns counted in a town, the largest kindergarten first; not read yet."""
    return counted(town, month).order_by("-enrolled_children", "kindergarten__code")


def kindergarten_codes(user: User, ids: Iterable[int]) -> dict[int, str]:
    """Codes under which the registry shows these kindergartens to the person."""
    seen = Kindergarten.objects.visible_to(user).filter(pk__in=list(ids))
    return dict(seen.values_list("pk", "code"))


def readable_filings(user: User, ids: Iterable[int | None]) -> dict[int, bool]:
    """Those of these returns that the person may open, with whether each waits for its town."""
    seen = MonthlyFiling.objects.visible_to(user).filter(pk__in=[pk for pk in ids if pk])
    return dict(seen.annotate(waits=waits_for_town()).values_list("pk", "waits"))


def waiting_for_towns(rows: Iterable[OwedReturn]) -> set[int]:
    """Those of a region's returns that wait for their town; the region is the person's own."""
    submitted = [row.filing_id for row in rows if row.state == MonthlyFiling.State.SUBMITTED]
    found = MonthlyFiling.objects.unscoped(REGION_CHECKED).filter(pk__in=submitted)
    return set(
        found.annotate(waits=waits_for_town()).filter(waits=True).values_list("pk", flat=True)
    )


def target_keys_ever(policies: QuerySet[Any]) -> QuerySet[Any]:
    """Keys of all targets that these policies have or had, removed ones too."""
    copies = TRACKED[Target].copies("clauses of policies in hand")
    return copies.filter(policy_id__in=policies).order_by().values("pgh_obj_id").distinct()
