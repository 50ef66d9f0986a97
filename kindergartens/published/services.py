"""Entering a county's published lists, a whole table at once. No figure of the portal moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.history.context import because
from accounts.models import Region, User
from kindergartens.models import PublishedKindergarten
from kindergartens.statistics.services import own_county

KEY = ("kind", "published_on", "code")


@dataclass(frozen=True)
class PublishedLine:
    """One line of one list; what the list does not give is empty."""

    kind: str
    published_on: dt.date
    code: str
    name: str
    document: str
    supplements: bool = False
    ownership: str = ""
    grade: str = ""
    address: str = ""


@transaction.atomic
def enter_published(*, lines: Sequence[PublishedLine], reason: str, by: User) -> int:
    """Write lines of the person's own county; returns how many rows changed.

    Again with the same values, it changes nothing. Raises PermissionDenied.
    """
    county = own_county(by, "公示名单")
    # One after the other: two who both find a line missing would not see each other's rows.
    Region.objects.select_for_update(no_key=True).get(pk=county.pk)
    there = {
        (row.kind, row.published_on, row.code): row
        for row in PublishedKindergarten.objects.visible_to(by)
        .select_for_update()
        .filter(
            county=county,
            code__in={line.code for line in lines},
            published_on__in={line.published_on for line in lines},
        )
    }
    kept = ("name", "document", "supplements", "ownership", "grade", "address")
    new, changed = [], []
    for line in lines:
        values = asdict(line)
        row = there.get((line.kind, line.published_on, line.code))
        if row is None:
            new.append(PublishedKindergarten(county=county, **values))
        elif any(getattr(row, name) != values[name] for name in kept):
            for name in kept:
                setattr(row, name, values[name])
            changed.append(row)
    with because(reason):
        PublishedKindergarten.objects.bulk_create(new, batch_size=2000)
        PublishedKindergarten.objects.bulk_update(changed, kept, batch_size=2000)
    return len(new) + len(changed)
