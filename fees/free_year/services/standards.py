"""What the bureau does with its own place's standards: set one, correct it, let it end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.formatting import quantity, zhdate
from accounts.history.context import because
from accounts.models import User
from fees.models import FreeYearStandard
from fees.services import FeeRefused
from kindergartens.dated.rules import ending_problem
from kindergartens.premises.policies import own_county
from kindergartens.stamps import CHANGED_SINCE, stamp_of

# What may be put right in place where it was typed wrongly.
CORRECTED = (
    "yuan_per_month",
    "document",
    "months_rule",
    "months_document",
    "valid_from",
    "valid_to",
)
# So far ahead a document may set a day.
AHEAD = dt.timedelta(days=730)


@transaction.atomic
def set_standard(
    *,
    hours: str,
    yuan_per_month: Decimal,
    document: str,
    months_rule: str,
    months_document: str,
    valid_from: dt.date,
    by: User,
    today: dt.date,
) -> FreeYearStandard:
    """What the own county's public kindergartens charge from a day; the former row ends there.

    Raises FeeRefused where one of these hours begins on that day or later; PermissionDenied for
    whoever keeps no county's registry.
    """
    county = own_county(by)
    _check_days(valid_from, None, today)
    of_hours = FreeYearStandard.objects.filter(region=county, hours=hours)
    for former in of_hours.select_for_update(no_key=True).order_by("pk"):
        if former.valid_from >= valid_from:
            raise FeeRefused(
                f"已有{zhdate(former.valid_from)}起的标准{quantity(former.yuan_per_month)}元/月，"
                "新的要从更晚的一天起。金额写错的请用“更正”。",
                "valid_from",
            )
        if former.valid_to is None or former.valid_to > valid_from:
            former.valid_to = valid_from
            with because(f"自{zhdate(valid_from)}起执行新的标准"):
                former.save(update_fields=["valid_to"])
    standard = FreeYearStandard(
        region=county,
        hours=hours,
        yuan_per_month=yuan_per_month,
        document=document,
        months_rule=months_rule,
        months_document=months_document,
        valid_from=valid_from,
    )
    try:
        with transaction.atomic(), because("登记免保教费标准"):
            standard.save()
    except IntegrityError:
        raise FeeRefused("别人刚刚登记了同样的标准。请返回看过现在的标准再办。") from None
    return standard


@transaction.atomic
def correct_standard(
    *, standard_id: int, values: Mapping[str, Any], reason: str, seen: str, by: User, today: dt.date
) -> FreeYearStandard:
    """Put right what was typed wrongly (CORRECTED); history keeps what stood.

    `seen` is the stamp of CORRECTED the person started from. Raises FeeRefused where it is stale,
    and for days that are out of order or another row's.
    """
    standard = _own(standard_id, by)
    if seen != stamp_of(standard, CORRECTED):
        raise FeeRefused(CHANGED_SINCE)
    for name in CORRECTED:
        setattr(standard, name, values[name])
    _check_days(standard.valid_from, standard.valid_to, today)
    try:
        with transaction.atomic(), because(reason):
            standard.save(update_fields=[*CORRECTED])
    except IntegrityError:
        raise FeeRefused(
            "另一条标准在这些天里有效，同一天只能有一条。请先改那一条的日期。", "valid_from"
        ) from None
    return standard


@transaction.atomic
def end_standard(*, standard_id: int, on: dt.date, reason: str, by: User) -> FreeYearStandard:
    """From `on` the county's row holds no longer; those of the places above do. FeeRefused."""
    standard = _own(standard_id, by)
    problem = ending_problem(on=on, valid_from=standard.valid_from, valid_to=standard.valid_to)
    if problem:
        raise FeeRefused(problem, "on")
    standard.valid_to = on
    with because(reason):
        standard.save(update_fields=["valid_to"])
    return standard


def _own(standard_id: int, by: User) -> FreeYearStandard:
    county = own_county(by)
    rows = FreeYearStandard.objects.select_for_update(no_key=True, of=("self",))
    return rows.get(pk=standard_id, region=county)


def _check_days(since: dt.date, until: dt.date | None, today: dt.date) -> None:
    if since > today + AHEAD:
        raise FeeRefused("起始日期太远，请核对年份；最多提前两年登记。", "valid_from")
    if until is not None and until <= since:
        raise FeeRefused("截止日期要晚于起始日期；这一天起不再执行。", "valid_to")
