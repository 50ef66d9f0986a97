"""Putting a kindergarten on the books: its organisation, its record and its first status at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Organisation, Region, StoredFile, User
from kindergartens.changes.services import change_status
from kindergartens.models import Kindergarten
from kindergartens.record import policies, selectors
from kindergartens.record.catalogue import REASON_OF
from kindergartens.record.policies import NeedsMending, Refused
from kindergartens.record.services.editing import (
    check_host,
    check_name,
    hold_names_of,
    taken,
)


@transaction.atomic
def register_kindergarten(
    *,
    town: Region,
    values: Mapping[str, Any],
    status: Mapping[str, Any],
    valid_from: dt.date,
    reason: str,
    document_number: str = "",
    document: StoredFile | None = None,
    by: User,
    now: dt.datetime,
) -> Kindergarten:
    """Register a kindergarten of the person's county, with its organisation and first status.

    `values` are fields of the record (name, code and opened_on among them), `status` those of the
    dated status but for the town. Raises NeedsMending for a code, credit code or name that is
    there already (the finding names who has it), for what the rules refuse or want a reason for;
    changes.policies.ChangeRefused for a status the law or a locked month forbids; PermissionDenied.
    """
    county = _county_of(town, by)
    hold_names_of(county)
    kindergarten = Kindergarten(**values)
    kindergarten.name = kindergarten.name.strip()
    place = Organisation(
        name=kindergarten.name,
        kind=Organisation.Kind.KINDERGARTEN,
        region=town,
        parent=by.acting.organisation if by.acting else None,
    )
    # Not saved yet: the checks look at the region it will lie in.
    kindergarten.organisation = place
    there = selectors.duplicates(
        county=county,
        name=kindergarten.name,
        code=kindergarten.code,
        uscc=kindergarten.uscc or "",
    )
    if there:
        raise NeedsMending([taken(field, other) for field, other in there])
    ownership = str(status.get("ownership", ""))
    today = timezone.localdate(now)
    check_name(kindergarten, ownership=ownership, used_from=kindergarten.opened_on, today=today)
    findings = selectors.record_findings(
        kindergarten,
        ownership=ownership,
        day=today,
        name_since=kindergarten.opened_on,
        fields={"code", "uscc", "latitude", "landline", "licence_until", "arrival"},
    )
    policies.check_findings(
        findings, {field: getattr(kindergarten, column) for field, column in REASON_OF.items()}
    )
    check_host(kindergarten)
    with because(reason):
        try:
            with transaction.atomic():
                place.save()
                kindergarten.organisation = place
                kindergarten.save()
        except IntegrityError:
            # Somebody was quicker; the one that is there is found on the next look.
            raise Refused(
                "刚有人登记了相同的园名或代码，这一所没有登记。请在名册里查一下再办。"
            ) from None
        change_status(
            kindergarten=kindergarten,
            valid_from=valid_from,
            values={"town": town, **status},
            reason=reason,
            document=document,
            document_number=document_number,
            by=by,
            now=now,
        )
    return kindergarten


def _county_of(town: Region, by: User) -> Region:
    """The county the town lies in. Raises PermissionDenied and Refused."""
    acting = by.acting
    if acting is None or not by.can(Permission.MANAGE_REGISTRY):
        raise PermissionDenied("您现在的岗位不能登记幼儿园。")
    if town.level != Region.Level.TOWN or not town.is_active or town.county is None:
        raise Refused("请选择在用的乡镇街道。")
    if not acting.organisation.region.contains(town):
        raise Refused(f"{town.name}不在{acting.organisation.region.name}，由那里的教育局登记。")
    return town.county
