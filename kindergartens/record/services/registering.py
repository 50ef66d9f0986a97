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
from django.db.models import Q
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
from kindergartens.record.services.editing import hold_registries

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
    # The host's code, where the record does not hold the host itself: one of the county's books,
    # or registered further up in the same list.
    host_code: str = ""


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
    hold_registries([county.pk])
    records = [_complete(one.record) for one in registrations]
    hosts_inside = _check(registrations, records, county, timezone.localdate(now))
    with because(reason):
        try:
            with transaction.atomic():
                keys = _write(registrations, records, post, hosts_inside)
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
) -> dict[int, int]:
    """Which of them, by number, belong to an earlier one of the list.

    Raises NeedsMending with the number of the first that cannot be registered.
    """
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
    hosts, by_code = _hosts(registrations, records, county)
    inside: dict[int, int] = {}
    earlier: dict[str, int] = {}
    for number, (one, record) in enumerate(zip(registrations, records, strict=True)):
        found = there.refusals(record, ownership=str(one.status.get("ownership", "")))
        name: str | None
        name, kind = hosts.get(record["host_id"], (None, ""))
        if one.host_code in earlier:
            inside[number] = earlier[one.host_code]
            above = records[inside[number]]
            name, kind = above["name"], above["institution_type"]
        elif one.host_code in by_code:
            record["host_id"], name, kind = by_code[one.host_code]
        found += books.check_host(
            is_site=record["institution_type"] in SITES, host=name, host_is_site=kind in SITES
        )
        if found:
            refusal = NeedsMending(found)
            refusal.number = number
            raise refusal
        there.enter(record, place=one.town.name)
        earlier[record["code"]] = number
        for column in _idle(there, record, one):
            record[column] = ""
    return inside


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


def _hosts(
    registrations: Sequence[Registration], records: Sequence[dict[str, Any]], county: Region
) -> tuple[dict[int | None, tuple[str | None, str]], dict[str, tuple[int, str, str]]]:
    """Name and type of those that are named as hosts: by key, and with the key by code."""
    keys = {record["host_id"] for record in records} - {None}
    codes = {one.host_code for one in registrations} - {""}
    if not keys | codes:
        return {}, {}
    rows = Kindergarten.objects.unscoped("named as hosts by whoever registers")
    found = rows.filter(
        Q(selectors.are_keys("id", keys))
        | Q(selectors.are_texts("code", codes), organisation__region__county=county)
    ).values_list("pk", "code", "name", "institution_type")
    return (
        {key: (name, kind) for key, _, name, kind in found},
        {code: (key, name, kind) for key, code, name, kind in found},
    )


def _write(
    registrations: Sequence[Registration],
    records: Sequence[dict[str, Any]],
    post: Membership,
    hosts_inside: Mapping[int, int],
) -> list[int]:
    count = len(registrations)
    organisations, keys = new_keys(Organisation, count), new_keys(Kindergarten, count)
    for number, host in hosts_inside.items():
        records[number]["host_id"] = keys[host]
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
