"""Entering a county's annual statistics, a whole table at once. No figure of the portal moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import AnnualStatistics

FIGURES = ("children", "classes", "staff", "teachers", "certified")


@dataclass(frozen=True)
class StatisticsLine:
    """One kindergarten's line; a figure that was not given is None."""

    code: str
    name: str
    reference_date: dt.date
    children: int | None
    classes: int | None
    staff: int | None
    teachers: int | None
    certified: int | None
    source: str


def own_county(by: User, what: str = "事业统计") -> Region:
    """The county whose statistics, or whose `what`, the person enters. Raises PermissionDenied."""
    home = home_region(by)
    if home is None or home.level != Region.Level.COUNTY or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied(f"只有区县教育局可以登记{what}。")
    return home


@transaction.atomic
def enter_statistics(*, lines: Sequence[StatisticsLine], reason: str, by: User) -> int:
    """Write lines of the person's own county; returns how many rows changed.

    Again with the same values, it changes nothing. Raises PermissionDenied.
    """
    county = own_county(by)
    # One after the other: two who both find a line missing would not see each other's rows.
    Region.objects.select_for_update(no_key=True).get(pk=county.pk)
    there = {
        (row.reference_date, row.code): row
        for row in AnnualStatistics.objects.visible_to(by)
        .select_for_update()
        .filter(
            county=county,
            code__in={line.code for line in lines},
            reference_date__in={line.reference_date for line in lines},
        )
    }
    kept = ("name", *FIGURES, "source")
    new, changed = [], []
    for line in lines:
        row = there.get((line.reference_date, line.code))
        values = {name: getattr(line, name) for name in kept}
        if row is None:
            new.append(
                AnnualStatistics(
                    county=county, code=line.code, reference_date=line.reference_date, **values
                )
            )
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    with because(reason):
        AnnualStatistics.objects.bulk_create(new, batch_size=2000)
        AnnualStatistics.objects.bulk_update(changed, kept, batch_size=2000)
    return len(new) + len(changed)
