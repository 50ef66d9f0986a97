"""What a county sets by a document, as dated rows: set one, correct it, let it end.

A new row ends the former of its kind on its first day; none is written over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.access.posts import own_county
from accounts.formatting import zhdate
from accounts.history.context import because
from accounts.models import User
from kindergartens.dated.rules import ending_problem
from kindergartens.policies import NotAllowedNow
from kindergartens.stamps import CHANGED_SINCE, stamp_of

# So far ahead a document may set a day.
AHEAD = dt.timedelta(days=730)


class RowRefused(NotAllowedNow):
    """It cannot be done; `field` is where, the text says why and what to do."""


@dataclass(frozen=True)
class Kind:
    """What one kind of row is: of `model`, with region, valid_from and valid_to.

    `same`: of what one row is in force a day; `corrected`: what may be put right in place;
    `begins_problem`: why a row of this kind cannot begin on its day, empty when it can; `problem`:
    the field and why such a row cannot be at all.
    """

    label: str
    model: type[Any]
    same: tuple[str, ...]
    corrected: tuple[str, ...]
    begins_problem: Callable[[Any], str] = lambda row: ""
    problem: Callable[[Any], tuple[str, str]] = lambda row: ("", "")


@transaction.atomic
def set_row(
    *, kind: Kind, values: Mapping[str, Any], by: User, today: dt.date, reason: str = ""
) -> Any:
    """A row of the own county from a day on; the former of its kind ends there.

    Raises RowRefused where one begins on that day or later; PermissionDenied for whoever keeps no
    county's registry.
    """
    county, begins = own_county(by), values["valid_from"]
    row = kind.model(region=county, **values)
    _check_days(kind, row, today)
    same = {name: values[name] for name in kind.same}
    rows = kind.model.objects.filter(region=county, **same)
    for former in rows.select_for_update(no_key=True).order_by("pk"):
        if former.valid_from is not None and former.valid_from >= begins:
            raise RowRefused(
                f"已有{zhdate(former.valid_from)}起的{kind.label}，新的要从更晚的一天起；"
                "登记错的请用“更正”。",
                "valid_from",
            )
        if former.valid_to is None or former.valid_to > begins:
            former.valid_to = begins
            with because(f"自{zhdate(begins)}起执行新的{kind.label}"):
                former.save(update_fields=["valid_to"])
    try:
        with transaction.atomic(), because(reason or f"登记{kind.label}"):
            row.save()
    except IntegrityError:
        raise RowRefused(f"别人刚刚登记了{kind.label}，请返回看过现在的再办。") from None
    return row


@transaction.atomic
def correct_row(
    *, kind: Kind, pk: int, values: Mapping[str, Any], reason: str, seen: str | None, by: User,
    today: dt.date,
) -> Any:  # fmt: skip
    """Put right what was typed wrongly; history keeps what stood.

    `seen` is the stamp of `kind.corrected` the person began with, None where the values were made
    from the row just now. RowRefused where it is stale.
    """
    row = _own(kind, pk, by)
    if seen is not None and seen != stamp_of(row, kind.corrected):
        raise RowRefused(CHANGED_SINCE)
    for name in kind.corrected:
        setattr(row, name, values[name])
    _check_days(kind, row, today)
    try:
        with transaction.atomic(), because(reason):
            row.save(update_fields=[*kind.corrected])
    except IntegrityError:
        raise RowRefused(
            f"另一条{kind.label}在这些天里有效，同一天只能有一条。请先改那一条的日期。",
            "valid_from",
        ) from None
    return row


@transaction.atomic
def end_row(*, kind: Kind, pk: int, on: dt.date, reason: str, by: User) -> Any:
    """From `on` it holds no longer. RowRefused."""
    row = _own(kind, pk, by)
    problem = ending_problem(on=on, valid_from=row.valid_from, valid_to=row.valid_to)
    if problem:
        raise RowRefused(problem, "on")
    row.valid_to = on
    with because(reason):
        row.save(update_fields=["valid_to"])
    return row


def _own(kind: Kind, pk: int, by: User) -> Any:
    county = own_county(by)
    row = kind.model.objects.select_for_update(no_key=True).get(pk=pk, region=county)
    return row


def _check_days(kind: Kind, row: Any, today: dt.date) -> None:
    since, until = row.valid_from, row.valid_to
    problem = kind.begins_problem(row)
    if problem:
        raise RowRefused(problem, "valid_from")
    field, problem = kind.problem(row)
    if problem:
        raise RowRefused(problem, field)
    if since > today + AHEAD:
        raise RowRefused("起始日期太远，请核对年份；最多提前两年登记。", "valid_from")
    if until is not None and until <= since:
        raise RowRefused("截止日期要晚于起始日期；这一天起不再执行。", "valid_to")
