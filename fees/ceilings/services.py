"""What the bureau does with its own place's ceilings: set one, correct it, let it end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction

from accounts.formatting import quantity, zhdate
from accounts.history.context import because
from accounts.models import User
from fees.models import FeeCeiling
from fees.rules import ending_problem
from fees.services import FeeRefused
from kindergartens.premises.policies import own_county
from kindergartens.stamps import CHANGED_SINCE, stamp_of

# What may be put right in place; days are moved by setting and ending.
CORRECTED = ("yuan_per_month", "document")


@transaction.atomic
def set_ceiling(
    *,
    scope: str,
    yuan_per_month: Decimal,
    document: str,
    valid_from: dt.date,
    by: User,
) -> FeeCeiling:
    """The most a class of the own county's kindergartens may charge from a day; the former ends there.

    Raises FeeRefused where one of that class begins on that day or later; PermissionDenied for
    whoever keeps no county's registry.
    """
    county = own_county(by)
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
    *,
    ceiling_id: int,
    yuan_per_month: Decimal,
    document: str,
    reason: str,
    seen: str,
    by: User,
) -> FeeCeiling:
    """Put an amount or a document right that was typed wrongly; history keeps what stood.

    `seen` is the stamp of CORRECTED the person started from. Raises FeeRefused where it is stale.
    """
    ceiling = _own(ceiling_id, by)
    if seen != stamp_of(ceiling, CORRECTED):
        raise FeeRefused(CHANGED_SINCE)
    ceiling.yuan_per_month, ceiling.document = yuan_per_month, document
    with because(reason):
        ceiling.save(update_fields=[*CORRECTED])
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
