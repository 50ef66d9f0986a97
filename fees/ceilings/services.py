"""What the bureau does with its own place's ceilings: set one, correct it, let it end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from accounts.models import User
from fees.catalogue.rules import ceiling_problem
from fees.models import FeeCeiling
from kindergartens.dated.services import Kind, correct_row, end_row, set_row

# What may be put right in place where it was typed wrongly.
CORRECTED = ("yuan_per_month", "valid_from", "valid_to", "document")


def _begins_problem(row: FeeCeiling) -> str:
    return ceiling_problem(scope=row.scope, valid_from=row.valid_from)


CEILING = Kind("限价", FeeCeiling, ("scope",), CORRECTED, _begins_problem)


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

    Raises RowRefused where one of that class begins on that day or later; PermissionDenied for
    whoever keeps no county's registry.
    """
    values = {
        "scope": scope,
        "yuan_per_month": yuan_per_month,
        "document": document,
        "valid_from": valid_from,
    }
    return cast(FeeCeiling, set_row(kind=CEILING, values=values, by=by, today=today))


def correct_ceiling(
    *, ceiling_id: int, values: Mapping[str, Any], reason: str, seen: str, by: User, today: dt.date
) -> FeeCeiling:
    """Put right what was typed wrongly (CORRECTED); history keeps what stood.

    `seen` is the stamp of CORRECTED the person started from. Raises RowRefused where it is stale,
    and for days that are out of order or another ceiling's.
    """
    row = correct_row(
        kind=CEILING, pk=ceiling_id, values=values, reason=reason, seen=seen, by=by, today=today
    )
    return cast(FeeCeiling, row)


def end_ceiling(*, ceiling_id: int, on: dt.date, reason: str, by: User) -> FeeCeiling:
    """From `on` the county's ceiling holds no longer; those of the places above do. RowRefused."""
    row = end_row(kind=CEILING, pk=ceiling_id, on=on, reason=reason, by=by)
    return cast(FeeCeiling, row)
