"""All that stands against a registration as it is typed, at its field, in one look. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from accounts.models import Region, User
from kindergartens.changes import policies, rules
from kindergartens.changes.beginning import first_values
from kindergartens.changes.policies import ChangeRefused, Step
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.record import books, selectors
from kindergartens.record.catalogue import SITES
from kindergartens.record.rules import Finding, Severity


def registration_problems(
    *,
    town: Region | None,
    valid_from: dt.date | None,
    record: Mapping[str, Any],
    status: Mapping[str, Any],
    by: User,
    now: dt.datetime,
) -> list[Finding]:
    """What registering would refuse, asked of whatever can be read so far.

    `record` and `status` hold the fields that were readable, `town` and `valid_from` are None where
    they were not; what needs a field that is missing is not asked. Registering asks all of it again.
    """
    home = by.acting.organisation.region if by.acting is not None else None
    place = town or home
    county = (place.county or place) if place is not None else None
    if county is None or county.level < Region.Level.COUNTY:
        return []
    today = timezone.localdate(now)
    ownership = str(status.get("ownership", ""))
    there = selectors.books_of(
        county,
        today,
        codes=[record["code"]] if record.get("code") else [],
        credit_codes=[record["uscc"]] if record.get("uscc") else [],
        with_schools=ownership != KindergartenStatus.Ownership.PUBLIC,
        with_area=record.get("latitude") is not None,
    )
    return [
        *there.refusals(record, ownership=ownership),
        *_host_problems(record),
        *_first_day_problems(valid_from, record.get("opened_on"), county, today, now),
        *_status_problems(town, valid_from, record, status),
    ]


def _host_problems(record: Mapping[str, Any]) -> list[Finding]:
    host: Kindergarten | None = record.get("host")
    if "institution_type" not in record or "host" not in record:
        return []
    return books.check_host(
        is_site=record["institution_type"] in SITES,
        host=host.name if host is not None else None,
        host_is_site=host is not None and host.institution_type in SITES,
    )


def _first_day_problems(
    valid_from: dt.date | None,
    opened_on: dt.date | None,
    county: Region,
    today: dt.date,
    now: dt.datetime,
) -> Iterable[Finding]:
    faults = rules.first_day_faults(opened_on, valid_from, today=today)
    for name, text in faults:
        yield Finding(name, Severity.STOP, text)
    if valid_from is None or any(name == "valid_from" for name, _ in faults):
        return
    months = policies.months_from(valid_from, [county])
    try:
        if opened_on is not None:
            policies.check_opened(Step(opened_on, valid_from, None, {}))
        policies.check_not_locked(valid_from, policies.last_locked(months, now=now))
    except ChangeRefused as refusal:
        yield Finding("valid_from", Severity.STOP, str(refusal))


def _status_problems(
    town: Region | None,
    valid_from: dt.date | None,
    record: Mapping[str, Any],
    status: Mapping[str, Any],
) -> Iterable[Finding]:
    said = {"town": town, **status}
    if valid_from is None or any(not said.get(name) for name in rules.NEEDED_AT_FIRST):
        return
    assert town is not None  # noqa: S101 - it is among what is needed
    first = first_values(
        town,
        status,
        institution_type=record.get("institution_type", rules.InstitutionType.INDEPENDENT),
        valid_from=valid_from,
    )
    for name, text in rules.law_problems(None, first):
        yield Finding(name, Severity.STOP, text)
