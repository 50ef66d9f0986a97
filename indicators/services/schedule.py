"""Asking for figures to be computed: after an event, and every night for whatever else changed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Min

from accounts.models import Region
from kindergartens.models import ReportingPeriod
from kindergartens.recompute import ask_for_figures


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
            ask_for_figures(county=county, month=open_months[county.pk], now=now, nightly=True)
    return len(open_months)
