"""Registering kindergartens, many at once: organisation, record and first status of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access.permissions import Permission
from accounts.access.scope import home_region
from accounts.exchange.bulk import insert_many, new_keys
from accounts.models import Organisation, User
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.search_text import search_text
from kindergartens.recompute import ask_for_figures
from kindergartens.registering.selectors import first_open_month


@dataclass(frozen=True)
class Registration:
    """One kindergarten to register. `record` and `status` are fields by their attname.

    `status` names everything a figure depends on; `valid_from` is the day it holds from.
    """

    name: str
    town_id: int
    valid_from: dt.date
    record: dict[str, Any]
    status: dict[str, Any]


@transaction.atomic
def register_kindergartens(
    registrations: Sequence[Registration], *, reason: str, by: User, now: dt.datetime
) -> int:
    """Register new kindergartens of the person's county; returns how many. All of them or none.

    Every registration names the same fields. The caller has checked codes, names and towns; should
    another have taken a code meanwhile, the database refuses with IntegrityError. The open months
    from the first day on are computed again: more kindergartens owe a return.
    """
    if not registrations:
        return 0
    home = home_region(by)
    if home is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("只有区县教育局可以登记幼儿园。")
    count = len(registrations)
    organisations = new_keys(Organisation, count)
    insert_many(
        Organisation,
        ["id", "name", "kind", "region_id"],
        (
            (key, row.name, Organisation.Kind.KINDERGARTEN.value, row.town_id)
            for key, row in zip(organisations, registrations, strict=True)
        ),
    )
    kindergartens = new_keys(Kindergarten, count)
    record = list(registrations[0].record)
    insert_many(
        Kindergarten,
        ["id", "organisation_id", "name", "search_text", *record],
        (
            (key, organisation, row.name, _found_by(row), *(row.record[name] for name in record))
            for key, organisation, row in zip(
                kindergartens, organisations, registrations, strict=True
            )
        ),
    )
    status = list(registrations[0].status)
    insert_many(
        KindergartenStatus,
        ["kindergarten_id", "town_id", "valid_from", "reason", *status],
        (
            (key, row.town_id, row.valid_from, reason, *(row.status[name] for name in status))
            for key, row in zip(kindergartens, registrations, strict=True)
        ),
    )
    county = home.county or home
    first = min(row.valid_from for row in registrations)
    month = first_open_month(county, day=first, now=now)
    if month is not None:
        ask_for_figures(county=month.county, month=month.month, now=now)
    return count


def _found_by(row: Registration) -> str:
    return search_text([row.name], [row.record["code"], row.record.get("uscc") or ""])


@transaction.atomic
def correct_record(*, kindergarten: Kindergarten, values: dict[str, Any], by: User) -> None:
    """Put right what the registry says of a kindergarten and no figure depends on."""
    locked = (
        Kindergarten.objects.visible_to(by).select_for_update(of=("self",)).get(pk=kindergarten.pk)
    )
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(values))
