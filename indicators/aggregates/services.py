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
from kindergartens.stamps import CHANGED_SINCE, stamp_of

OF_ROW = ("kind", "place", "scope", "explanation")
KEY = ("region", "reference_date", "source", "sponsor")
WRITTEN = (*OF_ROW, *(column.name for column in COUNTS), "printed", "published", "entered_at")


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
    if by is not None:
        for entry in entries:
            check_may_keep(by, entry.region)
    standing = AggregateReturn.objects.standing().select_for_update(of=("self",))
    days = {entry.reference_date for entry in entries}
    there = {
        (row.region_id, row.reference_date, row.source, row.sponsor): row
        for row in standing.filter(reference_date__in=days)
    }
    new: list[AggregateReturn] = []
    changed: list[AggregateReturn] = []
    for entry in entries:
        key = (entry.region and entry.region.pk, *(getattr(entry, name) for name in KEY[1:]))
        row, values = there.get(key), entry.values()
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            continue
        (new if row is None else changed).append(
            _set(row or AggregateReturn(**{name: getattr(entry, name) for name in KEY}), entry, now)
        )
    try:
        with transaction.atomic(), because(reason):
            AggregateReturn.objects.bulk_create(new, batch_size=500)
            AggregateReturn.objects.bulk_update(changed, WRITTEN, batch_size=200)
    except IntegrityError:
        raise Refused("同一个地区、统计时点和来源，别人刚刚登记了。请重新检查再导入。") from None
    return len(new) + len(changed)


def _set(row: AggregateReturn, entry: Entry, now: dt.datetime) -> AggregateReturn:
    for name, value in entry.values().items():
        setattr(row, name, value)
    row.entered_at = now
    return row


@transaction.atomic
def correct_aggregate(
    *, pk: int, entry: Entry, reason: str, seen: str, by: User, now: dt.datetime
) -> AggregateReturn:
    """Put right what was typed wrongly; history keeps what stood. The key stays as it is.

    `seen` is `stamp` of the row the person began with. Raises Refused, PermissionDenied.
    """
    row = AggregateReturn.objects.select_for_update(of=("self",)).get(pk=pk)
    check_may_keep(by, row.region)
    if row.withdrawn_at is not None:
        raise Refused("这一条已经撤销，不能再改。要改的请重新导入。")
    if seen != stamp(row):
        raise Refused(CHANGED_SINCE)
    with because(reason):
        _set(row, entry, now).save()
    return row


def stamp(row: AggregateReturn) -> str:
    """Of everything a correction may change."""
    return stamp_of(row, WRITTEN)


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
