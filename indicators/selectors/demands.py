"""What was demanded of a region over time: which targets judged each month of a trend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from accounts.models import Region
from indicators.models import Target
from indicators.selectors.judging import MonthContext, ancestor_ids
from kindergartens.rules import last_day


def targets_over(region: Region, indicator: str, months: Sequence[dt.date]) -> list[list[Target]]:
    """The targets that judged the region on the last day of each month, by the documents of that
    time. One query.
    """
    covering = Q(policy__region__isnull=True) | Q(policy__region__in=ancestor_ids(region))
    ever = list(
        Target.objects.standing()
        .filter(covering, indicator=indicator)
        .select_related("policy__region")
        .order_by("policy__region__level", "policy__slug", "pk")
    )
    return [_judging(region, month, ever) for month in months]


def _judging(region: Region, month: dt.date, ever: Sequence[Target]) -> list[Target]:
    day = last_day(month)
    context = MonthContext(month, day, None, [t for t in ever if t.holds_on(day)])
    return context.targets_for(region)
