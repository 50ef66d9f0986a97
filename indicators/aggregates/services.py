"""Entering rows of published tables, putting one right, withdrawing one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.history.context import because
from accounts.models import Region, User
from indicators.aggregates.columns import COUNTS
from indicators.models import AggregateReturn

OF_ROW = ("kind", "place", "scope", "explanation")
KEY = ("region", "reference_date", "source", "sponsor")


class Refused(Exception):
    """It cannot be done; the text says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """One row, whole: its key, what it says of itself, counts as whole numbers, texts as printed."""

    region: Region | None
    reference_date: dt.date
    source: str
    sponsor: str
    kind: str
    place: str
    scope: str
    explanation: str
    counts: Mapping[str, int]
    printed: Mapping[str, str]
    published: Mapping[str, str]

    def values(self) -> dict[str, Any]:
        """What is stored beside the key; counts the source does not give are null."""
        return {
            **{name: getattr(self, name) for name in OF_ROW},
            **{column.name: self.counts.get(column.name) for column in COUNTS},
            "printed": dict(self.printed),
            "published": dict(self.published),
        }


def keeps_aggregates(user: User) -> bool:
    """Whether the person's post keeps those of its region: a county's, city's or province's."""
    home = home_region(user)
    return (
        home is not None
        and home.level <= Region.Level.COUNTY
        and user.can(Permission.MANAGE_REGISTRY)
    )


def check_may_keep(user: User, region: Region | None) -> None:
    """Raises PermissionDenied unless the region lies in the person's own."""
    home = home_region(user)
    if region is None or home is None or not keeps_aggregates(user) or not home.contains(region):
        raise PermissionDenied("只能登记本地区的历史数据。")


@transaction.atomic
def enter_aggregates(
    *, entries: Sequence[Entry], reason: str, by: User | None, now: dt.datetime
) -> int:
    """Write rows: a new one, or the one of the same place, date, source and sponsor anew.

    `by` None is the operator of the server, who alone enters the nation's. Returns how many rows
    changed; again with the same values it is none. Raises Refused, PermissionDenied.
    """
    changed = 0
    for entry in entries:
        if by is not None:
            check_may_keep(by, entry.region)
        key = {name: getattr(entry, name) for name in KEY}
        rows = AggregateReturn.objects.standing().select_for_update(of=("self",))
        row = rows.filter(**key).first() or AggregateReturn(**key)
        values = entry.values()
        if row.pk and all(getattr(row, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(row, name, value)
        row.entered_at = now
        try:
            with transaction.atomic(), because(reason):
                row.save()
        except IntegrityError:
            raise Refused(
                f"{row.region_name}{row.reference_date.isoformat()}“{row.source}”别人刚刚登记了。"
                "请重新检查再导入。"
            ) from None
        changed += 1
    return changed


@transaction.atomic
def withdraw_aggregate(*, pk: int, reason: str, by: User, now: dt.datetime) -> AggregateReturn:
    """It answers for nothing any more, and stays on record. Raises Refused, PermissionDenied."""
    row = AggregateReturn.objects.select_for_update(of=("self",)).get(pk=pk)
    check_may_keep(by, row.region)
    if row.withdrawn_at is not None:
        raise Refused("这一条已经撤销，不用再办。")
    row.withdrawn_at = now
    with because(reason):
        row.save(update_fields=["withdrawn_at"])
    return row
