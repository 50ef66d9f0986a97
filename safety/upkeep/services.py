"""Recording what was held, insured or licensed, and taking back what was recorded by mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access.permissions import Permission
from accounts.history.context import because
from accounts.models import Membership, User
from kindergartens.models import Kindergarten
from kindergartens.policies import NotAllowedNow
from safety.upkeep.kinds import SAME, Kind


class UpkeepRefused(NotAllowedNow):
    """Not done, with the reason; `field` is the form's field it is about, "" of the whole."""


def _post(by: User, kindergarten_id: int) -> Membership:
    if by.acting is None or not by.can(Permission.KEEP_SAFETY):
        raise PermissionDenied("您现在的岗位没有这项权限。")
    if not Kindergarten.objects.visible_to(by).filter(pk=kindergarten_id).exists():
        raise PermissionDenied("这所幼儿园不在您的工作范围内。")
    return by.acting


@transaction.atomic
def record(
    *, kind: Kind, kindergarten: Kindergarten, values: Mapping[str, Any], by: User, now: dt.datetime
) -> Any:
    """A row of a kind. Raises UpkeepRefused for one that is there already."""
    post = _post(by, kindergarten.pk)
    try:
        with transaction.atomic(), because(f"登记{kind.label}"):
            return kind.model.objects.create(
                kindergarten=kindergarten, entered_as=post, entered_at=now, **values
            )
    except IntegrityError:
        field, text = SAME[kind.code]
        raise UpkeepRefused(text, field) from None


@transaction.atomic
def withdraw(*, kind: Kind, pk: int, reason: str, by: User, now: dt.datetime) -> Any:
    """It counts no longer and stays to be read. Raises UpkeepRefused when it is withdrawn already."""
    rows = kind.model.objects.visible_to(by).select_for_update(of=("self",), no_key=True)
    row = rows.get(pk=pk)
    _post(by, row.kindergarten_id)
    if row.withdrawn_at is not None:
        raise UpkeepRefused("这一条已经撤销，不用再办。")
    row.withdrawn_at, row.withdrawn_reason = now, reason
    with because(reason):
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row
