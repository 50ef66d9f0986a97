"""What is published of kindergartens' fees: lines in force on a day that may be shown to everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts.models import Region
from fees.models import LocalFeeItem, ScheduledFee
from fees.selectors import in_order
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.search_text import folded
from kindergartens.selectors import licensed_and_running

PUBLISHED = "what the law has published: names of kindergartens and what they charge"


@dataclass(frozen=True)
class Sheet:
    """`kindergarten` with its county, `status` and `lines` of the day; lines as on the sheet.

    `coming`: published by the day, in force later.

    `contents`: what is given for a service or collection, by class and name, as the county's list
    of the day says it; for lines that say nothing of it themselves.
    """

    kindergarten: Kindergarten
    status: KindergartenStatus | None
    day: dt.date
    lines: list[ScheduledFee]
    coming: list[ScheduledFee]
    contents: Mapping[tuple[str, str], str]

    @property
    def county(self) -> Region:
        region = self.kindergarten.organisation.region
        return region.county or region


def sheet(code: str, *, day: dt.date, today: dt.date) -> Sheet | None:
    """Of a kindergarten that is licensed and runs today; None for any other code. Five queries."""
    kindergarten = (
        Kindergarten.objects.unscoped(PUBLISHED)
        .filter(licensed_and_running(today), code=code)
        .select_related("organisation__region__county")
        .first()
    )
    if kindergarten is None:
        return None
    status = (
        KindergartenStatus.objects.unscoped(PUBLISHED).on(day).filter(kindergarten=kindergarten)
    )
    lines = published_lines(day).filter(kindergarten=kindergarten)
    coming = ScheduledFee.objects.unscoped(PUBLISHED).after(day).published_by(day)
    coming = coming.filter(kindergarten=kindergarten).order_by("valid_from", "pk")
    listed = LocalFeeItem.objects.of_county(kindergarten.organisation.region).in_force(day)
    contents = {(row.item, row.name): row.content for row in listed}
    return Sheet(
        kindergarten, status.first(), day, sorted(lines, key=in_order), list(coming), contents
    )


def published_lines(day: dt.date) -> QuerySet[ScheduledFee]:
    """In force on the day, and published by then."""
    return ScheduledFee.objects.unscoped(PUBLISHED).on(day).published_by(day)


def counties(*, today: dt.date) -> QuerySet[Any]:
    """Those with a licensed and running kindergarten, by code; `kindergartens`: how many. One query."""
    running = (
        Kindergarten.objects.unscoped(PUBLISHED)
        .filter(licensed_and_running(today), organisation__region__county=OuterRef("pk"))
        .order_by()
        .values("organisation__region__county")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        Region.objects.active()
        .filter(level=Region.Level.COUNTY)
        .annotate(kindergartens=Subquery(running))
        .filter(kindergartens__gt=0)
        .select_related("city", "province")
        .order_by("code")
    )


def kindergartens_of(county: Region, *, today: dt.date, asked: str = "") -> QuerySet[Any]:
    """Licensed and running ones of a county, by town; each with `published`, how many lines it has
    published, and `ownership`. `asked` is a part of the name. One query.
    """
    on = Q(statuses__valid_from__lte=today) & (
        Q(statuses__valid_to__isnull=True) | Q(statuses__valid_to__gt=today)
    )
    rows: QuerySet[Any] = (
        Kindergarten.objects.unscoped(PUBLISHED)
        .filter(licensed_and_running(today), organisation__region__in=Region.objects.within(county))
        .annotate(current=FilteredRelation("statuses", condition=on))
        .annotate(
            ownership=F("current__ownership"),
            published=Count("scheduled_fees", filter=Q(scheduled_fees__in=published_lines(today))),
        )
        .select_related("organisation__region")
        .order_by("organisation__region__code", "code")
    )
    for word in asked.split()[:5]:
        rows = rows.filter(Q(search_text__contains=folded(word)) | Q(name__icontains=word))
    return rows
