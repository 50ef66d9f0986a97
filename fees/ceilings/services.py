"""What the bureau does with its own place's ceilings: set one, correct it, let it end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.formatting import quantity, zhdate
from accounts.history.context import because
from accounts.models import User
from fees.models import FeeCeiling
from fees.rules import ending_problem
from fees.services import FeeRefused
from kindergartens.premises.policies import own_county
from kindergartens.stamps import CHANGED_SINCE, stamp_of

# What may be put right in place where it was typed wrongly.
CORRECTED = ("yuan_per_month", "valid_from", "valid_to", "document")
# So far ahead a document may set a day.
AHEAD = dt.timedelta(days=730)


@transaction.atomic
def set_ceiling(
    *,
    scope: str,
    yuan_per_month: Decimal,
    document: str,
    valid_from: dt.date,
    by: User,
    today: dt.date,
) -> FeeCeiling:
    """The most a class of the own county's kindergartens may charge from a day; the former ends there.

    Raises FeeRefused where one of that class begins on that day or later; PermissionDenied for
    whoever keeps no county's registry.
    """
    county = own_county(by)
    _check_days(valid_from, None, today)
    of_class = FeeCeiling.objects.filter(region=county, scope=scope)
    for former in of_class.select_for_update(no_key=True).order_by("pk"):
        if former.valid_from >= valid_from:
            raise FeeRefused(
                f"{former.get_scope_display()}已有{zhdate(former.valid_from)}起的限价"
                f"{quantity(former.yuan_per_month)}元/月，新的要从更晚的一天起。金额写错的请用“更正”。",
                "valid_from",
            )
        if former.valid_to is None or former.valid_to > valid_from:
            former.valid_to = valid_from
            with because(f"自{zhdate(valid_from)}起执行新的限价"):
                former.save(update_fields=["valid_to"])
    ceiling = FeeCeiling(
        region=county,
        scope=scope,
        yuan_per_month=yuan_per_month,
        document=document,
        valid_from=valid_from,
    )
    try:
        with transaction.atomic(), because("登记最高限价"):
            ceiling.save()
    except IntegrityError:
        raise FeeRefused("别人刚刚登记了同一类的限价。请返回看过现在的限价再办。") from None
    return ceiling


@transaction.atomic
def correct_ceiling(
    *, ceiling_id: int, values: Mapping[str, Any], reason: str, seen: str, by: User, today: dt.date
) -> FeeCeiling:
    """Put right what was typed wrongly (CORRECTED); history keeps what stood.

    `seen` is the stamp of CORRECTED the person started from. Raises FeeRefused where it is stale,
    and for days that are out of order or another ceiling's.
    """
    ceiling = _own(ceiling_id, by)
    if seen != stamp_of(ceiling, CORRECTED):
        raise FeeRefused(CHANGED_SINCE)
    for name in CORRECTED:
        setattr(ceiling, name, values[name])
    _check_days(ceiling.valid_from, ceiling.valid_to, today)
    try:
        with transaction.atomic(), because(reason):
            ceiling.save(update_fields=[*CORRECTED])
    except IntegrityError:
        raise FeeRefused(
            "同一类的另一条限价在这些天里有效，同一天只能有一条。请先改那一条的日期。", "valid_from"
        ) from None
    return ceiling


@transaction.atomic
def end_ceiling(*, ceiling_id: int, on: dt.date, reason: str, by: User) -> FeeCeiling:
    """From `on` the county's ceiling holds no longer; those of the places above do. FeeRefused."""
    ceiling = _own(ceiling_id, by)
    problem = ending_problem(on=on, valid_from=ceiling.valid_from, valid_to=ceiling.valid_to)
    if problem:
        raise FeeRefused(problem, "on")
    ceiling.valid_to = on
    with because(reason):
        ceiling.save(update_fields=["valid_to"])
    return ceiling


def _own(ceiling_id: int, by: User) -> FeeCeiling:
    county = own_county(by)
    rows = FeeCeiling.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(pk=ceiling_id, region=county)


def _check_days(since: dt.date, until: dt.date | None, today: dt.date) -> None:
    if since > today + AHEAD:
        raise FeeRefused("起始日期太远，请核对年份；最多提前两年登记。", "valid_from")
    if until is not None and until <= since:
        raise FeeRefused("截止日期要晚于起始日期；这一天起不再执行。", "valid_to")
