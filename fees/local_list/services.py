"""What the bureau does with its county's list: put an item on it, correct it, let it end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from fees.local_list.rules import most_problem
from fees.models import LocalFeeItem
from fees.services import FeeRefused
from kindergartens.dated.rules import ending_problem
from kindergartens.dated.services import AHEAD
from kindergartens.premises.policies import own_county
from kindergartens.stamps import CHANGED_SINCE, stamp_of

# What may be put right in place where it was typed wrongly. Another name is another item.
CORRECTED = ("unit", "most", "content", "document", "valid_from", "valid_to")


@dataclass(frozen=True)
class LocalItemFacts:
    """One row as typed; codes and meanings are those of LocalFeeItem."""

    item: str
    name: str
    unit: str
    most: Decimal | None
    content: str
    document: str
    valid_from: dt.date
    valid_to: dt.date | None = None


@transaction.atomic
def set_local_item(
    *, facts: LocalItemFacts, by: User, today: dt.date, reason: str = "登记目录清单项目"
) -> LocalFeeItem:
    """An item on the own county's list from a day; its former row, of the same name, ends there.

    Raises FeeRefused where that item has a row from that day or later; PermissionDenied for
    whoever keeps no county's registry.
    """
    county = own_county(by)
    _check(facts.most, facts.unit, facts.valid_from, facts.valid_to, today)
    same = LocalFeeItem.objects.filter(region=county, item=facts.item, name=facts.name)
    for former in same.select_for_update(no_key=True).order_by("pk"):
        if former.valid_from >= facts.valid_from:
            raise FeeRefused(
                f"清单里已有{zhdate(former.valid_from)}起的“{former.name}”，新的要从更晚的一天起。"
                "写错的请用“更正”。",
                "valid_from",
            )
        if former.valid_to is None or former.valid_to > facts.valid_from:
            former.valid_to = facts.valid_from
            with because(f"自{zhdate(facts.valid_from)}起执行新的清单"):
                former.save(update_fields=["valid_to"])
    row = LocalFeeItem(region=county, **vars(facts))
    try:
        with transaction.atomic(), because(reason):
            row.save()
    except IntegrityError:
        raise FeeRefused("别人刚刚登记了同一项。请返回看过现在的清单再办。") from None
    return row


@transaction.atomic
def correct_local_item(
    *,
    row_id: int,
    values: Mapping[str, Any],
    reason: str,
    seen: str | None,
    by: User,
    today: dt.date,
) -> LocalFeeItem:
    """Put right what was typed wrongly (CORRECTED); history keeps what stood.

    `seen` is the stamp of CORRECTED the person started from, None where the values were made from
    the row itself just now. Raises FeeRefused where it is stale, and for days out of order or
    another row's.
    """
    row = _own(row_id, by)
    if seen is not None and seen != stamp_of(row, CORRECTED):
        raise FeeRefused(CHANGED_SINCE)
    for name in CORRECTED:
        setattr(row, name, values[name])
    _check(row.most, row.unit, row.valid_from, row.valid_to, today)
    try:
        with transaction.atomic(), because(reason):
            row.save(update_fields=[*CORRECTED])
    except IntegrityError:
        raise FeeRefused(
            "同一项的另一条在这些天里有效，同一天只能有一条。请先改那一条的日期。", "valid_from"
        ) from None
    return row


@transaction.atomic
def end_local_item(*, row_id: int, on: dt.date, reason: str, by: User) -> LocalFeeItem:
    """From `on` the item is on the list no longer. FeeRefused."""
    row = _own(row_id, by)
    problem = ending_problem(on=on, valid_from=row.valid_from, valid_to=row.valid_to)
    if problem:
        raise FeeRefused(problem, "on")
    row.valid_to = on
    with because(reason):
        row.save(update_fields=["valid_to"])
    return row


def _own(row_id: int, by: User) -> LocalFeeItem:
    county = own_county(by)
    rows = LocalFeeItem.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(pk=row_id, region=county)


def _check(
    most: Decimal | None, unit: str, since: dt.date, until: dt.date | None, today: dt.date
) -> None:
    problem = most_problem(most=most, unit=unit)
    if problem:
        raise FeeRefused(problem, "unit")
    if since > today + AHEAD:
        raise FeeRefused("起始日期太远，请核对年份；最多提前两年登记。", "valid_from")
    if until is not None and until <= since:
        raise FeeRefused("截止日期要晚于起始日期；这一天起不再收。", "valid_to")
