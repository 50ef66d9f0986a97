"""What was changed since it was accepted: of one return, and of a month of an area together.

Read from the frozen facts, one row for each accepted version: what the figures counted, from when
and until when. Rows are never changed, so nothing here can be tidied away.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from indicators.models import KindergartenFacts
from kindergartens.models import FilingEvent, MonthlyFiling


@dataclass(frozen=True)
class Counted:
    """One accepted version: what it said, and from when until when the figures counted it."""

    version: int
    children: int
    staff: int
    since: dt.datetime
    until: dt.datetime | None
    accepted_by: str
    # Against the accepted version before it; None for the first.
    children_change: int | None


def counted_versions(filing: MonthlyFiling) -> list[Counted]:
    """The accepted versions of a return, the first one first."""
    rows = (
        KindergartenFacts.objects.unscoped("of a return that the person was found to see")
        .filter(filing_version__filing=filing)
        .select_related("filing_version")
        .order_by("filing_version__version")
    )
    acceptances = filing.events.filter(action=FilingEvent.Action.ACCEPTED).select_related(
        "done_as__user", "done_as__organisation"
    )
    by = {event.version: event.done_as for event in acceptances}
    found: list[Counted] = []
    for row in rows:
        version = row.filing_version.version
        post = by.get(version)
        found.append(
            Counted(
                version=version,
                children=row.enrolled_children,
                staff=row.staff,
                since=row.accepted_at,
                until=row.superseded_at,
                accepted_by=f"{post.organisation.name} {post.user.full_name}" if post else "",
                children_change=row.enrolled_children - found[-1].children if found else None,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class MonthCorrections:
    """Of a month and an area: returns whose accepted figures were replaced, and by how much.

    `up` and `down` are children added and taken away, each against what was accepted first, so
    that one kindergarten's ten more do not hide another's ten fewer. `under_way`: sent back after
    acceptance, and nothing accepted again yet; the accepted version still counts.
    """

    returns: int
    up: int
    down: int
    under_way: int


def replaced(filings: QuerySet[MonthlyFiling]) -> QuerySet[MonthlyFiling]:
    """Those with an accepted version that a later one has replaced."""
    return filings.filter(
        pk__in=KindergartenFacts.objects.unscoped("of returns that the person was found to see")
        .filter(superseded_at__isnull=False)
        .values("filing_version__filing")
    )


def of_month(filings: QuerySet[MonthlyFiling], user: User, month: dt.date) -> MonthCorrections:
    """What was corrected among these returns of a month (two queries whatever their number)."""
    first = (
        KindergartenFacts.objects.unscoped("of the same kindergarten's month")
        .filter(kindergarten=OuterRef("kindergarten"), month=OuterRef("month"))
        .order_by("filing_version__version")
    )
    rows = (
        KindergartenFacts.objects.visible_to(user)
        .current()
        .filter(month=month, filing_version__filing__in=replaced(filings).values("pk"))
        .annotate(change=F("enrolled_children") - Subquery(first.values("enrolled_children")[:1]))
    )
    sums = rows.order_by().aggregate(
        returns=Count("pk"),
        up=Coalesce(Sum("change", filter=Q(change__gt=0)), 0),
        down=Coalesce(Sum("change", filter=Q(change__lt=0)), 0),
    )
    under_way = filings.filter(accepted_version__isnull=False).exclude(
        state=MonthlyFiling.State.ACCEPTED
    )
    return MonthCorrections(sums["returns"], sums["up"], -sums["down"], under_way.count())
