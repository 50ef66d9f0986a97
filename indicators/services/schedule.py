"""Asking for figures to be computed: after an event, and every night for whatever else changed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min

from accounts.jobs.services import enqueue
from accounts.models import Job, Region
from kindergartens.models import ReportingPeriod


def ask_for_figures(*, county: Region, month: dt.date, now: dt.datetime) -> Job:
    """Queue the recomputation of a county from a month on; one that waits already is returned.

    Belongs in the transaction of what made it necessary. The job is the portal's own: whoever
    reads the county's figures may see how it goes.
    """
    return enqueue(
        kind="recompute-figures",
        key=f"recompute-figures:{county.pk}:{month:%Y-%m}",
        title=f"重算{county.name}{month.year}年{month.month}月三率",
        arguments={"county": county.pk, "month": month.isoformat()},
        requested_as=None,
        county=county,
        now=now,
    )


def ask_for_open_months(*, now: dt.datetime) -> int:
    """Queue the open months of every active county; returns how many counties have one.

    A corrected status, a new population and a period without any return so far cause no event.
    One job does a county's earliest open month and all later ones.
    """
    earliest = (
        ReportingPeriod.objects.filter(county__is_active=True, opens_at__lte=now, locks_at__gt=now)
        .values("county")
        .annotate(month=Min("month"))
        .values_list("county", "month")
        .order_by("county")
    )
    open_months = dict(earliest)
    for county in Region.objects.filter(pk__in=open_months).order_by("code"):
        with transaction.atomic():
            ask_for_figures(county=county, month=open_months[county.pk], now=now)
    return len(open_months)
