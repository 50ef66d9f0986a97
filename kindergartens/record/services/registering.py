"""Putting kindergartens on the books: organisation, record and first status of each, or nothing.

The one way in, for the page (a list of one) and for tables (thousands): the same rules, a constant
number of queries, one statement for each table that is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.exchange.bulk import insert_many, new_keys
from accounts.history.context import because
from accounts.models import Membership, Organisation, Region, User
from kindergartens.changes.beginning import Beginning, begin_statuses
from kindergartens.models import Kindergarten, KindergartenStatus
from kindergartens.models.record import RecordFields
from kindergartens.models.search_text import search_text
from kindergartens.record import books, selectors
from kindergartens.record.catalogue import SITES
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.services.editing import hold_names_of

ALL_THERE = frozenset(books.CHECKED)


@dataclass(frozen=True)
class Registration:
    """One kindergarten to register.

    `record` are fields of the record, `name`, `code` and `opened_on` among them; `status` those of
    the dated status but for the town, which holds from `valid_from`. `reason` is why, where it is
    another than that of all; `document_number` is the paper it is registered on.
    """

    town: Region
    valid_from: dt.date
    record: Mapping[str, Any]
    status: Mapping[str, Any]
    document_number: str
    reason: str = ""


def register_kindergarten(
    *,
    town: Region,
    values: Mapping[str, Any],
    status: Mapping[str, Any],
    valid_from: dt.date,
    reason: str,
    document_number: str,
    by: User,
    now: dt.datetime,
) -> Kindergarten:
    """Register one kindergarten; raises as register_kindergartens does."""
    one = Registration(town, valid_from, values, status, document_number)
    (key,) = register_kindergartens([one], reason=reason, by=by, now=now)
    return Kindergarten.objects.unscoped("registered just now by the person").get(pk=key)


@transaction.atomic
def register_kindergartens(
    registrations: Sequence[Registration], *, reason: str, by: User, now: dt.datetime
) -> list[int]:
    """Register kindergartens of the person's county; returns their keys. All of them or none.

    Raises NeedsMending for a code, credit code or name that is there already (the finding names
    who has it), for what the rules refuse or want a reason for; changes.policies.ChangeRefused for
    a status the law or a locked month forbids; Refused for a town that is none; each with the
    number of the one it is about. PermissionDenied for whoever keeps no registry.
    """
    if not registrations:
        return []
    county, post = _county_of(registrations, by)
    hold_names_of(county)
    records = [_complete(one.record) for one in registrations]
    _check(registrations, records, county, timezone.localdate(now))
    with because(reason):
        try:
            with transaction.atomic():
                keys = _write(registrations, records, post)
        except IntegrityError:
            # Somebody was quicker; the one that is there is found on the next look.
            raise Refused(
                "刚有人登记了相同的园名或代码，这次没有登记。请在名册里查一下再办。"
            ) from None
        begin_statuses(
            [
                Beginning(
                    kindergarten=key,
                    institution_type=record["institution_type"],
                    opened_on=record["opened_on"],
                    town=one.town,
                    valid_from=one.valid_from,
                    values=one.status,
                    reason=one.reason or reason,
                    document_number=one.document_number,
                )
                for key, one, record in zip(keys, registrations, records, strict=True)
            ],
            county=county,
            post=post,
            now=now,
        )
    return keys


def _county_of(registrations: Sequence[Registration], by: User) -> tuple[Region, Membership]:
    """The county all of them lie in. Raises PermissionDenied and Refused."""
    post = by.acting
    if post is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("您现在的岗位不能登记幼儿园。")
    home = post.organisation.region
    county: Region | None = None
    checked: set[int] = set()
    for number, one in enumerate(registrations):
        town = one.town
        if town.pk in checked:
            continue
        text = ""
        if town.level != Region.Level.TOWN or not town.is_active or town.county is None:
            text = "请选择在用的乡镇街道。"
        elif not home.contains(town):
            text = f"{town.name}不在{home.name}，由那里的教育局登记。"
        elif county is not None and town.county_id != county.pk:
            text = f"{town.name}不在{county.name}。一次只登记一个区县的幼儿园。"
        if text:
            refusal = Refused(text)
            refusal.number = number
            raise refusal
        county = town.county
        checked.add(town.pk)
    assert county is not None  # noqa: S101 - there is at least one registration
    return county, post


def _defaults() -> dict[str, Any]:
    names = {field.name for field in RecordFields._meta.fields}
    fields = Kindergarten._meta.concrete_fields
    return {field.attname: field.get_default() for field in fields if field.name in names}


def _complete(record: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of the record: foreign keys as keys, no number as none, the rest by default."""
    given = {
        f"{name}_id" if name in {"host", "inspector"} else name: (
            value.pk if isinstance(value, models.Model) else value
        )
        for name, value in record.items()
    }
    given["name"] = given["name"].strip()
    given["uscc"] = given.get("uscc") or None
    return {**DEFAULTS, **given}


def _check(
    registrations: Sequence[Registration],
    records: Sequence[dict[str, Any]],
    county: Region,
    day: dt.date,
) -> None:
    """Raises NeedsMending with the number of the first that cannot be registered."""
    public = KindergartenStatus.Ownership.PUBLIC
    there = selectors.books_of(
        county,
        day,
        codes=[record["code"] for record in records],
        credit_codes=[record["uscc"] for record in records if record["uscc"]],
        with_schools=any(one.status.get("ownership") != public for one in registrations),
        with_area=any(record["latitude"] is not None for record in records),
        public=[
            record["name"]
            for one, record in zip(registrations, records, strict=True)
            if one.status.get("ownership") == public
        ],
    )
    hosts = _hosts(records)
    for number, (one, record) in enumerate(zip(registrations, records, strict=True)):
        found = there.refusals(record, ownership=str(one.status.get("ownership", "")))
        if record["host_id"] is not None:
            name, kind = hosts.get(record["host_id"], ("", ""))
            found += books.check_host(
                is_site=record["institution_type"] in SITES, host=name, host_is_site=kind in SITES
            )
        if found:
            refusal = NeedsMending(found)
            refusal.number = number
            raise refusal
        there.enter(record, place=one.town.name)
        for column in _idle(there, record, one):
            record[column] = ""


def _idle(there: books.Books, record: dict[str, Any], one: Registration) -> list[str]:
    """Reasons that were given although nothing asks for them."""
    if not any(record[column] for column in books.REASON_OF.values()):
        return []
    found = books.findings(
        record,
        there.around,
        ownership=str(one.status.get("ownership", "")),
        name_since=record["opened_on"],
    )
    return books.idle_reasons(found, ALL_THERE, record)


def _hosts(records: Sequence[dict[str, Any]]) -> dict[int, tuple[str, str]]:
    keys = {record["host_id"] for record in records} - {None}
    if not keys:
        return {}
    rows = Kindergarten.objects.unscoped("named as hosts by whoever registers")
    return {
        key: (name, kind)
        for key, name, kind in rows.filter(pk__in=keys).values_list(
            "pk", "name", "institution_type"
        )
    }


def _write(
    registrations: Sequence[Registration], records: Sequence[dict[str, Any]], post: Membership
) -> list[int]:
    count = len(registrations)
    organisations, keys = new_keys(Organisation, count), new_keys(Kindergarten, count)
    insert_many(
        Organisation,
        ["id", "name", "kind", "region_id", "parent_id"],
        (
            (
                place,
                record["name"],
                Organisation.Kind.KINDERGARTEN.value,
                one.town.pk,
                post.organisation_id,
            )
            for place, one, record in zip(organisations, registrations, records, strict=True)
        ),
    )
    # Columns that nobody fills in are left to their default.
    used = sorted(
        {
            name
            for record in records
            for name, value in record.items()
            if name not in DEFAULTS or value != DEFAULTS[name]
        }
    )
    insert_many(
        Kindergarten,
        ["id", "organisation_id", "search_text", *used],
        (
            (
                key,
                place,
                search_text([record["name"]], [record["code"], record["uscc"] or ""]),
                *(record[name] for name in used),
            )
            for key, place, record in zip(keys, organisations, records, strict=True)
        ),
    )
    return keys


DEFAULTS = _defaults()
